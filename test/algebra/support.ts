/**
 * What the tests of the algebras share: numbers to try, distances, and tables computed by other people's software.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BinaryName, UnaryName } from 'wengert/algebra'

const record: Readonly<Record<UnaryName, true>> = {
  neg: true,
  reciprocal: true,
  exp: true,
  expm1: true,
  log: true,
  log1p: true,
  sqrt: true,
  rsqrt: true,
  sin: true,
  cos: true,
  tan: true,
  asin: true,
  acos: true,
  atan: true,
  sinh: true,
  cosh: true,
  tanh: true,
  sigmoid: true,
  softplus: true,
  erf: true,
  lgamma: true,
  abs: true,
  sign: true,
  floor: true,
  ceil: true,
  round: true,
}

const pairs: Readonly<Record<BinaryName, true>> = {
  add: true,
  sub: true,
  mul: true,
  div: true,
  pow: true,
  atan2: true,
  mod: true,
  max: true,
  min: true,
}

/** every one-argument operation; a record, so that the compiler misses none */
export const UNARY = Object.keys(record) as ReadonlyArray<UnaryName>

/** every two-argument operation */
export const BINARY = Object.keys(pairs) as ReadonlyArray<BinaryName>

/** 2^-52: the distance from 1 to the next number */
export const EPSILON = 2 ** -52

const edges = [0, 1, 2, 3, 2.5, 0.5, 0.49999999999999994, 1e-8, 1e-300, 5e-324, 2 ** -1022, 30, 700, 710, 800, 1e300]
  .concat([Math.PI, Math.PI / 2, Number.MAX_VALUE, 2 ** 52 + 1, 2 ** 53, Infinity, 10, 20.5, 6, 170.5])
  .flatMap((x) => [x, -x])
  .concat(NaN)

/** the numbers at which implementations go wrong, and numbers of every size around them */
export const stratified: fc.Arbitrary<number> = fc.oneof(
  { arbitrary: fc.constantFrom(...edges), weight: 3 },
  { arbitrary: fc.double({ min: -4, max: 4, noNaN: true }), weight: 2 },
  fc.integer({ min: -40, max: 40 }),
  fc.integer({ min: -81, max: 81 }).map((n) => n / 2),
  fc.double(),
)

/** a real number whose derivatives are of a usual size */
export const ordinary: fc.Arbitrary<number> = fc
  .integer({ min: -(2 ** 24), max: 2 ** 24 })
  .filter((n) => n % 2 ** 20 !== 0)
  .map((n) => n * 2 ** -21 + 2 ** -40)

/** the distance to the next number of larger size */
export const ulp = (x: number): number => {
  const size = Math.abs(x)
  if (size < 2 ** -1022) return 2 ** -1074
  const exponent = Math.floor(Math.log2(size))
  return 2 ** (2 ** exponent > size ? exponent - 1 : exponent) * EPSILON
}

/** how far a value is from the right one, in ulps of the right one, or of `scale` where that is larger */
export const ulps = (value: number, right: number, scale = 0): number =>
  Object.is(value, right) || value === right ? 0 : Math.abs(value - right) / ulp(Math.max(Math.abs(right), scale))

const shared = fileURLToPath(new URL('../../../shared/conformance/', import.meta.url))

/** a conformance table, or undefined, with a sentence, where this checkout has none beside it */
export const table = (name: string): string | undefined => {
  if (existsSync(shared + name)) return readFileSync(shared + name, 'utf8')
  console.log(`skipped: ${shared}${name} is not there; it comes with the workshop, not with the package`)
  return undefined
}

/** rows of numbers separated by blanks; the numbers have more digits than float64 keeps */
export const columns = (text: string): ReadonlyArray<ReadonlyArray<number>> =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/).map(Number))

/** the greatest number, and what stood with it */
export const worst = <A>(items: ReadonlyArray<A>, error: (item: A) => number): readonly [error: number, item: A] => {
  let found: readonly [number, A] = [error(items[0]), items[0]]
  for (const item of items) {
    const e = error(item)
    if (!(e <= found[0])) found = [e, item]
  }
  return found
}

/** A function against a column of a table of special functions, within a bound in ulps; prints the worst. */
export const accurate = (
  name: string,
  column: number,
  f: (x: number) => number,
  bound: number,
  scale: (right: number) => number = () => 0,
): void => {
  const text = table(`special-functions/${name}.txt`)
  it.skipIf(text === undefined)(`${name}, column ${column}: within ${bound} ulps`, () => {
    const rows = columns(text ?? '')
    expect(rows.length).toBeGreaterThan(15)
    const [error, row] = worst(rows, (r) => ulps(f(r[0]), r[column], scale(r[column])))
    console.log(`${name}: ${rows.length} rows, worst ${error.toFixed(1)} ulps at ${row[0]}`)
    expect(error).toBeLessThanOrEqual(bound)
  })
}
