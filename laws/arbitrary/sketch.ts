/**
 * Random programs, in static single assignment: a list of steps, each of which applies a primitive to earlier values.
 *
 * A step names its operands by how far back they stand, modulo how many there are, and its choices are made from the
 * shape that it meets. So every list of steps is a program, on any inputs: leaving one out, which is how programs shrink,
 * cannot make one invalid. Operands are shared freely (fan-out). Where an operand must lie in a domain it passes through a
 * smooth guard first, such as `1/4 + a^2` for what must be positive.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import type { PrimitiveName, Vocabulary } from '../../src/primitive/index.js'
import { attempt } from '../../src/primitive/Recorder.js'
import { type Reverse, step } from '../../src/Reverse.js'
import { equals, type Shape, type Spec, size } from '../../src/Shape.js'
import type { AnyVar } from '../../src/Var.js'
import type { Model } from '../Model.js'
import { names, tensorOf } from './site.js'
import type { Maker } from './Use.js'
import { uses } from './uses.js'
import { ANYWHERE, bitsOf, choices, type Domain, drawing, type Source, shapes, sources, valuesAt } from './values.js'

/**
 * A step of a program.
 *
 * @category model
 * @since 0.1.0
 */
export interface Stroke {
  readonly primitive: PrimitiveName
  /** how far back each operand stands */
  readonly back: ReadonlyArray<number>
  readonly choices: ReadonlyArray<number>
}

/**
 * A program for any inputs.
 *
 * @category model
 * @since 0.1.0
 */
export type Sketch = ReadonlyArray<Stroke>

/** `c / (1 + x^2)` and the like need literals. */
const affine = (v: Vocabulary, x: AnyVar, scale: number, offset: number): AnyVar =>
  v.add(v.mul(x, v.like(x, scale)), v.like(x, offset))

const EDGE = 7 / 8

/** A smooth map of all numbers into a domain. */
const guard = (v: Vocabulary, x: AnyVar, { low, high, wild, nonzero }: Domain): AnyVar => {
  if (wild === true) return low > ANYWHERE.low || nonzero === true ? v.add(v.mul(x, x), v.like(x, 0.25)) : x
  // 2x / (1 + x^2) has all values from -1 to 1
  const bounded = v.div(v.add(x, x), v.add(v.mul(x, x), v.like(x, 1)))
  const from = nonzero === true ? Math.max(low, 1 / 4) : low
  return affine(v, bounded, (EDGE * (high - from)) / 2, (high + from) / 2)
}

/** A value in another shape: as it is, repeated, or summed up and repeated. */
const fitted = (v: Vocabulary, x: AnyVar, shape: Shape): AnyVar => {
  if (equals(x.shape, shape)) return x
  if (size(x.shape) === size(shape)) return v.reshape(x, shape)
  const rank = x.shape.length
  const tail = shape.slice(shape.length - rank)
  if (rank <= shape.length && equals(tail, x.shape))
    return v.broadcast(
      x,
      shape,
      x.shape.map((_, d) => d + shape.length - rank),
    )
  const total = v.sum(
    x,
    x.shape.map((_, d) => d),
  )
  return v.broadcast(total, shape, [])
}

const WHOLE = (bits: number, { low, high }: Domain): number => low + (bits % (high - low + 1))

const stroke = (v: Vocabulary, pool: ReadonlyArray<AnyVar>, { primitive, back, choices: list }: Stroke): AnyVar => {
  const from = (k: number): AnyVar => pool[pool.length - 1 - ((back[k] ?? k) % pool.length)]
  const use = (uses[primitive] as Maker<PrimitiveName>)(drawing(list), from(0).shape)
  const operands = use.operands.map((spec: Spec, k) => {
    const x = fitted(v, from(k), spec.shape)
    if (spec.dtype === 'real') return guard(v, x, use.domains[k])
    if (spec.dtype === 'bool') return v.gt(x, fitted(v, from(k + 1), spec.shape))
    const whole = Array.from({ length: size(spec.shape) }, (_, i) => WHOLE(bitsOf(list[0] ?? 0, k, i), use.domains[k]))
    return v.emit('constant', [], { value: tensorOf(spec, whole) })
  })
  return v.convert(v.emit(primitive, operands, use.attributes), 'real')
}

/**
 * What a sketch makes of its inputs: the last value and, for more than one result, those before it.
 *
 * @category destructors
 * @since 0.1.0
 */
export const draw =
  (sketch: Sketch, outputs = 1) =>
  (xs: ReadonlyArray<AnyVar>): Reverse<ReadonlyArray<AnyVar>> =>
    step(xs, ({ vocabulary: v }, inputs) =>
      attempt(() => {
        const pool = [...inputs]
        for (const one of sketch) {
          const y = stroke(v, pool, one)
          // large results would only slow the laws down
          pool.push(
            size(y.shape) <= 64 && y.shape.length <= 5
              ? y
              : v.sum(
                  y,
                  y.shape.map((_, d) => d),
                ),
          )
        }
        return E.right(Array.from({ length: outputs }, (_, i) => pool[Math.max(0, pool.length - 1 - i)]))
      }),
    )

const RARE = 1
const COMMON = 6

const weights: Partial<Record<PrimitiveName, number>> = {
  add: COMMON,
  sub: COMMON,
  mul: COMMON,
  div: COMMON,
  sin: COMMON,
  exp: COMMON,
  tanh: COMMON,
  max: 3,
  select: 3,
  contract: COMMON,
  sum: COMMON,
  broadcast: 3,
  convolve: 3,
  gather: 3,
  call: 3,
}

/** Jumps, whose derivative is zero, would hide what flows into them. */
const FLAT: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'sign',
  'floor',
  'ceil',
  'round',
  'mod',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'and',
  'or',
  'xor',
  'not',
  'argMax',
  'argMin',
  'argSort',
  'argTopK',
  'randomBits',
  'iota',
  'constant',
  'stopGradient',
  'convert',
])

const KINKED: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'abs',
  'max',
  'min',
  'select',
  'reduceMax',
  'reduceMin',
  'sort',
  'topK',
  'reduceWindow',
  'atan2',
  'lgamma',
  'polygamma',
])

const ELEMENTARY: ReadonlyArray<PrimitiveName> = [
  'neg',
  'reciprocal',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sqrt',
  'rsqrt',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'atan2',
]

const SCALARS: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  ...ELEMENTARY,
  'abs',
  'max',
  'min',
  'select',
  'call',
  'label',
])

/** What is smooth where it is defined, and each of whose derivatives costs a few operations. */
const ARITHMETIC: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([...ELEMENTARY, 'lgamma', 'contract', 'sum'])

/**
 * Steps that use some primitives.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const strokes = (allowed: (name: PrimitiveName) => boolean): fc.Arbitrary<Stroke> =>
  fc.record({
    primitive: fc.oneof(
      ...names.filter(allowed).map((name) => ({ weight: weights[name] ?? RARE, arbitrary: fc.constant(name) })),
    ),
    back: fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(9) }), {
      minLength: 3,
      maxLength: 3,
    }),
    choices,
  })

/**
 * Which primitives a random program is made of: `arithmetic` sums, products and elementary functions, `scalar` elementary
 * functions and choices on single numbers, `smooth` all tensor primitives without kinks, `tensor` all that have derivatives,
 * `any` all there are.
 *
 * @category model
 * @since 0.1.0
 */
export type Palette = 'arithmetic' | 'scalar' | 'smooth' | 'tensor' | 'any'

const allows: { readonly [P in Palette]: (name: PrimitiveName) => boolean } = {
  arithmetic: (name) => ARITHMETIC.has(name),
  scalar: (name) => SCALARS.has(name),
  smooth: (name) => !FLAT.has(name) && !KINKED.has(name),
  tensor: (name) => !FLAT.has(name),
  any: () => true,
}

/**
 * @category arbitraries
 * @since 0.1.0
 */
export const sketches = (palette: Palette, maxLength = 8): fc.Arbitrary<Sketch> =>
  fc.array(strokes(allows[palette]), { minLength: 1, maxLength })

/**
 * A random program with its inputs and numbers.
 *
 * @category model
 * @since 0.1.0
 */
export interface Drawn {
  readonly sketch: Sketch
  readonly inputs: ReadonlyArray<Shape>
  readonly outputs: number
  readonly source: Source
}

const INPUT: Domain = { low: -3, high: 3, wild: false, kink: 0 }

/**
 * The numbers of the inputs of a program.
 *
 * @category destructors
 * @since 0.1.0
 */
export const pointOf = (inputs: ReadonlyArray<Shape>, source: Source): Model['point'] =>
  inputs.map((shape, i) => valuesAt(source, INPUT, i, size(shape)))

/**
 * @category conversions
 * @since 0.1.0
 */
export const drawnModel = ({ sketch, inputs, outputs, source }: Drawn): Model => ({
  label: 'program',
  inputs,
  point: pointOf(inputs, source),
  f: draw(sketch, outputs),
})

/**
 * Random programs with their inputs. Programs, shapes and numbers all shrink.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const programs = (
  palette: Palette,
  { maxLength = 8, outputs = 2 }: { readonly maxLength?: number; readonly outputs?: number } = {},
): fc.Arbitrary<Drawn> =>
  fc.record({
    sketch: sketches(palette, maxLength),
    inputs: fc.array(palette === 'scalar' ? fc.constant<Shape>([]) : shapes(2), { minLength: 1, maxLength: 3 }),
    outputs: fc.integer({ min: 1, max: outputs }),
    source: sources,
  })

/**
 * Random models.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const models = (
  palette: Palette,
  options: { readonly maxLength?: number; readonly outputs?: number } = {},
): fc.Arbitrary<Model> => programs(palette, options).map(drawnModel)
