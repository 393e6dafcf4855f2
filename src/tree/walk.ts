/**
 * The walks behind `Tree.ts`: what is a node of a tree, its leaves in order, its structure over other leaves, and the
 * first difference between two structures. Recursion is safe because `visit` refuses what is nested too deeply.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, failure } from '../Failure.js'
import { show } from '../Shape.js'
import { isTensor } from '../Tensor.js'
import { isVar } from '../Var.js'
import type { Entry, Leaf } from './types.js'

/**
 * How deeply a tree may be nested. Parameters that people write have a handful of levels.
 *
 * @category limits
 * @since 0.1.0
 */
export const MAX_DEPTH = 256

/**
 * @category refinements
 * @since 0.1.0
 */
export const isLeaf = (u: unknown): u is Leaf => typeof u === 'number' || isVar(u) || isTensor(u)

/** Plain: made by a literal, `Object.create(null)` or JSON, in this realm or another. */
const isRecord = (u: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(u)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

type Kind = 'leaf' | 'array' | 'record'

const kindOf = (u: unknown): Kind | undefined =>
  isLeaf(u)
    ? 'leaf'
    : typeof u !== 'object' || u === null
      ? undefined
      : Array.isArray(u)
        ? 'array'
        : isRecord(u)
          ? 'record'
          : undefined

/** What a thing is, in words. */
const describe = (u: unknown): string => {
  if (u === null || u === undefined) return String(u)
  if (isLeaf(u)) return typeof u === 'number' ? 'a number' : `a ${u._tag} of shape ${show(u.shape)}`
  if (Array.isArray(u)) return `an array of ${u.length}`
  if (typeof u === 'object') {
    if (isRecord(u)) return `a record with ${Object.keys(u).length} keys`
    const name: unknown = u.constructor?.name
    return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class'
  }
  return `a ${typeof u}`
}

const PLAIN_KEY = /^[^."]+$/

const join = (path: string, key: string | number): string => {
  const part = typeof key === 'number' || PLAIN_KEY.test(key) ? String(key) : JSON.stringify(key)
  return path === '' ? part : `${path}.${part}`
}

const where = (path: string): string => (path === '' ? 'at the root' : `at ${path}`)

type Fields = Readonly<Record<string, unknown>>

const sortedKeys = (record: object): ReadonlyArray<string> => Object.keys(record).sort()

/** The refusals that concern one node, its children aside; its kind otherwise. */
const visit = (node: unknown, path: string, depth: number, operation: string): Kind | Failure => {
  const kind = kindOf(node)
  if (kind === undefined)
    return failure(
      'StructureMismatch',
      `${operation}: ${describe(node)} ${where(path)} is no part of a tree; trees are records and arrays of tensors, handles and numbers`,
      { operation, path },
    )
  if (kind === 'leaf') return kind
  if (depth >= MAX_DEPTH)
    return failure(
      'TooLarge',
      `${operation}: the tree is nested deeper than ${MAX_DEPTH} levels; does it hold itself?`,
      {
        operation,
        // the whole path would be hundreds of keys long
        path: path.slice(0, 80),
      },
    )
  if (kind === 'record' && Object.hasOwn(node as object, '__proto__'))
    return failure(
      'StructureMismatch',
      `${operation}: the record ${where(path)} has the key __proto__, which is not allowed`,
      {
        operation,
        path,
      },
    )
  return kind
}

/** Appends the entries below a node, in order; the failure that stopped it, if any. */
const collect = (
  node: unknown,
  path: string,
  depth: number,
  operation: string,
  out: Array<Entry<unknown>>,
): Failure | undefined => {
  const kind = visit(node, path, depth, operation)
  if (typeof kind === 'object') return kind
  if (kind === 'leaf') {
    out.push(Object.freeze({ path, leaf: node }))
    return undefined
  }
  if (kind === 'array') {
    const items = node as ReadonlyArray<unknown>
    for (let i = 0; i < items.length; i++) {
      const failed = collect(items[i], join(path, i), depth + 1, operation, out)
      if (failed !== undefined) return failed
    }
    return undefined
  }
  for (const key of sortedKeys(node as object)) {
    const failed = collect((node as Fields)[key], join(path, key), depth + 1, operation, out)
    if (failed !== undefined) return failed
  }
  return undefined
}

/**
 * The leaves with their paths, in order, or the reason why this is no tree.
 *
 * @category destructors
 * @since 0.1.0
 */
export const entriesOf = (tree: unknown, operation: string): E.Either<Failure, ReadonlyArray<Entry<unknown>>> => {
  const out: Array<Entry<unknown>> = []
  const failed = collect(tree, '', 0, operation, out)
  return failed === undefined ? E.right(Object.freeze(out)) : E.left(failed)
}

/**
 * For arguments whose type says already that they are trees.
 *
 * @category destructors
 * @since 0.1.0
 */
export const orThrow = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new TypeError(result.left.message)
  return result.right
}

/** The structure of a checked tree over new leaves, taken in order. */
const rebuild = (template: unknown, next: () => unknown): unknown => {
  if (isLeaf(template)) return next()
  if (Array.isArray(template)) return Object.freeze(template.map((item) => rebuild(item, next)))
  const fields = template as Fields
  const parts = new Map<string, unknown>()
  for (const key of sortedKeys(fields)) parts.set(key, rebuild(fields[key], next))
  return Object.freeze(Object.fromEntries(Object.keys(fields).map((key) => [key, parts.get(key)])))
}

/**
 * The structure of a checked tree over new leaves, as many as it has, taken in order; frozen.
 *
 * @category combinators
 * @since 0.1.0
 */
export const refill = (template: unknown, values: ReadonlyArray<unknown>): unknown => {
  let position = 0
  return rebuild(template, () => values[position++])
}

/**
 * The first difference between two structures in the order of the leaves, or something that is no tree.
 *
 * @category combinators
 * @since 0.1.0
 */
export const difference = (
  a: unknown,
  b: unknown,
  path: string,
  depth: number,
  operation: string,
): Failure | undefined => {
  const kind = visit(a, path, depth, operation)
  if (typeof kind === 'object') return kind
  const other = visit(b, path, depth, operation)
  if (typeof other === 'object') return other
  const mismatch = (sentence: string, at = path): Failure =>
    failure('StructureMismatch', `${operation}: ${sentence}`, { operation, path: at })
  if (kind !== other) return mismatch(`expected ${describe(a)} ${where(path)}, found ${describe(b)}`)
  if (kind === 'leaf') return undefined
  if (kind === 'array') {
    const x = a as ReadonlyArray<unknown>
    const y = b as ReadonlyArray<unknown>
    if (x.length !== y.length)
      return mismatch(`expected an array of ${x.length} ${where(path)}, found ${y.length} items`)
    for (let i = 0; i < x.length; i++) {
      const found = difference(x[i], y[i], join(path, i), depth + 1, operation)
      if (found !== undefined) return found
    }
    return undefined
  }
  const x = a as Fields
  const y = b as Fields
  const keys = sortedKeys(x)
  for (const key of keys)
    if (!Object.hasOwn(y, key))
      return mismatch(`${join(path, key)} is missing; expected ${describe(x[key])}`, join(path, key))
  for (const key of sortedKeys(y))
    if (!Object.hasOwn(x, key))
      return mismatch(
        `${join(path, key)} is not expected; the record has only the keys ${keys.join(', ')}`,
        join(path, key),
      )
  for (const key of keys) {
    const found = difference(x[key], y[key], join(path, key), depth + 1, operation)
    if (found !== undefined) return found
  }
  return undefined
}
