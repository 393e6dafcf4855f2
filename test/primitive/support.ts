/**
 * The laws that every row keeps, as properties over sites that a test file generates.
 *
 * Numbers are small integers, so float64 computes without rounding and the laws are exact equalities: no tolerances.
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { F64 } from '../../src/algebra/F64.js'
import { prepare } from '../../src/primitive/evaluate.js'
import type { Attributes, Derivative, Primitive, PrimitiveName, Vocabulary } from '../../src/primitive/Primitive.js'
import { recorderOn } from '../../src/primitive/Recorder.js'
import { primitives } from '../../src/primitive/table.js'
import { type Shape, type Spec, size, strides } from '../../src/Shape.js'
import { empty } from '../../src/Tape.js'
import type { AnyVar } from '../../src/Var.js'

export type Numbers = ReadonlyArray<number>

/** One use of a primitive. `range` bounds the numbers of each operand, -3 to 3 where it is silent. */
export interface Use<K extends PrimitiveName> {
  readonly operands: ReadonlyArray<Spec>
  readonly attributes: Attributes[K]
  readonly range?: ReadonlyArray<readonly [number, number] | undefined>
  /** the numbers of an operand are all different, and far apart compared with a step of 3 */
  readonly distinct?: boolean
}

export const real = (...shape: ReadonlyArray<number>): Spec => ({ shape, dtype: 'real' })
export const int = (...shape: ReadonlyArray<number>): Spec => ({ shape, dtype: 'int' })
export const bool = (...shape: ReadonlyArray<number>): Spec => ({ shape, dtype: 'bool' })

export const rowOf = <K extends PrimitiveName>(name: K): Primitive<K> => primitives[name] as unknown as Primitive<K>

// ------------------------------------------------------------------------------------------------- evaluation

/** Records a function of inputs and evaluates it over float64. */
export const evaluate = (
  specs: ReadonlyArray<Spec>,
  values: ReadonlyArray<Numbers>,
  f: (v: Vocabulary, xs: ReadonlyArray<AnyVar>) => ReadonlyArray<AnyVar>,
): ReadonlyArray<{ readonly shape: Shape; readonly data: Numbers }> => {
  const recorder = recorderOn(empty, {
    table: primitives,
    accumulate: (v, a, b) => v.add(a, b),
  })
  const xs = specs.map(({ shape, dtype }, i) => recorder.vocabulary.emit('input', [], { path: `x${i}`, shape, dtype }))
  const outputs = f(recorder.vocabulary, xs)
  const program = { _tag: 'Program' as const, tape: recorder.builder.tape(), inputs: xs, outputs }
  const prepared = prepare(F64, primitives, program)
  if (E.isLeft(prepared)) throw new Error(prepared.left.message)
  const results = prepared.right.run(values.map((x) => Float64Array.from(x)))
  if (E.isLeft(results)) throw new Error(results.left.message)
  return outputs.map(({ shape }, i) => ({ shape, data: Array.from(results.right[i], (x) => x + 0) }))
}

/** Applies one primitive to numbers. */
export const apply = <K extends PrimitiveName>(
  name: K,
  operands: ReadonlyArray<Spec>,
  values: ReadonlyArray<Numbers>,
  attributes: Attributes[K],
): { readonly shape: Shape; readonly data: Numbers } =>
  evaluate(operands, values, (v, xs) => [v.emit(name, xs, attributes)])[0]

// -------------------------------------------------------------------------------------------- naive definitions

/** All indices into a shape, in row-major order. */
export const indicesOf = (shape: Shape): ReadonlyArray<Numbers> =>
  shape.reduce<ReadonlyArray<Numbers>>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  )

export const tabulate = (shape: Shape, f: (index: Numbers) => number): Numbers => indicesOf(shape).map((i) => f(i) + 0)

/** An element, or `undefined` where there is none. */
export const element = (x: Numbers, shape: Shape, index: Numbers): number | undefined =>
  index.every((i, d) => Number.isInteger(i) && i >= 0 && i < shape[d])
    ? x[index.reduce((at, i, d) => at + i * strides(shape)[d], 0)]
    : undefined

export const total = (numbers: Numbers): number => numbers.reduce((a, b) => a + b, 0)

// ------------------------------------------------------------------------------------------------------- data

/** Numbers that follow from a seed (Numerical Recipes' linear congruence; its high bits). */
export const drawn = (seed: number) => {
  let state = seed >>> 0
  return (low: number, high: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return low + Math.floor((state / 2 ** 32) * (high - low + 1))
  }
}

export const numbersFor = (
  { shape, dtype }: Spec,
  draw: ReturnType<typeof drawn>,
  [low, high]: readonly [number, number] = [-3, 3],
): Numbers => Array.from({ length: size(shape) }, () => (dtype === 'bool' ? draw(0, 1) : draw(low, high)))

/** Numbers for every operand of a use. */
const dataFor = <K extends PrimitiveName>({ operands, range, distinct }: Use<K>, draw: ReturnType<typeof drawn>) =>
  operands.map((x, k) => {
    const numbers = numbersFor(x, draw, range?.[k])
    if (distinct !== true) return numbers
    const order = numbers.map((_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      const j = draw(0, i)
      ;[order[i], order[j]] = [order[j], order[i]]
    }
    return order.map((place) => 16 * place - 40)
  })

const dot = (a: Numbers, b: Numbers): number => total(a.map((x, i) => x * b[i]))

// ------------------------------------------------------------------------------------------------- generators

export const dims = (min: number, max: number, top = 4): fc.Arbitrary<Shape> =>
  // mostly small and not empty, sometimes with an empty dimension
  fc.array(
    fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: top }) }, { weight: 1, arbitrary: fc.constant(0) }),
    {
      minLength: min,
      maxLength: max,
    },
  )

export const dtypes = fc.constantFrom('real' as const, 'int' as const, 'bool' as const)

export const subsets = (rank: number): fc.Arbitrary<Numbers> => fc.subarray(Array.from({ length: rank }, (_, i) => i))

export const permutations = (rank: number): fc.Arbitrary<Numbers> =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, i) => i),
    { minLength: rank, maxLength: rank },
  )

export const listOf = (rank: number, min: number, max: number): fc.Arbitrary<Numbers> =>
  fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank })

// ------------------------------------------------------------------------------------------------------- laws

/** What attributes that pass the codec may look like; most fit no operand. */
const wild: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  number: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 1.5, Number.NaN)),
  list: fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 1, arbitrary: tie('number') }),
    { maxLength: 4 },
  ),
  any: fc.oneof(
    tie('number'),
    { weight: 3, arbitrary: tie('list') },
    fc.array(tie('list'), { minLength: 2, maxLength: 2 }),
    fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), { maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom('real', 'int', 'bool', 'max', 'mean'),
  ),
})).any

const fuzzed = <K extends PrimitiveName>(uses: fc.Arbitrary<Use<K>>): fc.Arbitrary<Use<K>> =>
  fc.tuple(uses, uses).chain(([use, other]) => {
    const names = Object.keys(use.attributes) as Array<keyof Attributes[K]>
    return fc
      .tuple(
        fc.subarray(names),
        fc.array(wild, { minLength: names.length, maxLength: names.length }),
        fc.boolean(),
        fc.constantFrom(null, ...use.operands.map((_, k) => k)),
        dims(0, 5),
        dtypes,
      )
      .map(([changed, values, mixed, k, shape, dtype]) => ({
        operands: (mixed ? other : use).operands.map((x, i) => (i === k ? { shape, dtype } : x)),
        attributes: Object.fromEntries(
          names.map((name, i) => [name, changed.includes(name) ? values[i] : use.attributes[name]]),
        ) as unknown as Attributes[K],
      }))
  })

/** Runs a kernel on plain arrays, where a step outside shows: reading gives `undefined`, writing makes the array longer. */
const staysInside = <K extends PrimitiveName>(row: Primitive<K>, use: Use<K>, result: Spec): void => {
  const draw = drawn(1)
  const kernel = row.kernel(F64, { ...use, result }, () => () => [])
  const out = new Array<number>(size(result.shape)).fill(Number.POSITIVE_INFINITY)
  kernel(
    use.operands.map((x, k) => [...numbersFor(x, draw, use.range?.[k])]),
    out,
  )
  expect(Object.keys(out).length).toBe(size(result.shape))
  for (const x of out) if (typeof x !== 'number' || x === Number.POSITIVE_INFINITY) throw new Error(`element ${x}`)
}

interface Options {
  readonly runs?: number
  /** the value is affine in each operand, so a difference of values is the tangent, exactly */
  readonly affine?: boolean
}

/** The laws of one row. */
export const laws = <K extends PrimitiveName>(name: K, uses: fc.Arbitrary<Use<K>>, options: Options = {}): void => {
  const { runs: numRuns = 150, affine = true } = options
  const row = rowOf(name)
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

  describe(`${name}: the laws of a row`, () => {
    it('the codec gives attributes back', () => {
      fc.assert(
        fc.property(uses, ({ attributes }) => {
          const written: unknown = JSON.parse(JSON.stringify(row.attributes.encode(attributes)) ?? 'null')
          expect(row.attributes.decode(written)).toEqual(E.right(attributes))
        }),
        { numRuns },
      )
    })

    it('the kernel writes every element and stays inside', () => {
      fc.assert(
        fc.property(uses, (use) => {
          const spec = row.spec(use.operands, use.attributes)
          if (E.isLeft(spec)) throw new Error(spec.left.message)
          staysInside(row, use, spec.right)
          expect(
            row.show(
              use.operands.map((_, k) => `x${k}`),
              use.attributes,
            ),
          ).toMatch(/x0/)
          expect(row.flops({ ...use, result: spec.right })).toBeGreaterThanOrEqual(0)
        }),
        { numRuns },
      )
    })

    it('attributes that do not fit are a Left, and those that do can be computed', () => {
      fc.assert(
        fc.property(fuzzed(uses), (use) => {
          if (E.isLeft(row.attributes.decode(use.attributes))) return
          const spec = row.spec(use.operands, use.attributes)
          if (E.isLeft(spec)) {
            expect(spec.left.message.startsWith(`${name}: `)).toBe(true)
            expect(spec.left.message).not.toMatch(/undefined|NaN(?! is)/)
          } else if (size(spec.right.shape) <= 10_000 && use.operands.every((x) => size(x.shape) <= 10_000))
            staysInside(row, use, spec.right)
        }),
        { numRuns: numRuns * 6 },
      )
    })

    const rule = row.batch
    if (rule !== null)
      it('the batch rule is the loop over the batch', () => {
        fc.assert(
          fc.property(uses, seeds, (use, seed) => {
            const draw = drawn(seed)
            const { operands, attributes, range } = use
            const length = draw(0, 3)
            const batched = operands.map(() => draw(0, 1) === 1)
            if (!batched.includes(true)) batched[draw(0, batched.length - 1)] = true
            const specs = operands.map((x, k) => (batched[k] ? { ...x, shape: [length, ...x.shape] } : x))
            const values = specs.map((x, k) => numbersFor(x, draw, range?.[k]))
            const [all] = evaluate(specs, values, (v, xs) => [rule(v, xs, batched, length, attributes)])
            const spec = row.spec(operands, attributes)
            if (E.isLeft(spec)) throw new Error(spec.left.message)
            const each = Array.from({ length }, (_, l) =>
              apply(
                name,
                operands,
                values.map((x, k) =>
                  batched[k] ? x.slice(l * size(operands[k].shape), (l + 1) * size(operands[k].shape)) : x,
                ),
                attributes,
              ),
            )
            expect(all.shape).toEqual([length, ...spec.right.shape])
            expect(all.data).toEqual(each.flatMap((one) => [...one.data]))
          }),
          { numRuns },
        )
      })

    if (row.derivative === null) return
    const derivative: Derivative<K> = row.derivative

    it('pull is the transpose of push, and push the difference of values', () => {
      fc.assert(
        fc.property(uses, seeds, (use, seed) => {
          const { operands, attributes } = use
          const spec = row.spec(operands, attributes)
          if (E.isLeft(spec)) throw new Error(spec.left.message)
          if (spec.right.dtype !== 'real') return
          const draw = drawn(seed)
          const y = spec.right
          const values = dataFor(use, draw)
          operands.forEach((operand, k) => {
            if (operand.dtype !== 'real') return
            const dx = numbersFor(operand, draw)
            const ct = numbersFor(y, draw)
            const [tangent, cotangent, before, after] = evaluate(
              [...operands, operand, y],
              [...values, dx, ct],
              (v, vars) => {
                const xs = vars.slice(0, operands.length)
                const [d, c] = vars.slice(operands.length)
                const value = v.emit(name, xs, attributes)
                return [
                  derivative.push(
                    v,
                    xs.map((_, i) => (i === k ? d : null)),
                    xs,
                    value,
                    attributes,
                  ) ?? v.like(value, 0),
                  derivative.pull(v, c, k, xs, value, attributes) ?? v.like(d, 0),
                  value,
                  v.emit(name, xs.with(k, v.add(xs[k], d)), attributes),
                ]
              },
            )
            expect(tangent.shape).toEqual(y.shape)
            expect(cotangent.shape).toEqual(operand.shape)
            expect(dot(ct, tangent.data)).toBe(dot(cotangent.data, dx))
            if (affine) expect(tangent.data).toEqual(after.data.map((a, i) => a - before.data[i] + 0))
          })
        }),
        { numRuns },
      )
    })
  })
}
