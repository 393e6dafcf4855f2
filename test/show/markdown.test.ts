import { describe, expect, it } from 'vitest'
import { pageMarkdown } from '../../src/show/markdown.js'
import type { Block } from '../../src/show/page.js'

const written = (...blocks: ReadonlyArray<Block>): string => {
  const head = '# A page\n\n## Part\n\n'
  const text = pageMarkdown((svg) => `${svg.length}.svg`)({ title: 'A page', sections: [{ title: 'Part', blocks }] })
  expect(text.startsWith(head)).toBe(true)
  return text.slice(head.length)
}

const figure = (title: string, caption?: string) =>
  ({
    kind: 'figure',
    svg: `<svg><title>${title}</title></svg>`,
    ...(caption === undefined ? {} : { caption }),
  }) as const

describe('a page as Markdown', () => {
  it('has title, lead, sections and a footer', () => {
    const page = { title: 'T', lead: 'L', sections: [{ title: 'S', blocks: [] }], footer: 'F' }
    expect(pageMarkdown(() => '')(page)).toBe('# T\n\nL\n\n## S\n\n---\n\nF\n')
  })

  it('keeps code, strong words and links, and escapes all other markup', () => {
    const text = 'a `x * y` is 2 * z of [them](docs/x.md), $5 or $6 <b> a_b # [no] * & ~'
    expect(written({ kind: 'text', text })).toBe(
      'a `x * y` is 2 \\* z of [them](docs/x.md), \\$5 or \\$6 \\<b\\> a\\_b \\# \\[no\\] \\* \\& \\~\n',
    )
    expect(written({ kind: 'text', text: '**b_c**' })).toBe('**b\\_c**\n')
  })

  it('leaves links alone that would run something', () => {
    expect(written({ kind: 'text', text: '[me](javascript:alert(1))' })).toBe('\\[me\\](javascript:alert(1))\n')
  })

  it('does not let a paragraph become a list', () => {
    expect(written({ kind: 'text', text: '1. of them' })).toBe('1\\. of them\n')
    expect(written({ kind: 'text', text: '- not' })).toBe('\\- not\n')
    expect(written({ kind: 'text', text: '-3 is less' })).toBe('\\-3 is less\n')
  })

  it('writes lists, tables with numbers to the right, facts and notes', () => {
    expect(written({ kind: 'list', items: ['a', 'b'] })).toBe('- a\n- b\n')
    const rows = [
      ['`a|b`', 1.5],
      ['c|d', '2 000'],
    ]
    expect(written({ kind: 'table', head: ['what', 'n'], rows, caption: 'Some' })).toBe(
      '*Some*\n\n| what | n |\n| --- | --: |\n| `a\\|b` | 1.5 |\n| c\\|d | 2 000 |\n',
    )
    expect(written({ kind: 'facts', facts: [{ name: 'MSE', value: '43.6' }] })).toBe('| MSE |\n| --- |\n| **43.6** |\n')
    expect(written({ kind: 'note', tone: 'good', text: 'Well.' })).toBe('> Well.\n')
  })

  it('fences code so that it cannot get out', () => {
    expect(written({ kind: 'code', code: 'a\n', language: 'ts' })).toBe('```ts\na\n```\n')
    expect(written({ kind: 'code', code: '```\nb' })).toBe('````\n```\nb\n````\n')
  })

  it('refers to pictures by their addresses, with their titles for those who cannot see them', () => {
    expect(written(figure('A [line]', 'It *rises*.'))).toBe('![A \\[line\\]](34.svg)\n\n*It \\*rises\\*.*\n')
  })

  it('puts pictures side by side into a table, and other parts one below the other', () => {
    expect(written({ kind: 'row', blocks: [figure('A', 'a'), figure('B')] })).toBe(
      '| ![A](27.svg) | ![B](27.svg) |\n| --- | --- |\n| a |  |\n',
    )
    expect(written({ kind: 'row', blocks: [figure('A'), { kind: 'text', text: 'b' }] })).toBe('![A](27.svg)\n\nb\n')
  })

  it('hides what is hidden', () => {
    expect(written({ kind: 'more', summary: 'a < b', blocks: [{ kind: 'text', text: 'c' }] })).toBe(
      '<details>\n\n<summary>a &lt; b</summary>\n\nc\n\n</details>\n',
    )
  })
})
