/**
 * Equality, hashing and freezing of plain data: numbers compared by `Object.is` (so NaN equals itself and 0 differs from
 * -0), arrays and records by their parts, typed arrays by their elements. Attributes of instructions are such data, and
 * hash-consing compares them.
 *
 * @since 0.1.0
 */

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null

/**
 * The key of a method by which an object with hidden contents says what it equals.
 *
 * @category instances
 * @since 0.1.0
 */
export const SAME: unique symbol = Symbol('wengert/same')

const opinionated = (u: object): u is { readonly [SAME]: (other: unknown) => boolean } => SAME in u

/**
 * @category instances
 * @since 0.1.0
 */
export const equals = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (!isObject(a) || !isObject(b)) return false
  if (opinionated(a)) return a[SAME](b)
  if (Array.isArray(a) || ArrayBuffer.isView(a)) {
    const x = a as unknown as ArrayLike<unknown>
    const y = b as unknown as ArrayLike<unknown>
    if (Array.isArray(a) !== Array.isArray(b) || x.length !== y.length) return false
    for (let i = 0; i < x.length; i++) if (!equals(x[i], y[i])) return false
    return true
  }
  if (Array.isArray(b) || ArrayBuffer.isView(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && equals(a[key], b[key]))
}

const scratch = new Float64Array(1)
const words = new Int32Array(scratch.buffer)

/**
 * Stirs a word into a hash (the mixing step of MurmurHash3).
 *
 * @category destructors
 * @since 0.1.0
 */
export const mix = (hash: number, word: number): number => {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  const h = hash ^ Math.imul(k, 0x1b873593)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/** Elements of long arrays beyond this many are left out of the hash (never out of the comparison). */
const HASHED_ELEMENTS = 64

/**
 * Equal data have equal hashes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const hash = (u: unknown, seed = 0): number => {
  if (typeof u === 'number') {
    if ((u | 0) === u && !Object.is(u, -0)) return mix(seed, u)
    scratch[0] = Number.isNaN(u) ? Number.NaN : u
    return mix(mix(seed, words[0]), words[1])
  }
  if (typeof u === 'string') {
    let h = mix(seed, u.length)
    for (let i = 0; i < u.length; i++) h = mix(h, u.charCodeAt(i))
    return h
  }
  if (typeof u === 'boolean') return mix(seed, u ? 1 : 2)
  if (!isObject(u)) return mix(seed, 3)
  if (Array.isArray(u) || ArrayBuffer.isView(u)) {
    const x = u as unknown as ArrayLike<unknown>
    let h = mix(seed, x.length)
    const n = Math.min(x.length, HASHED_ELEMENTS)
    for (let i = 0; i < n; i++) h = hash(x[i], h)
    return h
  }
  // records: independent of the order of keys
  let sum = 0
  for (const key of Object.keys(u)) sum = (sum + hash(u[key], hash(key, 7))) | 0
  return mix(seed, sum)
}

/**
 * Freezes records and arrays all the way down. Typed arrays cannot be frozen and are left as they are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const freeze = <A>(a: A): A => {
  if (isObject(a) && !ArrayBuffer.isView(a) && !Object.isFrozen(a)) {
    Object.freeze(a)
    for (const part of Object.values(a)) freeze(part)
  }
  return a
}
