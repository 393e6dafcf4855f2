/**
 * Programs that go roundabout: what a simplifier should see through, and what only looks like it. They are made of the
 * operands of every identity, true or false, and are tested at the numbers at which the false ones fail: zeros of both
 * signs, infinities, NaN, and numbers that over- or underflow.
 *
 * Like the sketches of `sketch.ts` they are lists of steps each of which fits whatever stands before it, so they shrink by
 * leaving out any step.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import type { Comparison, PrimitiveName, Vocabulary } from '../../src/primitive/index.js'
import { attempt } from '../../src/primitive/Recorder.js'
import { step } from '../../src/Reverse.js'
import { type DType, equals, type Shape, size } from '../../src/Shape.js'
import { noAttributes } from '../../src/Tape.js'
import type { AnyVar } from '../../src/Var.js'
import type { Model } from '../Model.js'
import { programFrom } from './Use.js'
import { bitsOf, choices, type Draw, drawing, shapes } from './values.js'

/** Numbers that identities turn on. */
const PIVOTS: ReadonlyArray<number> = [0, -0, 1, -1, 2, 0.5, -4, 3]

const INFINITY = Number.POSITIVE_INFINITY

const ODDITIES: ReadonlyArray<number> = [0.1, 1 / 3, INFINITY, -INFINITY, Number.NaN, 1 + 2 ** -30, 2 ** -130, 16777217]

const SPECIAL: ReadonlyArray<number> = [...PIVOTS, ...PIVOTS, ...ODDITIES]

const EXTREME: ReadonlyArray<number> = [...PIVOTS, 0, -0, ...ODDITIES, -0.3, 7, 2 ** -1060, 1.5e308, -3e38]

const ORDINARY: ReadonlyArray<number> = [0.5, -0.75, 1.25, 2, -3, 0.1, 1.75, -1]

const TAME_PIVOTS: ReadonlyArray<number> = [0, 1, -1, 2, 3, 0.5, 4, -2]

/** Powers of two with and without an inverse, and others. */
const DIVISORS: ReadonlyArray<number> = [3, -7, 0.1, 2, -0.25, 2 ** 127, 2 ** 1023, 2 ** -1060]

const WHOLE: ReadonlyArray<number> = [0, 1, -1, 2, 16777217, -(2 ** 31)]

/** What a step has to work with. */
interface Scene {
  readonly v: Vocabulary
  readonly draw: Draw
  /** an earlier value of an element type */
  readonly any: (dtype?: DType) => AnyVar
  /** a value, or a literal, in the shape and type of another */
  readonly beside: (x: AnyVar) => AnyVar
  readonly literal: (x: AnyVar) => AnyVar
}

type Step = (scene: Scene) => AnyVar

const pointwise =
  (names: ReadonlyArray<PrimitiveName>, dtypes: ReadonlyArray<DType>): Step =>
  ({ v, draw, any, beside }) => {
    const name = draw.pick(names)
    const x = any(draw.pick(dtypes))
    const y = beside(x)
    return v.emit(name, draw.bool() ? [x, y] : [y, x], noAttributes as never)
  }

const single =
  (names: ReadonlyArray<PrimitiveName>, dtypes: ReadonlyArray<DType>): Step =>
  ({ v, draw, any }) =>
    v.emit(draw.pick(names), [any(draw.pick(dtypes))], noAttributes as never)

/** Another shape for as many elements: dimensions of 1 come and go, or all is one dimension. */
const reshaped = (draw: Draw, shape: Shape): Shape => {
  const way = draw.int(0, 2)
  if (way === 0) return shape.toSpliced(draw.int(0, shape.length), 0, 1)
  return way === 1 ? shape.filter((n) => n !== 1) : [size(shape)]
}

const along = (draw: Draw, x: AnyVar): ReadonlyArray<number> => draw.subset(x.shape.length)

const layout: ReadonlyArray<Step> = [
  ({ v, draw, any }) => {
    const x = any()
    return v.reshape(x, reshaped(draw, x.shape))
  },
  ({ v, draw, any }) => {
    const x = any()
    return v.emit('permute', [x], { order: draw.order(x.shape.length) })
  },
  ({ v, draw, any }) => {
    const x = any()
    const at = draw.int(0, x.shape.length)
    const shape = x.shape.toSpliced(at, 0, draw.int(1, 3))
    return v.broadcast(
      x,
      shape,
      x.shape.map((_, d) => (d < at ? d : d + 1)),
    )
  },
  ({ v, draw, any }) => {
    const x = any()
    const stop = x.shape.map((n) => draw.int(Math.min(n, 1), n))
    const start = stop.map((n) => draw.int(0, Math.max(0, n - 1)))
    return v.emit('slice', [x], { start, stop, stride: stop.map(() => draw.int(1, 2)) })
  },
  ({ v, draw, any }) => {
    const x = any()
    const some = () => x.shape.map(() => draw.int(0, 1))
    return v.emit('pad', [x], {
      low: some(),
      high: some(),
      interior: some(),
      value: x.dtype === 'real' ? draw.pick(SPECIAL) : draw.int(0, 1),
    })
  },
  ({ v, draw, any, beside }) => {
    const x = any()
    if (x.shape.length === 0) return x
    return v.emit('concat', draw.bool() ? [x, beside(x)] : [beside(x), x, x], { axis: draw.int(0, x.shape.length - 1) })
  },
  ({ v, draw, any }) => {
    const x = any()
    return v.emit('flip', [x], { axes: along(draw, x) })
  },
]

/** A product with a permuted partner, contracted over some axes and batched over others, and permuted again. */
const product: Step = ({ v, draw, any, beside }) => {
  const x = any('real')
  const order = draw.order(x.shape.length)
  const w = v.emit('permute', [draw.int(0, 2) === 2 ? beside(x) : x], { order })
  const roles = order.map(() => draw.int(0, 2))
  const swapped = draw.bool()
  const of = (role: number): readonly [ReadonlyArray<number>, ReadonlyArray<number>] => {
    const theirs = order.flatMap((_, d) => (roles[d] === role ? [d] : []))
    const own = theirs.map((d) => order[d])
    return swapped ? [theirs, own] : [own, theirs]
  }
  const y = v.emit('contract', swapped ? [w, x] : [x, w], { contract: of(1), batch: of(2) })
  return v.emit('permute', [y], { order: draw.order(y.shape.length) })
}

const joining: ReadonlyArray<Step> = [
  ({ v, draw, any }) => {
    const x = any(draw.pick<DType>(['real', 'int']))
    return v.emit('sum', [x], { axes: along(draw, x) })
  },
  ({ v, draw, any }) => {
    const x = any('real')
    return x.shape.includes(0) ? x : v.emit(draw.pick(['reduceMax', 'reduceMin']), [x], { axes: along(draw, x) })
  },
  ({ v, draw, any }) => {
    const x = any('real')
    if (x.shape.length === 0) return x
    const axis = draw.int(0, x.shape.length - 1)
    return draw.bool()
      ? v.emit('cumsum', [x], { axis, reverse: draw.bool() })
      : v.emit('sort', [x], { axis, descending: draw.bool() })
  },
]

/** `x y - x`, as a called program. */
const called: Step = ({ v, any, beside }) => {
  const x = any('real')
  const body = programFrom([x, x], (w, [a, b]) => [w.sub(w.mul(a, w.neg(w.neg(b))), a)])
  return v.emit('call', [x, beside(x)], { name: 'called', body })
}

const REAL: ReadonlyArray<DType> = ['real']
const BOOL: ReadonlyArray<DType> = ['bool']
const NUMBER: ReadonlyArray<DType> = ['real', 'real', 'int']

const steps: ReadonlyArray<Step> = [
  pointwise(['add', 'sub', 'mul'], NUMBER),
  pointwise(['div', 'pow', 'max', 'min'], REAL),
  pointwise(['eq', 'ne', 'lt', 'le', 'gt', 'ge'], NUMBER),
  pointwise(['and', 'or', 'xor'], BOOL),
  single(['neg', 'abs', 'sign'], NUMBER),
  single(['floor', 'ceil', 'round', 'reciprocal', 'exp', 'tanh'], REAL),
  single(['not'], BOOL),
  ({ v, draw, any }) => v.emit('convert', [any()], { dtype: draw.pick<DType>(['real', 'int', 'bool']) }),
  ({ v, any, beside }) => {
    const x = any()
    return v.select(v.convert(beside(x), 'bool'), x, beside(x))
  },
  ({ v, draw, any }) =>
    v.emit(draw.pick(['label', 'stopGradient', 'variable']), [any('real')], { name: 'here' } as never),
  called,
  product,
  ...layout,
  ...joining,
]

// ------------------------------------------------------------------------------------------------- look-alikes

const ARITHMETIC: ReadonlyArray<'add' | 'sub' | 'mul' | 'div'> = ['add', 'sub', 'mul', 'div']
const COMPARISONS: ReadonlyArray<Comparison> = ['eq', 'ne', 'lt', 'le', 'gt', 'ge']

/** A step on the result of another. */
const then =
  (first: ReadonlyArray<Step>, second: ReadonlyArray<Step>): Step =>
  (scene) => {
    const x = scene.draw.pick(first)(scene)
    return scene.draw.pick(second)({
      ...scene,
      any: (dtype) => (dtype === undefined ? x : scene.v.convert(x, dtype)),
    })
  }

/**
 * The left-hand sides of identities, of those that hold and of those that only seem to.
 *
 * @category model
 * @since 0.1.0
 */
export type Lookalike =
  | 'a value and a number'
  | 'a quotient'
  | 'a power or an extreme'
  | 'numbers known beforehand'
  | 'something less itself'
  | 'something beside itself'
  | 'signs outside'
  | 'signs inside'
  | 'one after the other'
  | 'the same twice'
  | 'either order'
  | 'negated comparisons'
  | 'choices of choices'
  | 'conversions'
  | 'two maps'
  | 'three maps'
  | 'a map before a sum'
  | 'a sum of sums'
  | 'a slice of padding'
  | 'a map before a product'
  | 'a product'

const lookalikes: { readonly [L in Lookalike]: Step } = {
  'a value and a number': ({ v, draw, any, literal }) => {
    const x = any(draw.pick(NUMBER))
    const [a, b] = draw.bool() ? [x, literal(x)] : [literal(x), x]
    return v.emit(draw.pick(['add', 'sub', 'mul']), [a, b], noAttributes)
  },
  'a quotient': ({ v, draw, any, literal }) => {
    const x = any('real')
    const y = draw.bool() ? literal(x) : v.like(x, draw.pick(DIVISORS))
    return draw.int(0, 2) === 2 ? v.div(y, x) : v.div(x, y)
  },
  'a power or an extreme': ({ v, draw, any, literal }) => {
    const x = any('real')
    const [a, b] = draw.bool() ? [x, literal(x)] : [literal(x), x]
    return v.emit(draw.pick(['pow', 'max', 'min']), [a, b], noAttributes)
  },
  'numbers known beforehand': ({ v, draw, any, literal }) => {
    const x = any('real')
    return v.emit(draw.pick([...ARITHMETIC, 'pow']), [literal(x), literal(x)], noAttributes)
  },
  'something less itself': ({ v, draw, any }) => {
    const x = any('real')
    return v.emit(draw.pick(ARITHMETIC), [x, x], noAttributes)
  },
  'something beside itself': ({ v, draw, any }) => {
    const x = any(draw.pick(NUMBER))
    const y = v.emit(draw.pick(COMPARISONS), [x, x], noAttributes)
    return draw.bool() ? y : v.emit(draw.pick(['max', 'min']), [v.convert(y, x.dtype), x], noAttributes)
  },
  'signs outside': ({ v, draw, any, beside }) => {
    const x = any('real')
    return v.neg(v.emit(draw.pick(ARITHMETIC), [x, beside(x)], noAttributes))
  },
  'signs inside': ({ v, draw, any, beside }) => {
    const x = any('real')
    const y = beside(x)
    return v.emit(draw.pick(ARITHMETIC), [draw.bool() ? v.neg(x) : x, draw.bool() ? v.neg(y) : y], noAttributes)
  },
  'one after the other': then(
    [single(['neg', 'abs', 'sign', 'floor', 'ceil', 'round'], REAL)],
    [single(['neg', 'abs', 'sign', 'floor', 'round'], REAL)],
  ),
  'the same twice': ({ v, draw, any, beside }) => {
    const x = any('real')
    const name = draw.pick(['add', 'mul', 'max', 'min'] as const)
    return v.emit(name, [v.emit(name, [x, beside(x)], noAttributes), beside(x)], noAttributes)
  },
  'either order': ({ v, draw, any, literal }) => {
    const x = any('real')
    const zero = v.like(x, draw.pick([0, -0]))
    const y = draw.bool() ? zero : literal(x)
    return v.emit(draw.pick(['max', 'min', 'sub']), draw.bool() ? [x, y] : [y, x], noAttributes)
  },
  'negated comparisons': ({ v, draw, any, beside }) => {
    const x = any('real')
    return v.emit('not', [v.emit(draw.pick(COMPARISONS), [x, beside(x)], noAttributes)], noAttributes)
  },
  'choices of choices': ({ v, draw, any, beside }) => {
    const x = any('real')
    const c = v.emit(draw.pick(COMPARISONS), [x, beside(x)], noAttributes)
    return draw.bool()
      ? v.select(v.emit('not', [c], noAttributes), x, beside(x))
      : v.select(c, v.select(c, x, beside(x)), v.select(c, beside(x), v.neg(x)))
  },
  conversions: ({ v, draw, any, literal }) => {
    const x = any('int')
    const y = v.emit('add', [x, literal(x)], noAttributes)
    return v.convert(v.convert(y, 'real'), draw.pick<DType>(['int', 'bool']))
  },
  'two maps': then(layout, layout),
  'three maps': then([then(layout, layout)], layout),
  'a map before a sum': then(layout, joining),
  'a sum of sums': ({ v, draw, any }) => {
    const x = v.tanh(any('real'))
    if (x.shape.length === 0) return x
    const y = v.sum(x, [draw.int(0, x.shape.length - 1)])
    return v.sum(
      y,
      y.shape.map((_, d) => d),
    )
  },
  // as long as what is padded, and somewhere else
  'a slice of padding': ({ v, draw, any }) => {
    const x = any('real')
    const low = x.shape.map(() => draw.int(0, 1))
    const start = x.shape.map(() => draw.int(0, 1))
    const none = x.shape.map(() => 0)
    const y = v.emit('pad', [x], { low, high: low.map((n) => 1 - n), interior: none, value: 1 })
    return v.emit('slice', [y], { start, stop: start.map((n, d) => n + x.shape[d]), stride: none.map(() => 1) })
  },
  'a map before a product': then(layout, [product]),
  'a product': product,
}

/**
 * The names of all of them.
 *
 * @category model
 * @since 0.1.0
 */
export const lookalikeNames: ReadonlyArray<Lookalike> = Object.keys(lookalikes) as ReadonlyArray<Lookalike>

/**
 * @category model
 * @since 0.1.0
 */
export interface Roundabout {
  readonly inputs: ReadonlyArray<Shape>
  readonly path: ReadonlyArray<{ readonly kind: number; readonly choices: ReadonlyArray<number> }>
  readonly seed: number
  /** commutative operations with their operands the other way round */
  readonly mirrored: boolean
  /** at numbers at which derivatives exist */
  readonly tame: boolean
}

/** How far back a step looks: seldom far. */
const BACK: ReadonlyArray<number> = [0, 0, 0, 1, 1, 2, 3, 5]

const all: ReadonlyArray<Step> = [...steps, ...Object.values(lookalikes)]

const MOST = 48
const MOST_DIMENSIONS = 4
const RESULTS = 3

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'eq', 'ne', 'and', 'or', 'xor'])

/** The vocabulary with swapped operands, where that makes no difference. */
const mirroring = (v: Vocabulary): Vocabulary => {
  const emit: Vocabulary['emit'] = (name, xs, attributes) =>
    v.emit(name, COMMUTATIVE.has(name) ? xs.toReversed() : xs, attributes)
  return { ...v, emit, add: (x, y) => v.add(y, x), mul: (x, y) => v.mul(y, x) }
}

const walk = (
  { path, mirrored, tame }: Roundabout,
  words: Vocabulary,
  inputs: ReadonlyArray<AnyVar>,
): ReadonlyArray<AnyVar> => {
  const v = mirrored ? mirroring(words) : words
  const pool = [...inputs]
  for (const { kind, choices: list } of path) {
    const draw = drawing(list)
    const back = (): AnyVar => pool[Math.max(0, pool.length - 1 - draw.pick(BACK))]
    const literal = (x: AnyVar): AnyVar => {
      const value = draw.pick(x.dtype === 'int' ? WHOLE : tame ? TAME_PIVOTS : SPECIAL)
      return v.like(x, x.dtype === 'bool' ? value & 1 : value)
    }
    const scene: Scene = {
      v,
      draw,
      any: (dtype) => {
        const x = back()
        return dtype === undefined ? x : v.convert(x, dtype)
      },
      beside: (x) => {
        const y = back()
        return draw.bool() && equals(x.shape, y.shape) ? v.convert(y, x.dtype) : literal(x)
      },
      literal,
    }
    const y = all[kind % all.length](scene)
    pool.push(
      size(y.shape) <= MOST && y.shape.length <= MOST_DIMENSIONS
        ? y
        : v.convert(
            v.sum(
              v.convert(y, 'real'),
              y.shape.map((_, d) => d),
            ),
            y.dtype,
          ),
    )
  }
  return pool.slice(-RESULTS).map((y) => v.convert(y, 'real'))
}

/**
 * A roundabout program as a model.
 *
 * @category conversions
 * @since 0.1.0
 */
export const roundaboutModel = (roundabout: Roundabout): Model => {
  const { inputs, seed, tame } = roundabout
  const numbers = tame ? ORDINARY : EXTREME
  return {
    label: 'roundabout program',
    inputs,
    point: inputs.map((shape, i) =>
      Array.from({ length: size(shape) }, (_, j) => numbers[bitsOf(seed, i, j) % numbers.length]),
    ),
    f: (xs) => step(xs, ({ vocabulary }, vars) => attempt(() => E.right(walk(roundabout, vocabulary, vars)))),
  }
}

const strokes = (from: number, to: number = all.length - 1) =>
  fc.record({ kind: fc.integer({ min: from, max: to }), choices })

/**
 * Roundabout programs: at extreme numbers, or at tame ones, where derivatives exist; ending in any of the look-alikes, or
 * in one of them.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const roundabouts = ({
  tame = false,
  maxLength = 5,
  ending,
}: {
  readonly tame?: boolean
  readonly maxLength?: number
  readonly ending?: Lookalike
} = {}): fc.Arbitrary<Roundabout> => {
  const one = ending === undefined ? undefined : steps.length + lookalikeNames.indexOf(ending)
  return fc.record({
    inputs: fc.array(
      fc.oneof(
        { weight: 1, arbitrary: shapes(3) },
        { weight: 1, arbitrary: fc.constantFrom<Shape>([2, 2, 2], [2, 2, 2], [2, 3]) },
      ),
      { minLength: 1, maxLength: 2 },
    ),
    path: fc
      .tuple(
        fc.array(strokes(0), { maxLength }),
        fc.array(strokes(one ?? steps.length, one), { minLength: 1, maxLength: RESULTS }),
      )
      .map(([before, last]) => [...before, ...last]),
    seed: fc.noShrink(fc.nat(2 ** 30)),
    mirrored: fc.constant(false),
    tame: fc.constant(tame),
  })
}
