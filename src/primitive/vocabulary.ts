/**
 * The words that derivative and batching rules are written in, over any way of recording one instruction.
 *
 * @since 0.1.0
 */

import { noAttributes } from '../Tape.js'
import { scalar, unsafeMake } from '../Tensor.js'
import type { AnyVar } from '../Var.js'
import type { Emit, Pointwise, Vocabulary } from './Primitive.js'

/**
 * @category constructors
 * @since 0.1.0
 */
export const vocabulary = (emit: Emit): Vocabulary => {
  const one = (name: Pointwise) => (x: AnyVar) => emit(name, [x], noAttributes)
  const two = (name: Pointwise) => (x: AnyVar, y: AnyVar) => emit(name, [x, y], noAttributes)
  // spelt out, because every recorder makes these, and a literal is made twenty times as fast as from a list of names
  return {
    neg: one('neg'),
    reciprocal: one('reciprocal'),
    exp: one('exp'),
    expm1: one('expm1'),
    log: one('log'),
    log1p: one('log1p'),
    sqrt: one('sqrt'),
    rsqrt: one('rsqrt'),
    sin: one('sin'),
    cos: one('cos'),
    tan: one('tan'),
    asin: one('asin'),
    acos: one('acos'),
    atan: one('atan'),
    sinh: one('sinh'),
    cosh: one('cosh'),
    tanh: one('tanh'),
    sigmoid: one('sigmoid'),
    softplus: one('softplus'),
    erf: one('erf'),
    lgamma: one('lgamma'),
    abs: one('abs'),
    sign: one('sign'),
    floor: one('floor'),
    ceil: one('ceil'),
    round: one('round'),
    add: two('add'),
    sub: two('sub'),
    mul: two('mul'),
    div: two('div'),
    pow: two('pow'),
    atan2: two('atan2'),
    mod: two('mod'),
    max: two('max'),
    min: two('min'),
    eq: two('eq'),
    ne: two('ne'),
    lt: two('lt'),
    le: two('le'),
    gt: two('gt'),
    ge: two('ge'),
    and: two('and'),
    or: two('or'),
    emit,
    select: (c, x, y) => emit('select', [c, x, y], noAttributes),
    like: ({ shape, dtype }, value) => {
      const number =
        dtype === 'real'
          ? scalar(value)
          : unsafeMake([], dtype, dtype === 'int' ? Int32Array.of(value) : Uint8Array.of(value))
      const c = emit('constant', [], { value: number })
      return shape.length === 0 ? c : emit('broadcast', [c], { shape, axes: [] })
    },
    reshape: (x, shape) => emit('reshape', [x], { shape }),
    permute: (x, order) => (order.every((axis, i) => axis === i) ? x : emit('permute', [x], { order })),
    broadcast: (x, shape, axes) => (x.shape.length === shape.length ? x : emit('broadcast', [x], { shape, axes })),
    sum: (x, axes) => (axes.length === 0 ? x : emit('sum', [x], { axes })),
    convert: (x, dtype) => (x.dtype === dtype ? x : emit('convert', [x], { dtype })),
  }
}
