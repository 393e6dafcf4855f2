/**
 * Points from JSON: numbers, nested arrays of numbers and records of such, as in `{ "w": [[1, 2]], "b": 0 }`.
 *
 * A nested array of numbers is one tensor. An array that holds a record is a tuple of trees; a tensor inside one may also be
 * written `{ "shape": [2], "dtype": "real", "data": [1, 2] }`, as it is in documents of this package.
 *
 * @since 0.1.0
 */
import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { fromArray } from '../Tensor.js'
import { TensorCodec } from '../tensor/codec.js'

/**
 * JSON that may hold a point.
 *
 * @category model
 * @since 0.1.0
 */
export type Written = number | ReadonlyArray<Written> | { readonly [key: string]: Written }

const Node: t.Type<Written, unknown, unknown> = t.recursion('numbers, arrays and records of numbers', (self) =>
  t.union([t.number, t.readonlyArray(self), t.readonly(t.record(t.string, self))]),
)

const MAX_DEPTH = 64

const tooDeep = (u: unknown, depth = 0): boolean =>
  typeof u === 'object' &&
  u !== null &&
  (depth > MAX_DEPTH || Object.values(u).some((value) => tooDeep(value, depth + 1)))

/** The first place of what is neither a number, an array nor a record, and what is there. */
const culprit = (u: unknown, path: string): string | null => {
  if (typeof u === 'number') return null
  if (typeof u !== 'object' || u === null)
    return `${path === '' ? 'the point' : path} is ${JSON.stringify(u)}, where a number, an array or a record is needed`
  for (const [key, value] of Object.entries(u)) {
    const found = culprit(value, path === '' ? key : `${path}.${key}`)
    if (found !== null) return found
  }
  return null
}

const isArray = (u: unknown): u is ReadonlyArray<unknown> => Array.isArray(u)

const holdsRecord = (u: unknown): boolean => (isArray(u) ? u.some(holdsRecord) : typeof u === 'object')

const spelled = (u: object): boolean =>
  ['shape', 'dtype', 'data'].every((key) => Object.hasOwn(u, key)) && Object.keys(u).length === 3

const pointOf = (u: unknown, path: string): E.Either<string, unknown> => {
  const where = path === '' ? 'the point' : path
  if (typeof u === 'number') return E.right(u)
  if (isArray(u) && !holdsRecord(u)) {
    const tensor = fromArray(u, 'real', where)
    return E.isLeft(tensor) ? E.left(tensor.left.message) : tensor
  }
  if (typeof u === 'object' && u !== null && spelled(u)) {
    const tensor = TensorCodec.decode(u)
    return E.isLeft(tensor) ? E.left(`${where}: ${tensor.left[0]?.message ?? 'this is no tensor'}`) : tensor
  }
  const entries: Array<readonly [string, unknown]> = []
  for (const [key, value] of Object.entries(u as object)) {
    const point = pointOf(value, path === '' ? key : `${path}.${key}`)
    if (E.isLeft(point)) return point
    entries.push([key, point.right])
  }
  return E.right(isArray(u) ? entries.map(([, value]) => value) : Object.fromEntries(entries))
}

/**
 * Reads a point from the text of a JSON document; a sentence where it holds none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parsePoint = (text: string): E.Either<string, unknown> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (e) {
    return E.left(`it is no JSON: ${e instanceof Error ? e.message : String(e)}`)
  }
  if (tooDeep(json)) return E.left(`it is nested deeper than ${MAX_DEPTH}`)
  // `dtype` is the one string that a point may hold, inside of a spelled tensor
  const unspelled = (u: unknown): unknown =>
    isArray(u)
      ? u.map(unspelled)
      : typeof u === 'object' && u !== null
        ? spelled(u)
          ? 0
          : Object.fromEntries(Object.entries(u).map(([key, value]) => [key, unspelled(value)]))
        : u
  const plain = unspelled(json)
  if (E.isLeft(Node.decode(plain))) return E.left(culprit(plain, '') ?? 'it holds no point')
  return pointOf(json, '')
}

/**
 * Reads a point from a file.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readPoint = (file: string): E.Either<string, unknown> => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (e) {
    return E.left(`--at ${file}: ${e instanceof Error ? e.message : String(e)}`)
  }
  const point = parsePoint(text)
  return E.isLeft(point) ? E.left(`--at ${file}: ${point.left}`) : point
}
