/**
 * `wengert lesson`: lists the lessons, or runs one and writes its page and its pictures.
 *
 * @since 0.1.0
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Failure } from '../Failure.js'
import { type LineChart, type Page, pageHtml } from '../show/index.js'
import { nearest, type Program, parsed, programOf, USAGE, whole } from './arguments.js'
import { charted } from './charted.js'
import { startProgress } from './progress.js'
import { styled, type Terminal, table } from './terminal.js'

const HELP = `Runs a lesson: a program that learns from data and tells what it found, as a page with pictures.

  wengert lesson             the lessons there are
  wengert lesson N           run lesson N, by its number or name

  --data DIR   where data are that do not come along: MNIST's four files, for the lessons that want them
  --full       the settings of the published pages, in place of shorter ones that show the same in seconds
  --seed S     where everything random comes from (default 1)
  --out DIR    where the page and the pictures go (default out/lessons)
  --quiet      no progress and no chart
  --help       this text

Exit codes: 0 the lesson is told; 1 it failed, or its page could not be written; 3 there is no such lesson or option.
`

/**
 * What this command knows of a lesson: `docs/lessons/lesson.ts` says what it is.
 *
 * @category model
 * @since 0.1.0
 */
export interface Lesson {
  readonly number: number
  readonly name: string
  readonly title: string
  readonly run: (options: {
    readonly full: boolean
    readonly data: string | null
    readonly seed: number
    readonly say: (line: string) => void
    readonly progress: (fraction: number, what: string) => void
  }) => TaskEither<
    Failure,
    {
      readonly page: Page
      readonly numbers: Readonly<Record<string, number>>
      readonly figures: Readonly<Record<string, string>>
      readonly chart?: LineChart
    }
  >
}

interface Options {
  /** `null` to list the lessons */
  readonly which: string | null
  readonly data: string | null
  readonly full: boolean
  readonly seed: number
  readonly out: string
  readonly quiet: boolean
}

const read = (args: ReadonlyArray<string>): E.Either<string, Options> => {
  const found = parsed({
    data: { type: 'string' },
    full: { type: 'boolean' },
    seed: { type: 'string' },
    out: { type: 'string' },
    quiet: { type: 'boolean' },
  })(args)
  if (E.isLeft(found)) return found
  const { values, positionals } = found.right
  if (positionals.length > 1) return E.left(`one lesson at a time, not ${positionals.join(' ')}`)
  const { data = null, full = false, out = join('out', 'lessons'), quiet = false } = values
  if (data !== null && statSync(data, { throwIfNoEntry: false })?.isDirectory() !== true)
    return E.left(`--data ${data}: there is no such folder`)
  return E.map((seed: number): Options => ({ which: positionals[0] ?? null, data, full, seed, out, quiet }))(
    whole('seed', values.seed ?? '1', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  )
}

/** A lesson that can be loaded: `05-boston`. */
interface Listed {
  readonly number: number
  readonly name: string
  readonly load: () => Promise<Lesson>
}

/** The folder of the compiled lessons, which is beside the compiled sources. */
const FOLDER = new URL('../../docs/lessons/', import.meta.url)

const FILE = /^(\d\d)-([a-z-]+)\.js$/

/**
 * The lessons in a folder of modules `01-line.js`, each with an export `lesson`, in order.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lessonsIn = (folder: URL): ReadonlyArray<Listed> =>
  readdirSync(fileURLToPath(folder))
    .sort()
    .flatMap((file) => {
      const found = FILE.exec(file)
      if (found === null) return []
      const load = async (): Promise<Lesson> => (await import(/* @vite-ignore */ new URL(file, folder).href)).lesson
      return [{ number: Number(found[1]), name: found[2], load }]
    })

const list = async (lessons: ReadonlyArray<Listed>, terminal: Terminal): Promise<number> => {
  const told = await Promise.all(lessons.map(({ load }) => load()))
  const rows = told.map(({ number, name, title }) => [`${String(number).padStart(2)}  ${name}`, title])
  const width = Math.max(...rows.map(([name]) => name.length))
  terminal.write(
    `${rows.map(([name, title]) => `  ${name.padEnd(width)}   ${title}\n`).join('')}\nwengert lesson N runs one.\n`,
  )
  return 0
}

/** Six digits of what a lesson found, and all of a whole number. */
const shortened = (x: number): string => (Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(6))))

const WHOLE = 100

const tell = async (lesson: Lesson, { data, full, seed, out, quiet }: Options, terminal: Terminal): Promise<number> => {
  terminal.write(
    `${styled(terminal, 'bold', `Lesson ${lesson.number}: ${lesson.title}`)} (${full ? 'full' : 'short'} settings, seed ${seed})\n\n`,
  )
  const started = terminal.now()
  const progress = quiet ? null : await startProgress(terminal, { unit: '%', total: WHOLE })
  const told = await lesson.run({
    full,
    data,
    seed,
    say: (line) => terminal.write(`  ${line}\n`),
    progress: (fraction, what) => progress?.report(Math.min(WHOLE, Math.round(fraction * WHOLE)), what),
  })()
  progress?.stop()
  if (E.isLeft(told)) {
    terminal.error(`${told.left.message}\n`)
    return 1
  }
  const { page, numbers, figures, chart } = told.right
  const rows = Object.entries(numbers).map(([name, value]) => [name, shortened(value)])
  terminal.write(`\n${table([['found', ''], ...rows])}\n`)
  if (chart !== undefined && !quiet) terminal.write(`${await charted(terminal, chart)}\n`)
  const prefix = String(lesson.number).padStart(2, '0')
  const html = join(out, `${prefix}-${lesson.name}.html`)
  const files: ReadonlyArray<readonly [string, string]> = [
    [html, pageHtml(page)],
    ...Object.entries(figures).map(([figure, svg]) => [join(out, 'figures', `${prefix}-${figure}.svg`), svg] as const),
  ]
  for (const [file, content] of files) {
    const unsaved = terminal.save(file, content)
    if (unsaved === null) continue
    terminal.error(`no ${file}: ${unsaved}\n`)
    return 1
  }
  terminal.write(
    `  page: ${html}\n  pictures: ${files.length - 1} in ${join(out, 'figures')}\n  total: ${((terminal.now() - started) / 1000).toFixed(1)} s\n`,
  )
  return 0
}

/**
 * `wengert lesson` with some lessons.
 *
 * @category programs
 * @since 0.1.0
 */
export const lessonProgram = (lessons: () => ReadonlyArray<Listed>): Program =>
  programOf('wengert lesson', HELP, read, async (options, terminal) => {
    const all = lessons()
    const { which } = options
    if (which === null) return list(all, terminal)
    const found = all.find(({ number, name }) => String(number) === which.replace(/^0+(?=\d)/, '') || name === which)
    if (found !== undefined) return tell(await found.load(), options, terminal)
    const names = all.map(({ name }) => name)
    const meant = nearest(which, names)
    const hint = meant === null ? `there are ${all.map(({ number }) => number).join(', ')}` : `did you mean ${meant}?`
    terminal.error(`there is no lesson ${which}; ${hint}${meant === null ? '.' : ''} Try wengert lesson.\n`)
    return USAGE
  })

/**
 * Runs `wengert lesson`.
 *
 * @category programs
 * @since 0.1.0
 */
export const lesson: Program = lessonProgram(() => lessonsIn(FOLDER))
