// Runs lessons with their full settings and writes what they tell: docs/lessons/pages/*.md with their figures, which are
// kept in the repository, and out/lessons/*.html to look at. Then docs/lessons/README.md, from the pages that there are.
// Usage: npm run lessons -- [--data FOLDER] [number ...]

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { lessonsIn } from '../../dist/src/cli/lessonProgram.js'
import { pageHtml, pageMarkdown } from '../../dist/src/show/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = join(root, 'docs/lessons/pages')
const figures = join(pages, 'figures')
const html = join(root, 'out/lessons')
for (const folder of [figures, html]) mkdirSync(folder, { recursive: true })

const { values, positionals } = parseArgs({ options: { data: { type: 'string' } }, allowPositionals: true })
const all = lessonsIn(new URL('../../dist/docs/lessons/', import.meta.url))
const unknown = positionals.filter((word) => !all.some((lesson) => String(lesson.number) === word))
if (unknown.length > 0) {
  console.error(`no such lesson: ${unknown.join(', ')}; there are ${all.map((lesson) => lesson.number).join(', ')}`)
  process.exit(2)
}

const prefixOf = ({ number }) => String(number).padStart(2, '0')
const stemOf = (lesson) => `${prefixOf(lesson)}-${lesson.name}`
const terminal = process.stderr.isTTY
const options = {
  full: true,
  data: values.data ?? null,
  seed: 1,
  say: (line) => console.log(`  ${line}`),
  progress: (fraction, what) => {
    if (terminal) process.stderr.write(`\r\u001b[K  ${Math.floor(100 * fraction)} %  ${what}`)
  },
}

for (const { number, load } of all) {
  if (positionals.length > 0 && !positionals.includes(String(number))) continue
  const lesson = await load()
  const start = performance.now()
  console.log(`lesson ${lesson.number}: ${lesson.title}`)
  const told = await lesson.run(options)()
  if (terminal) process.stderr.write('\r\u001b[K')
  if (told._tag === 'Left') {
    console.error(`  ${told.left.message}`)
    process.exitCode = 1
    continue
  }
  const { page, figures: drawn, numbers } = told.right
  for (const name of readdirSync(figures)) if (name.startsWith(`${prefixOf(lesson)}-`)) rmSync(join(figures, name))
  const addresses = new Map(
    Object.entries(drawn).map(([name, svg]) => [svg, `figures/${prefixOf(lesson)}-${name}.svg`]),
  )
  for (const [svg, address] of addresses) writeFileSync(join(pages, address), svg)
  const addressOf = (svg) => {
    const address = addresses.get(svg)
    if (address === undefined) throw new Error('the page has a picture that is not among the figures')
    return address
  }
  const around = `[The program](../${stemOf(lesson)}.ts) of this page. [All lessons](../README.md).`
  writeFileSync(
    join(pages, `${stemOf(lesson)}.md`),
    pageMarkdown(addressOf)({ ...page, footer: `${page.footer ?? ''} ${around}`.trim() }),
  )
  writeFileSync(join(html, `${stemOf(lesson)}.html`), pageHtml(page))
  for (const [name, value] of Object.entries(numbers)) console.log(`  ${name} ${value}`)
  console.log(`  out/lessons/${stemOf(lesson)}.html (${((performance.now() - start) / 1000).toFixed(1)} s)`)
}

/** A lesson's entry: title, first paragraph and first picture of its page. */
const entry = (lesson) => {
  const page = `pages/${stemOf(lesson)}.md`
  const written = readFileSync(join(root, 'docs/lessons', page), 'utf8')
  const [head, lead] = written.split('\n\n')
  const picture = /!\[[^\n]*?\]\((figures\/[^)]+)\)/.exec(written)?.[1]
  const image = picture === undefined ? '' : `<a href="${page}"><img src="pages/${picture}" width="300" alt=""></a>`
  return `| ${image} | **[${head.replace(/^# /, '')}](${page})**<br>${lead} |`
}

const index = `# Lessons

The road from a line through a cloud of points to a convolutional network. Each lesson is a short program on the public
interface, and a page with what it found: every number and picture on a page comes from a run of its program.

\`\`\`sh
npx wengert lesson              # the lessons
npx wengert lesson 1            # run one, and write its page
npm run lessons -- 1 2          # in this repository: run with full settings and renew the pages here
\`\`\`

| | |
| --- | --- |
${all
  .filter((lesson) => existsSync(join(pages, `${stemOf(lesson)}.md`)))
  .map(entry)
  .join('\n')}
`
writeFileSync(join(root, 'docs/lessons/README.md'), index)
