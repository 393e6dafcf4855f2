/**
 * What a lesson is, and the few things that all lessons use: repeating a recorded step, quoting a lesson's own source,
 * and the parts of a page.
 *
 * A lesson is a program. It computes, draws, and tells what it found as a page whose numbers are those of the run; so a
 * page cannot say what the library does not do. The same numbers are given by name, for tests to hold.
 *
 * @since 0.1.0
 */
import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  compile,
  type Failure,
  type Given,
  type Reverse,
  type Running,
  record,
  type Values,
  type VarTree,
} from 'wengert'
import type { Block, LineChart, Page, Section } from 'wengert/show'

export { brief } from 'wengert/show'

/**
 * How a lesson is run.
 *
 * @category model
 * @since 0.1.0
 */
export interface LessonOptions {
  /** the settings of the page, rather than the shorter ones that show the same in seconds */
  readonly full: boolean
  /** a folder with data that does not come along with the package */
  readonly data: string | null
  readonly seed: number
  readonly say: (line: string) => void
  /** how much of the lesson is done, from 0 to 1, and what is being done */
  readonly progress: (fraction: number, what: string) => void
}

/**
 * What a lesson gives.
 *
 * @category model
 * @since 0.1.0
 */
export interface Told {
  readonly page: Page
  readonly numbers: Readonly<Record<string, number>>
  /** the pictures of the page as SVG documents, by the names of their files */
  readonly figures: Readonly<Record<string, string>>
  /** the chart among them that a terminal shows too: how the loss fell */
  readonly chart?: LineChart
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Lesson {
  readonly number: number
  /** a word: with the number it names the lesson's files */
  readonly name: string
  readonly title: string
  readonly run: (options: LessonOptions) => TE.TaskEither<Failure, Told>
}

/**
 * What a computation gives when it does not fail.
 *
 * @category types
 * @since 0.1.0
 */
export type Found<F> = F extends (...args: never) => E.Either<Failure, infer A>
  ? A
  : F extends (...args: never) => TE.TaskEither<Failure, infer B>
    ? B
    : never

/**
 * Short settings, the same seed each time, and silence.
 *
 * @category constructors
 * @since 0.1.0
 */
export const quick: LessonOptions = {
  full: false,
  data: null,
  seed: 1,
  say: () => undefined,
  progress: () => undefined,
}

/**
 * `from, step(from), step(step(from)), ...`, by one compiled program that moves its state in place. `look` reads the state
 * at the beginning and after every `every` steps; what it keeps of the arrays it must copy, for the next step overwrites
 * them. Fails as recording and compiling do.
 *
 * @category running
 * @since 0.1.0
 */
export const iterate = <S extends VarTree & object, A>(
  step: (state: S) => Reverse<S>,
  from: Values<S>,
  {
    steps,
    every = 1,
    look,
    progress = () => undefined,
  }: {
    readonly steps: number
    readonly every?: number
    readonly look: (state: Running<S, S>['inputs'], steps: number) => A
    readonly progress?: (fraction: number) => void
  },
): E.Either<Failure, ReadonlyArray<A>> =>
  pipe(
    record(step)(from as Given<S>),
    E.chain(compile({ donate: Object.keys(from) })),
    E.chain((executable) => executable.start(from as never)),
    E.chain((running) => {
      const seen = [look(running.inputs, 0)]
      for (let i = 1; i <= steps; i++) {
        const made = running.step()
        if (E.isLeft(made)) return made
        if (i % every !== 0) continue
        seen.push(look(running.inputs, i))
        progress(i / steps)
      }
      return E.right(seen)
    }),
  )

/**
 * The text of declarations, by their names, as a block of code.
 *
 * @category pages
 * @since 0.1.0
 */
export type Quote = (...names: ReadonlyArray<string>) => Block

/** Where the source of a compiled module is: `dist/docs/lessons/a.js` comes from `docs/lessons/a.ts`. */
const sourceOf = (url: string): string =>
  fileURLToPath(url).replace(`${sep}dist${sep}docs${sep}`, `${sep}docs${sep}`).replace(/\.js$/, '.ts')

/**
 * The source of modules, to be quoted: gives the text of some of their top-level declarations, so that the code on a page is
 * the code that ran. Throws on a name that none of them declares.
 *
 * @category pages
 * @since 0.1.0
 */
export const quoting = async (...urls: ReadonlyArray<string>): Promise<Quote> => {
  const source = (await Promise.all(urls.map((url) => readFile(sourceOf(url), 'utf8')))).join('\n')
  const declared = (name: string): string => {
    const found = new RegExp(`^(?:export )?(?:const|type|interface) ${name}\\b[^]*?(?=\\n\\n|\\n$)`, 'm').exec(source)
    if (found === null) throw new Error(`${name} is not declared in ${urls.join(' or ')}`)
    return found[0]
  }
  return (...names) => ({ kind: 'code', language: 'ts', code: names.map(declared).join('\n\n') })
}

/**
 * The parts of a lesson. `A` is what is computed, `F` the pictures.
 *
 * @category model
 * @since 0.1.0
 */
export interface Parts<A, F> {
  /** the addresses of the modules that are quoted */
  readonly sources: ReadonlyArray<string>
  readonly computed: (options: LessonOptions) => TE.TaskEither<Failure, A>
  readonly drawn: (found: A) => TE.TaskEither<Failure, F>
  readonly told: (found: A, pictures: F, quote: Quote) => Told
}

/**
 * How a lesson runs: something is computed, pictures are drawn of it, and both are told with excerpts of the code.
 *
 * @category running
 * @since 0.1.0
 */
export const inParts =
  <A, F>({ sources, computed, drawn, told }: Parts<A, F>): Lesson['run'] =>
  (options) =>
    pipe(
      computed(options),
      TE.bindTo('found'),
      TE.bind('pictures', ({ found }) => drawn(found)),
      TE.bind('quote', () => TE.fromTask(() => quoting(...sources))),
      TE.map(({ found, pictures, quote }) => told(found, pictures, quote)),
    )

/**
 * A part of a page with a heading.
 *
 * @category pages
 * @since 0.1.0
 */
export const section = (title: string, ...blocks: ReadonlyArray<Block>): Section => ({ title, blocks })

/**
 * @category pages
 * @since 0.1.0
 */
export const text = (words: string): Block => ({ kind: 'text', text: words })

/**
 * @category pages
 * @since 0.1.0
 */
export const list = (...items: ReadonlyArray<string>): Block => ({ kind: 'list', items })

/**
 * @category pages
 * @since 0.1.0
 */
export const code = (lines: string): Block => ({ kind: 'code', code: lines })

/**
 * @category pages
 * @since 0.1.0
 */
export const figure = (svg: string, caption: string): Block => ({ kind: 'figure', svg, caption })

/**
 * A table of rows below a head.
 *
 * @category pages
 * @since 0.1.0
 */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string | number>>,
  caption?: string,
): Block => ({ kind: 'table', head, rows, ...(caption === undefined ? {} : { caption }) })

/**
 * A few numbers, large, by what they are.
 *
 * @category pages
 * @since 0.1.0
 */
export const facts = (named: Readonly<Record<string, string>>): Block => ({
  kind: 'facts',
  facts: Object.entries(named).map(([name, value]) => ({ name, value })),
})

/**
 * @category pages
 * @since 0.1.0
 */
export const note = (tone: 'good' | 'bad' | 'plain', words: string): Block => ({ kind: 'note', tone, text: words })

/**
 * @category pages
 * @since 0.1.0
 */
export const row = (...blocks: ReadonlyArray<Block>): Block => ({ kind: 'row', blocks })

/**
 * @category pages
 * @since 0.1.0
 */
export const more = (summary: string, ...blocks: ReadonlyArray<Block>): Block => ({ kind: 'more', summary, blocks })

/**
 * A whole number with its digits in groups of three: `10 000`.
 *
 * @category printing
 * @since 0.1.0
 */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, '\u00a0')
