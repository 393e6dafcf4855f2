/**
 * Pages: one HTML file that needs no network, with text, tables, code and pictures.
 *
 * The page is data, so a program that has numbers and pictures writes a report by naming them. All text is escaped; the
 * little markup that text may have is `` `code` ``, `**strong**` and `[words](address)`. A policy in the page forbids
 * everything from outside and every script but the one that turns surfaces, so pictures of unknown origin are harmless.
 * Pages follow the reader's light or dark mode, fit narrow and wide windows, and print.
 *
 * @since 0.1.0
 */
import { createHash } from 'node:crypto'
import { TURNING } from './surface.js'
import { COLOURS, escaped } from './svg.js'

/**
 * A part of a page.
 *
 * - `text`: a paragraph
 * - `list`: points
 * - `code`: lines as they are; in Markdown coloured as the language, such as `ts`
 * - `table`: the first column is aligned left, numbers right
 * - `figure`: an SVG document and what to see in it
 * - `facts`: a few numbers, large, with what they are
 * - `note`: a paragraph that stands out: good news, bad news or a remark
 * - `row`: parts side by side where there is room
 * - `more`: parts that are hidden until asked for
 *
 * @category model
 * @since 0.1.0
 */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: ReadonlyArray<string> }
  | { readonly kind: 'code'; readonly code: string; readonly language?: string }
  | {
      readonly kind: 'table'
      readonly head: ReadonlyArray<string>
      readonly rows: ReadonlyArray<ReadonlyArray<string | number>>
      readonly caption?: string
    }
  | { readonly kind: 'figure'; readonly svg: string; readonly caption?: string }
  | { readonly kind: 'facts'; readonly facts: ReadonlyArray<{ readonly name: string; readonly value: string }> }
  | { readonly kind: 'note'; readonly tone: 'good' | 'bad' | 'plain'; readonly text: string }
  | { readonly kind: 'row'; readonly blocks: ReadonlyArray<Block> }
  | { readonly kind: 'more'; readonly summary: string; readonly blocks: ReadonlyArray<Block> }

/**
 * @category model
 * @since 0.1.0
 */
export interface Section {
  readonly title: string
  readonly blocks: ReadonlyArray<Block>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Page {
  readonly title: string
  /** a sentence or two below the title */
  readonly lead?: string
  readonly sections: ReadonlyArray<Section>
  /** a line at the end: where the numbers are from */
  readonly footer?: string
}

/**
 * Whether an address leads to a page and runs nothing.
 *
 * @category predicates
 * @since 0.1.0
 */
export const leadsToPage = (address: string): boolean =>
  /^(https?:\/\/|#|\.{0,2}\/|[\w-]+(\/|\.html|\.md))/.test(address)

const inline = (text: string): string =>
  escaped(text)
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith('`') && part.length > 2
        ? `<code>${part.slice(1, -1)}</code>`
        : part
            .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
            .replace(/\[([^\]]+)\]\(([^()\s]+)\)/g, (all, words: string, address: string) =>
              leadsToPage(address) ? `<a href="${address}">${words}</a>` : all,
            ),
    )
    .join('')

/**
 * Whether a cell of a table holds a number, as a number or as text.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isNumeric = (cell: string | number): boolean =>
  typeof cell === 'number' || /^[-+]?[\d.,\s]*\d[\d.,\s]*(e[-+]?\d+)?\s?%?$/i.test(cell)

/** Pictures that would be too small to read in a narrow window: they scroll there. */
const isLarge = (svg: string): boolean => Number(/^<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1]) > 450

const blockHtml = (block: Block): string => {
  switch (block.kind) {
    case 'text':
      return `<p>${inline(block.text)}</p>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${inline(item)}</li>`).join('')}</ul>`
    case 'code':
      return `<pre tabindex="0"><code>${escaped(block.code)}</code></pre>`
    case 'table': {
      const { head, rows, caption } = block
      const right = head.map((_, j) => j > 0 && rows.some((row) => isNumeric(row[j] ?? '')))
      const cell = (tag: string, text: string | number, j: number): string =>
        `<${tag}${right[j] === true ? ' class="n"' : ''}>${inline(String(text))}</${tag}>`
      return [
        '<div class="wide" tabindex="0"><table>',
        caption === undefined ? '' : `<caption>${inline(caption)}</caption>`,
        `<thead><tr>${head.map((text, j) => cell('th', text, j)).join('')}</tr></thead>`,
        `<tbody>${rows.map((row) => `<tr>${row.map((text, j) => cell('td', text, j)).join('')}</tr>`).join('\n')}</tbody>`,
        '</table></div>',
      ].join('')
    }
    case 'figure':
      return `<figure><div class="wide${isLarge(block.svg) ? ' large' : ''}">${block.svg}</div>${block.caption === undefined ? '' : `<figcaption>${inline(block.caption)}</figcaption>`}</figure>`
    case 'facts':
      return `<dl class="facts">${block.facts.map(({ name, value }) => `<div><dt>${inline(name)}</dt><dd>${inline(value)}</dd></div>`).join('')}</dl>`
    case 'note':
      return `<p class="note ${block.tone}">${inline(block.text)}</p>`
    case 'row':
      return `<div class="row">${block.blocks.map((b) => `<div>${blockHtml(b)}</div>`).join('')}</div>`
    case 'more':
      return `<details><summary>${inline(block.summary)}</summary>${block.blocks.map(blockHtml).join('\n')}</details>`
  }
}

const { page, panel, ink, muted, faint, lines } = COLOURS

const STYLE = `
:root{color-scheme:light dark;--page:${page};--panel:${panel};--ink:${ink};--muted:${muted};--faint:${faint};--link:${lines[0]};--good:#1a7f37;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--panel:#161b22;--ink:#e6edf3;--muted:#9198a1;--faint:#30363d;--link:#56b4e9;--good:#4ac26b;--bad:#ff8078}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,sans-serif;overflow-wrap:break-word}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
p,ul,h1,h2,.lead{max-width:44rem}
h1{font-size:1.9rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.3rem;line-height:1.3;margin:3rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--faint)}
.lead{font-size:1.1rem;color:var(--muted);margin:0 0 1.5rem}
a{color:var(--link)}
nav ul{list-style:none;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.92rem}
code{font:.88em ui-monospace,Menlo,Consolas,monospace;background:var(--panel);padding:.1em .3em;border-radius:4px}
pre{background:var(--panel);border:1px solid var(--faint);border-radius:8px;padding:.9rem 1rem;overflow-x:auto;line-height:1.45}
pre code{padding:0;background:none;font-size:.82rem}
.wide{overflow-x:auto}
figure{margin:1.5rem 0}
figure svg{max-width:100%;height:auto;display:block}
.large svg{min-width:28rem}
figcaption,caption{color:var(--muted);font-size:.92rem;text-align:left;padding:.5rem 0;max-width:44rem}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--faint)}
th{font-weight:600;border-bottom:2px solid var(--faint)}
.n{text-align:right;white-space:nowrap}
.facts{display:flex;flex-wrap:wrap;gap:1rem;margin:1.5rem 0}
.facts div{background:var(--panel);border:1px solid var(--faint);border-radius:8px;padding:.7rem 1.1rem;min-width:9rem}
.facts dt{color:var(--muted);font-size:.85rem}
.facts dd{margin:0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums}
.note{border-left:4px solid var(--muted);background:var(--panel);padding:.7rem 1rem;border-radius:0 8px 8px 0}
.note.good{border-color:var(--good)}
.note.bad{border-color:var(--bad)}
.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:0 1.5rem}
.row>div{min-width:0}
details{border:1px solid var(--faint);border-radius:8px;padding:.6rem 1rem;margin:1rem 0}
summary{cursor:pointer;font-weight:600}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--faint);color:var(--muted);font-size:.88rem}
@media print{.large svg{min-width:0}:root{color-scheme:light}main{max-width:none;padding:0}figure,table,.facts div{break-inside:avoid}h2{break-after:avoid}details>*{display:block}nav{display:none}pre{white-space:pre-wrap}}
`

/** A name to link to: letters and digits of a title, and a number where two titles have the same. */
const anchors = (titles: ReadonlyArray<string>): ReadonlyArray<string> => {
  const used = new Map<string, number>()
  return titles.map((title) => {
    const base =
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-|-$/g, '') || 'section'
    const n = used.get(base) ?? 0
    used.set(base, n + 1)
    return n === 0 ? base : `${base}-${n + 1}`
  })
}

/** Sections from which on a page has a table of contents. */
const CONTENTS = 4

/**
 * A page as one HTML document.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { pageHtml } from 'wengert/show'
 *
 * const html = pageHtml({
 *   title: 'A line through houses',
 *   sections: [{ title: 'The loss', blocks: [{ kind: 'text', text: 'It is `43.6` for <every> line.' }] }],
 * })
 * assert(html.startsWith('<!doctype html>') && html.includes('<code>43.6</code> for &lt;every&gt; line.'))
 * ```
 *
 * @category pages
 * @since 0.1.0
 */
export const pageHtml = ({ title, lead, sections, footer }: Page): string => {
  const ids = anchors(sections.map((section) => section.title))
  const body = sections.map(
    (section, i) =>
      `<section><h2 id="${escaped(ids[i])}">${inline(section.title)}</h2>\n${section.blocks.map(blockHtml).join('\n')}</section>`,
  )
  const contents = sections.map((section, i) => `<li><a href="#${escaped(ids[i])}">${inline(section.title)}</a></li>`)
  const turning = body.some((html) => html.includes(' data-turn="'))
  const digest = createHash('sha256').update(TURNING).digest('base64')
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; ${turning ? `script-src 'sha256-${digest}'; ` : ''}base-uri 'none'; form-action 'none'`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body><main>',
    `<header><h1>${inline(title)}</h1>`,
    lead === undefined ? '' : `<p class="lead">${inline(lead)}</p>`,
    sections.length >= CONTENTS ? `<nav aria-label="Contents"><ul>${contents.join('')}</ul></nav>` : '',
    '</header>',
    ...body,
    footer === undefined ? '' : `<footer>${inline(footer)}</footer>`,
    '</main>',
    turning ? `<script>${TURNING}</script>` : '',
    '</body></html>\n',
  ]
    .filter((line) => line !== '')
    .join('\n')
}
