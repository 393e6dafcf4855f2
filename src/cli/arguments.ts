/**
 * Command lines: from arguments to options, or to a sentence that says what is wrong with them.
 *
 * @since 0.1.0
 */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import type { Terminal } from './terminal.js'

/**
 * The exit code for what is not understood, not there or not readable: nothing was computed.
 *
 * @category constants
 * @since 0.1.0
 */
export const USAGE = 3

/**
 * A program: from the arguments after its name to an exit code.
 *
 * @category model
 * @since 0.1.0
 */
export type Program = (args: ReadonlyArray<string>, terminal: Terminal) => Promise<number>

type Options = NonNullable<ParseArgsConfig['options']>

type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ readonly args: string[]; readonly options: O; readonly allowPositionals: true }>
>

/**
 * Splits arguments into the values of options and the rest, as `parseArgs` of Node does, and answers what it does not
 * understand with a sentence.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parsed =
  <const O extends Options>(options: O) =>
  (args: ReadonlyArray<string>): E.Either<string, Parsed<O>> => {
    try {
      const found = parseArgs({ args: [...args], options, allowPositionals: true }) as Parsed<O>
      const empty = Object.entries(found.values).find(([, value]) => value === '')
      return empty === undefined ? E.right(found) : E.left(`--${empty[0]} must not be empty`)
    } catch (e) {
      // parseArgs throws what it does not understand, as a TypeError with a sentence
      if (e instanceof TypeError) return E.left(e.message.split(/\. |\n/)[0].replace(/\.$/, ''))
      throw e
    }
  }

/**
 * Reads an option that is an integer within bounds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const whole = (name: string, text: string, from: number, to: number): E.Either<string, number> =>
  /^-?\d+$/.test(text) && Number(text) >= from && Number(text) <= to
    ? E.right(Number(text))
    : E.left(`--${name} must be an integer from ${from} to ${to}, not ${text}`)

/**
 * Reads an option that is one of a few words.
 *
 * @category constructors
 * @since 0.1.0
 */
export const oneOf = <const W extends string>(
  name: string,
  text: string,
  words: ReadonlyArray<W>,
): E.Either<string, W> => {
  const found = words.find((word) => word === text)
  return found === undefined ? E.left(`--${name} must be ${words.join(' or ')}, not ${text}`) : E.right(found)
}

/** Edits from one word to another: letters put in, left out or replaced (V. I. Levenshtein, 1966). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]
}

/** Longer words are no slips of the hand. */
const LONGEST = 40

/**
 * What a mistyped word was meant to be: the name with the fewest edits, if half of its letters or more are right.
 *
 * @category destructors
 * @since 0.1.0
 */
export const nearest = (word: string, names: ReadonlyArray<string>): string | null => {
  if (word.length > LONGEST) return null
  const ranked = names
    .map((name) => [distance(word.toLowerCase(), name.toLowerCase()), name] as const)
    .sort(([a], [b]) => a - b)
  return ranked.length > 0 && ranked[0][0] * 2 <= ranked[0][1].length ? ranked[0][1] : null
}

/**
 * A program with a help text and options: `--help` prints the text, what is not understood gives exit code 3.
 *
 * @category constructors
 * @since 0.1.0
 */
export const programOf =
  <O>(
    name: string,
    help: string,
    read: (args: ReadonlyArray<string>) => E.Either<string, O>,
    run: (options: O, terminal: Terminal) => Promise<number>,
  ): Program =>
  async (args, terminal) => {
    if (args.some((arg) => arg === '--help' || arg === '-h')) {
      terminal.write(help)
      return 0
    }
    const options = read(args)
    if (E.isRight(options)) return run(options.right, terminal)
    terminal.error(`${options.left}. Try ${name} --help.\n`)
    return USAGE
  }
