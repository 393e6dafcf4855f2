/**
 * Pages as Markdown, for places that show it: the same `Page` that `pageHtml` makes a document of.
 *
 * Pictures are files of their own, at the addresses that the caller gives them. Text means what it means in `pageHtml`:
 * anything else that Markdown would take for markup is escaped. Parts that Markdown lacks become the nearest that it has:
 * facts and pictures side by side are tables, notes are quotations.
 *
 * @since 0.1.0
 */
import { type Block, isNumeric, leadsToPage, type Page } from './page.js'
import { escaped } from './svg.js'

/** What begins markup inside a line; and the dollar, since some places read mathematics between two of them. */
const literal = (text: string): string => text.replace(/[\\*_[\]<>|$~`#&]/g, '\\$&')

/** A line cannot begin as a list, a number of one, or a rule. */
const unlisted = (line: string): string =>
  line.replace(/^[-+=]|^(\d+)(?=[.)](\s|$))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`))

const inline = (text: string): string =>
  text
    .replace(/\s*\n\s*/g, ' ')
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^()\s]+\))/)
    .map((part, i) => {
      if (i % 2 === 0) return literal(part)
      if (part.startsWith('`')) return part
      if (part.startsWith('**')) return `**${inline(part.slice(2, -2))}**`
      const [, words, address] = /^\[([^\]]+)\]\((.*)\)$/.exec(part) as RegExpExecArray
      return leadsToPage(address) ? `[${literal(words)}](${address})` : literal(part)
    })
    .join('')

const paragraph = (text: string): string => unlisted(inline(text))

/** In a table even code escapes the bar. */
const cell = (text: string | number): string =>
  inline(String(text)).replace(/`[^`]+`/g, (span) => span.replaceAll('|', '\\|'))

const tableOf = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlyArray<boolean> = [],
): string =>
  [head, head.map((_, j) => (right[j] === true ? '--:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

/** A fence longer than any run of backticks inside. */
const fenced = (code: string, language = ''): string => {
  const fence = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${fence}${language}\n${code.replace(/\n$/, '')}\n${fence}`
}

/** What a picture is called by those who made it. */
const titleOf = (svg: string): string => /<title>([^<]*)<\/title>/.exec(svg)?.[1] ?? ''

type Figure = Block & { readonly kind: 'figure' }

const blockMarkdown = (addressOf: (svg: string) => string) => {
  const picture = ({ svg }: Figure): string => `![${titleOf(svg).replace(/[\\[\]|]/g, '\\$&')}](${addressOf(svg)})`
  const caption = (text: string | undefined): ReadonlyArray<string> => (text === undefined ? [] : [`*${inline(text)}*`])
  const print = (block: Block): string => {
    switch (block.kind) {
      case 'text':
        return paragraph(block.text)
      case 'list':
        return block.items.map((item) => `- ${paragraph(item)}`).join('\n')
      case 'code':
        return fenced(block.code, block.language)
      case 'table': {
        const { head, rows } = block
        const right = head.map((_, j) => j > 0 && rows.some((row) => isNumeric(row[j] ?? '')))
        const table = tableOf(
          head.map(cell),
          rows.map((row) => row.map(cell)),
          right,
        )
        return [...caption(block.caption), table].join('\n\n')
      }
      case 'figure':
        return [picture(block), ...caption(block.caption)].join('\n\n')
      case 'facts':
        return tableOf(
          block.facts.map(({ name }) => cell(name)),
          [block.facts.map(({ value }) => `**${cell(value)}**`)],
        )
      case 'note':
        return `> ${inline(block.text)}`
      case 'row': {
        const figures = block.blocks.filter((b): b is Figure => b.kind === 'figure')
        return figures.length < block.blocks.length
          ? block.blocks.map(print).join('\n\n')
          : tableOf(figures.map(picture), [figures.map((b) => cell(b.caption ?? ''))])
      }
      case 'more':
        return [
          '<details>',
          `<summary>${escaped(block.summary)}</summary>`,
          ...block.blocks.map(print),
          '</details>',
        ].join('\n\n')
    }
  }
  return print
}

/**
 * A page as Markdown. `addressOf` says where each picture will be, given the SVG document.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { pageMarkdown } from 'wengert/show'
 *
 * const figure = { kind: 'figure', svg: '<svg><title>A line</title></svg>', caption: 'It rises.' } as const
 * const page = { title: 'Houses', sections: [{ title: 'Loss', blocks: [{ kind: 'text', text: '4 * 3 is `12`.' }, figure] }] } as const
 * assert.strictEqual(
 *   pageMarkdown(() => 'line.svg')(page),
 *   '# Houses\n\n## Loss\n\n4 \\* 3 is `12`.\n\n![A line](line.svg)\n\n*It rises.*\n',
 * )
 * ```
 *
 * @category pages
 * @since 0.1.0
 */
export const pageMarkdown =
  (addressOf: (svg: string) => string): ((page: Page) => string) =>
  ({ title, lead, sections, footer }) =>
    `${[
      `# ${inline(title)}`,
      ...(lead === undefined ? [] : [paragraph(lead)]),
      ...sections.flatMap((section) => [
        `## ${inline(section.title)}`,
        ...section.blocks.map(blockMarkdown(addressOf)),
      ]),
      ...(footer === undefined ? [] : ['---', paragraph(footer)]),
    ].join('\n\n')}\n`
