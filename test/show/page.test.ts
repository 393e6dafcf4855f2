import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Block, pageHtml } from '../../src/show/page.js'

const page = (...blocks: ReadonlyArray<Block>) => pageHtml({ title: 'T', sections: [{ title: 'S', blocks }] })

describe('pageHtml', () => {
  it('escapes text everywhere', () => {
    const evil = '</p><script>alert(1)</script>"\''
    const html = pageHtml({
      title: evil,
      lead: evil,
      footer: evil,
      sections: [
        {
          title: evil,
          blocks: [
            { kind: 'text', text: evil },
            { kind: 'list', items: [evil] },
            { kind: 'code', code: evil },
            { kind: 'table', head: [evil], rows: [[evil]], caption: evil },
            { kind: 'figure', svg: '<svg/>', caption: evil },
            { kind: 'facts', facts: [{ name: evil, value: evil }] },
            { kind: 'note', tone: 'bad', text: evil },
            { kind: 'more', summary: evil, blocks: [{ kind: 'row', blocks: [{ kind: 'text', text: evil }] }] },
          ],
        },
      ],
    })
    expect(html).not.toContain('<script')
    expect(html.match(/&lt;script&gt;/g)?.length).toBe(17)
  })

  it('knows code, strength and links, and only addresses that run nothing', () => {
    const html = page({
      kind: 'text',
      text: '`a < b **c**` **d** [e](https://x.org/?a=1&b=2) [f](#s) [g](../h.html) [i](javascript:alert(1)) [j](data:x)',
    })
    expect(html).toContain('<code>a &lt; b **c**</code> <strong>d</strong> <a href="https://x.org/?a=1&amp;b=2">e</a>')
    expect(html).toContain('<a href="#s">f</a> <a href="../h.html">g</a> [i](javascript:alert(1)) [j](data:x)')
  })

  it('aligns columns of numbers to the right', () => {
    const html = page({
      kind: 'table',
      head: ['name', 'shape', 'value'],
      rows: [
        ['a', '[2]', '1.5e-3'],
        ['b', '[3]', '-'],
      ],
    })
    expect(html).toContain('<th>name</th><th>shape</th><th class="n">value</th>')
  })

  it('lists its sections when there are many, each with an address of its own', () => {
    const html = pageHtml({ title: 'T', sections: ['A b', 'A b', '—', 'C'].map((title) => ({ title, blocks: [] })) })
    for (const id of ['a-b', 'a-b-2', 'section', 'c']) {
      expect(html).toContain(`<h2 id="${id}">`)
      expect(html).toContain(`<a href="#${id}">`)
    }
  })

  it('reaches for nothing outside, and runs one script: the one whose digest its policy has', () => {
    const still = page({ kind: 'figure', svg: '<svg width="900"></svg>' })
    expect(still).toContain("default-src 'none'")
    expect(still).not.toContain('script')
    expect(still).not.toMatch(/(src|href)="http|@import|url\(/)
    expect(still).toContain('class="wide large"')
    const turning = page({ kind: 'figure', svg: '<svg><g data-turn="30"></g></svg>' })
    const script = /<script>([\s\S]*)<\/script>/.exec(turning)?.[1] as string
    expect(turning).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  })
})
