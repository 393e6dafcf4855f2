/**
 * Steps that look like the left-hand side of an identity: of those that hold, and of those that only seem to.
 *
 * @since 0.1.0
 */
import type { Comparison } from '../../../src/primitive/index.js'
import type { DType } from '../../../src/Shape.js'
import { noAttributes } from '../../../src/Tape.js'
import { DIVISORS } from './numbers.js'
import { joining, layout, NUMBER, product, REAL, type Step, single } from './steps.js'

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

/**
 * A step for each of them.
 *
 * @category model
 * @since 0.1.0
 */
export const lookalikes: { readonly [L in Lookalike]: Step } = {
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
