/**
 * Codecs for documents that people write: an unknown key is refused rather than passed over, the nearest known one is
 * named, and the first thing that is wrong is told in one sentence with its path.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { nearest } from './arguments.js'

/**
 * A codec of which only decoding matters.
 *
 * @category model
 * @since 0.1.0
 */
export type Reader<A> = t.Type<A, unknown, unknown>

type Readers = { readonly [key: string]: t.Mixed }

const reader = <A>(name: string, validate: t.Validate<unknown, A>): Reader<A> =>
  new t.Type<A, unknown, unknown>(name, (_u): _u is A => true, validate, t.identity)

const isFields = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null && !Array.isArray(u)

const suggestion = (word: string, names: ReadonlyArray<string>): string => {
  const meant = nearest(word, names)
  return meant === null ? `there are ${names.join(', ')}` : `did you mean ${meant}?`
}

/**
 * A record with keys that must be there and keys that may. One more key may be ignored, where somebody else reads it.
 *
 * @category codecs
 * @since 0.1.0
 */
export const fields = <R extends Readers, O extends Readers>(
  required: R,
  optional: O,
  ignored: string | null = null,
): Reader<{ readonly [K in keyof R]: t.TypeOf<R[K]> } & { readonly [K in keyof O]?: t.TypeOf<O[K]> }> => {
  const all: Readers = { ...required, ...optional }
  const names = [...Object.keys(all), ...(ignored === null ? [] : [ignored])]
  return reader('a record', (u, context) => {
    if (!isFields(u)) return t.failure(u, context, 'must be a record { ... }')
    const unknown = Object.keys(u).find((key) => key !== ignored && !Object.hasOwn(all, key))
    if (unknown !== undefined)
      return t.failure(
        u[unknown],
        t.appendContext(context, unknown, t.unknown, u[unknown]),
        `is not known here; ${suggestion(unknown, names)}`,
      )
    const out: Record<string, unknown> = {}
    for (const [key, codec] of Object.entries(all)) {
      const value = Object.hasOwn(u, key) ? u[key] : undefined
      if (value === undefined && !Object.hasOwn(required, key)) continue
      const read = codec.validate(value, t.appendContext(context, key, codec, value))
      if (E.isLeft(read)) return read
      out[key] = read.right
    }
    return t.success(out as never)
  })
}

/**
 * Records told apart by the word at one key, `{ "layer": "linear", "outputs": 10 }`. A word by itself stands for the record
 * that has nothing else.
 *
 * @category codecs
 * @since 0.1.0
 */
export const tagged = <const T extends string, M extends { readonly [word: string]: readonly [Readers, Readers] }>(
  tag: T,
  kinds: M,
): Reader<
  {
    readonly [K in keyof M]: { readonly [_ in T]: K } & {
      readonly [F in keyof M[K][0]]: t.TypeOf<M[K][0][F]>
    } & { readonly [F in keyof M[K][1]]?: t.TypeOf<M[K][1][F]> }
  }[keyof M]
> => {
  const names = Object.keys(kinds)
  const codecs = Object.fromEntries(names.map((word) => [word, fields(kinds[word][0], kinds[word][1], tag)] as const))
  return reader(`a ${tag}`, (u, context) => {
    const given = typeof u === 'string' ? { [tag]: u } : u
    if (!isFields(given)) return t.failure(u, context, `must be the name of a ${tag}, or a record { "${tag}": ... }`)
    const word = given[tag]
    if (typeof word !== 'string' || !Object.hasOwn(codecs, word))
      return t.failure(
        word,
        typeof u === 'string' ? context : t.appendContext(context, tag, t.string, word),
        word === undefined
          ? `is missing; there are ${names.join(', ')}`
          : `is not known; ${suggestion(String(word), names)}`,
      )
    return E.map((rest: object) => ({ [tag]: word, ...rest }) as never)(codecs[word].validate(given, context))
  })
}

/**
 * A list with at least one element, or with at least as many as told.
 *
 * @category codecs
 * @since 0.1.0
 */
export const listOf = <A>(element: Reader<A>, least = 1): Reader<ReadonlyArray<A>> =>
  reader('a list', (u, context) => {
    if (!Array.isArray(u) || u.length < least)
      return t.failure(u, context, `must be a list [ ... ]${least === 0 ? '' : ' that is not empty'}`)
    const out: Array<A> = []
    for (const [i, one] of u.entries()) {
      const read = element.validate(one, t.appendContext(context, String(i), element, one))
      if (E.isLeft(read)) return read
      out.push(read.right)
    }
    return t.success(out)
  })

/**
 * A number, or something else.
 *
 * @category codecs
 * @since 0.1.0
 */
export const numberOr = <A>(number: Reader<number>, other: Reader<A>): Reader<number | A> =>
  reader(
    `${number.name} or ${other.name}`,
    (u, context): t.Validation<number | A> =>
      typeof u === 'number' ? number.validate(u, context) : other.validate(u, context),
  )

const numberThat = (name: string, holds: (x: number) => boolean): Reader<number> =>
  reader(name, (u, context) => (typeof u === 'number' && holds(u) ? t.success(u) : t.failure(u, context)))

/**
 * @category codecs
 * @since 0.1.0
 */
export const finite: Reader<number> = numberThat('a number', Number.isFinite)

/**
 * @category codecs
 * @since 0.1.0
 */
export const positive: Reader<number> = numberThat('a positive number', (x) => x > 0 && Number.isFinite(x))

/**
 * @category codecs
 * @since 0.1.0
 */
export const natural: Reader<number> = numberThat('a positive integer', (x) => x > 0 && Number.isSafeInteger(x))

/**
 * @category codecs
 * @since 0.1.0
 */
export const integer: Reader<number> = numberThat('an integer', Number.isSafeInteger)

/**
 * A number between 0 and 1, neither of them.
 *
 * @category codecs
 * @since 0.1.0
 */
export const share: Reader<number> = numberThat('a number between 0 and 1', (x) => x > 0 && x < 1)

/**
 * @category codecs
 * @since 0.1.0
 */
export const flag: Reader<boolean> = reader('true or false', (u, context) =>
  typeof u === 'boolean' ? t.success(u) : t.failure(u, context),
)

/**
 * A text that is not empty.
 *
 * @category codecs
 * @since 0.1.0
 */
export const word: Reader<string> = reader('a text', (u, context) =>
  typeof u === 'string' && u !== '' ? t.success(u) : t.failure(u, context),
)

/**
 * One of a few words.
 *
 * @category codecs
 * @since 0.1.0
 */
export const wordOf = <const W extends string>(words: ReadonlyArray<W>): Reader<W> =>
  reader(words.join(' or '), (u, context) => {
    const found = words.find((one) => one === u)
    if (found !== undefined) return t.success(found)
    return typeof u === 'string'
      ? t.failure(u, context, `is not known; ${suggestion(u, words)}`)
      : t.failure(u, context)
  })

const SHOWN = 60

const shownValue = (u: unknown): string => {
  const text = JSON.stringify(u) ?? String(u)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text
}

/**
 * Decodes, or says in one sentence what is wrong first and where: `model.2.outputs must be a positive integer, not "ten"`.
 *
 * @category destructors
 * @since 0.1.0
 */
export const decoded =
  <A>(codec: Reader<A>, what: string) =>
  (u: unknown): E.Either<string, A> =>
    E.mapLeft(([{ context, message, value }]: t.Errors) => {
      const path = context
        .map(({ key }) => key)
        .filter((key) => key !== '')
        .join('.')
      const where = path === '' ? what : path
      if (message !== undefined) return `${where} ${message}`
      const wanted = context[context.length - 1].type.name
      return value === undefined
        ? `${where} is missing; it must be ${wanted}`
        : `${where} must be ${wanted}, not ${shownValue(value)}`
    })(codec.decode(u))
