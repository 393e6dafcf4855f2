/**
 * The words that derivative and batching rules are written in, over any way of recording one instruction.
 *
 * @since 0.1.0
 */

import { noAttributes } from '../Tape.js'
import { scalar, unsafeMake } from '../Tensor.js'
import type { AnyVar } from '../Var.js'
import type { Emit, Pointwise, Vocabulary } from './Primitive.js'

const unaryNames = [
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
  'lgamma',
  'abs',
  'sign',
  'floor',
  'ceil',
  'round',
] as const satisfies ReadonlyArray<Pointwise>

const binaryNames = [
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'atan2',
  'mod',
  'max',
  'min',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'and',
  'or',
] as const satisfies ReadonlyArray<Pointwise>

type Unaries = { readonly [K in (typeof unaryNames)[number]]: (x: AnyVar) => AnyVar }
type Binaries = { readonly [K in (typeof binaryNames)[number]]: (x: AnyVar, y: AnyVar) => AnyVar }

/**
 * @category constructors
 * @since 0.1.0
 */
export const vocabulary = (emit: Emit): Vocabulary => ({
  ...(Object.fromEntries(
    unaryNames.map((name) => [name, (x: AnyVar) => emit(name, [x], noAttributes)]),
  ) as unknown as Unaries),
  ...(Object.fromEntries(
    binaryNames.map((name) => [name, (x: AnyVar, y: AnyVar) => emit(name, [x, y], noAttributes)]),
  ) as unknown as Binaries),
  emit,
  select: (c, x, y) => emit('select', [c, x, y], noAttributes),
  like: ({ shape, dtype }, value) => {
    const one =
      dtype === 'real'
        ? scalar(value)
        : unsafeMake([], dtype, dtype === 'int' ? Int32Array.of(value) : Uint8Array.of(value))
    const c = emit('constant', [], { value: one })
    return shape.length === 0 ? c : emit('broadcast', [c], { shape, axes: [] })
  },
  reshape: (x, shape) => emit('reshape', [x], { shape }),
  permute: (x, order) => (order.every((axis, i) => axis === i) ? x : emit('permute', [x], { order })),
  broadcast: (x, shape, axes) => (x.shape.length === shape.length ? x : emit('broadcast', [x], { shape, axes })),
  sum: (x, axes) => (axes.length === 0 ? x : emit('sum', [x], { axes })),
  convert: (x, dtype) => (x.dtype === dtype ? x : emit('convert', [x], { dtype })),
})
