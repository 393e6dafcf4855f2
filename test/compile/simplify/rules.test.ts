import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type SimplifyOptions, simplify } from 'wengert/compile'
import { programFrom } from '../../../laws/arbitrary/index.js'
import { type Primitive, type PrimitiveName, primitives, type Vocabulary } from '../../../src/primitive/index.js'
import type { DType, Shape, Spec } from '../../../src/Shape.js'
import { at, type Instruction, noAttributes } from '../../../src/Tape.js'
import { ints, tensor } from '../../../src/Tensor.js'
import { leaves } from '../../../src/Tree.js'
import type { AnyVar } from '../../../src/Var.js'

type Words = Vocabulary & { readonly is: (name: PrimitiveName, ...xs: ReadonlyArray<AnyVar>) => AnyVar }

const of = (shape: Shape, dtype: DType = 'real'): Spec => ({ shape, dtype })

const SCALARS = [of([]), of([]), of([])]

/** What is left of an expression, as nested text: inputs are x, y, z. */
const left = (
  f: (v: Words, ...xs: ReadonlyArray<AnyVar>) => AnyVar,
  specs: ReadonlyArray<Spec> = SCALARS,
  options: SimplifyOptions = {},
): string => {
  const program = programFrom(specs, (v, xs) => [
    f({ ...v, is: (name, ...ys) => v.emit(name, ys, noAttributes as never) }, ...xs),
  ])
  const simple = simplify(options)(program)
  if (E.isLeft(simple)) throw new Error(simple.left.message)
  const { tape, inputs, outputs } = simple.right
  const names = leaves<AnyVar>(inputs).map(({ id }) => id)
  const text = (id: number, inside: boolean): string => {
    const { primitive, operands, attributes } = at(tape, id) as Instruction
    const named = names.indexOf(id)
    if (named >= 0) return 'xyz'[named]
    const row: Primitive = primitives[primitive as PrimitiveName] as Primitive
    const infix = row.show(['', ''], attributes as never).startsWith(' ')
    const shown = row.show(
      operands.map((k) => text(k, infix || row.name === 'not' || row.name === 'neg')),
      attributes as never,
    )
    return inside && infix ? `(${shown})` : shown
  }
  return text(leaves<AnyVar>(outputs)[0].id, false)
}

describe('identities of arithmetic', () => {
  const cases: ReadonlyArray<readonly [string, (v: Words, x: AnyVar, y: AnyVar) => AnyVar]> = [
    ['x', (v, x) => v.neg(v.neg(x))],
    ['x', (v, x) => v.mul(x, v.like(x, 1))],
    ['x', (v, x) => v.div(x, v.like(x, 1))],
    ['x', (v, x) => v.sub(x, v.like(x, 0))],
    ['x', (v, x) => v.add(v.like(x, -0), x)],
    ['x', (v, x) => v.max(x, x)],
    ['x', (v, x) => v.min(v.like(x, Number.POSITIVE_INFINITY), x)],
    ['-x', (v, x) => v.mul(v.like(x, -1), x)],
    ['-x', (v, x) => v.sub(v.like(x, -0), x)],
    ['-x', (v, x) => v.div(x, v.like(x, -1))],
    ['x * y', (v, x, y) => v.mul(v.neg(x), v.neg(y))],
    ['x / y', (v, x, y) => v.div(v.neg(x), v.neg(y))],
    ['x - y', (v, x, y) => v.add(x, v.neg(y))],
    ['y - x', (v, x, y) => v.add(v.neg(x), y)],
    ['x + y', (v, x, y) => v.sub(x, v.neg(y))],
    ['x * -3', (v, x) => v.neg(v.mul(x, v.like(x, 3)))],
    ['x * 0.25', (v, x) => v.div(x, v.like(x, 4))],
    ['1 / x', (v, x) => v.div(v.like(x, 1), x)],
    ['1', (v, x) => v.pow(x, v.like(x, 0))],
    ['|x|', (v, x) => v.abs(v.neg(v.abs(x)))],
    ['floor(x)', (v, x) => v.ceil(v.floor(x))],
    ['x * x', (v, x) => v.mul(v.neg(x), v.neg(x))],
    ['x', (v, x, y) => v.select(v.lt(x, y), x, x)],
    ['y', (v, x, y) => v.select(v.lt(v.like(x, 2), v.like(x, 1)), x, y)],
    ['(x < y) ? y : x', (v, x, y) => v.select(v.is('not', v.gt(y, x)), x, y)],
    ['x != y', (v, x, y) => v.is('not', v.eq(x, y))],
    [String(Math.exp(0.5)), (v, x) => v.exp(v.like(x, 0.5))],
  ]
  for (const [expected, f] of cases) it(expected, () => expect(left(f)).toBe(expected))
})

describe('what only looks like an identity', () => {
  const cases: ReadonlyArray<readonly [string, (v: Words, x: AnyVar, y: AnyVar) => AnyVar]> = [
    ['x + 0', (v, x) => v.add(x, v.like(x, 0))],
    ['x - 0', (v, x) => v.sub(x, v.like(x, -0))],
    ['0 - x', (v, x) => v.sub(v.like(x, 0), x)],
    ['x * 0', (v, x) => v.mul(x, v.like(x, 0))],
    ['x - x', (v, x) => v.sub(x, x)],
    ['x / x', (v, x) => v.div(x, x)],
    ['x / 3', (v, x) => v.div(x, v.like(x, 3))],
    [`x / ${2 ** -1060}`, (v, x) => v.div(x, v.like(x, 2 ** -1060))],
    ['-(x - y)', (v, x, y) => v.neg(v.sub(x, y))],
    ['sqrt(x * x)', (v, x) => v.sqrt(v.mul(x, x))],
    ['x ** 2', (v, x) => v.pow(x, v.like(x, 2))],
    ['not (x < y)', (v, x, y) => v.is('not', v.lt(x, y))],
    ['max(y, x)', (v, x, y) => v.max(y, x)],
    ['(x + 0.1) + 0.2', (v, x) => v.add(v.add(x, v.like(x, 0.1)), v.like(x, 0.2))],
    ['x == x', (v, x) => v.eq(x, x)],
  ]
  for (const [expected, f] of cases) it(expected, () => expect(left(f)).toBe(expected))

  it('relaxed: some of it', () => {
    const relaxed = (f: (v: Words, x: AnyVar) => AnyVar) => left(f, SCALARS, { relaxed: true })
    expect(relaxed((v, x) => v.add(x, v.like(x, 0)))).toBe('x')
    expect(relaxed((v, x) => v.sub(v.like(x, 0), x))).toBe('-x')
    expect(relaxed((v, x) => v.pow(x, v.like(x, 2)))).toBe('x * x')
    expect(relaxed((v, x) => v.mul(x, v.like(x, 0)))).toBe('x * 0')
    expect(relaxed((v, x) => v.sub(x, x))).toBe('x - x')
  })
})

describe('integers and truths', () => {
  const int = [of([], 'int'), of([], 'int')]
  const bool = [of([], 'bool'), of([], 'bool')]
  it('integers are a ring', () => {
    expect(left((v, x) => v.add(x, v.like(x, 0)), int)).toBe('x')
    expect(left((v, x) => v.mul(x, v.like(x, 0)), int)).toBe('0')
    expect(left((v, x) => v.sub(x, x), int)).toBe('0')
    expect(left((v, x) => v.le(x, x), int)).toBe('1')
  })
  it('conversions there and back', () => {
    const there = (v: Words, x: AnyVar) => v.convert(v.convert(x, 'real'), 'int')
    expect(left(there, int)).toBe('x')
    expect(left(there, int, { scalar: 'f32' })).toBe('int(real(x))')
    expect(left((v, x) => v.convert(v.convert(v.convert(x, 'int'), 'real'), 'bool'), bool)).toBe('x')
  })
  it('logic', () => {
    const no = (v: Words, x: AnyVar) => v.is('not', x)
    expect(left((v, x) => no(v, no(v, x)), bool)).toBe('x')
    expect(left((v, x) => v.and(x, v.like(x, 1)), bool)).toBe('x')
    expect(left((v, x) => v.or(v.like(x, 1), x), bool)).toBe('1')
    expect(left((v, x) => v.is('xor', x, v.like(x, 1)), bool)).toBe('not x')
    expect(left((v, x) => v.is('xor', x, x), bool)).toBe('0')
  })
})

describe('layout', () => {
  const x = [of([2, 3, 4])]
  const one = [of([1, 3, 1])]
  const cut = (start: Shape, stop: Shape, stride: Shape) => ({ start, stop, stride })
  it('chains become one map', () => {
    expect(left((v, y) => v.reshape(v.reshape(y, [6, 4]), [4, 6]), x)).toBe('reshape(x, [4, 6])')
    expect(left((v, y) => v.permute(v.permute(y, [1, 2, 0]), [1, 2, 0]), x)).toBe('permute(x, [2, 0, 1])')
    expect(left((v, y) => v.permute(v.permute(y, [1, 2, 0]), [2, 0, 1]), x)).toBe('x')
    expect(left((v, y) => v.broadcast(v.broadcast(y, [2, 3, 5, 4], [0, 1, 3]), [7, 2, 3, 5, 4], [1, 2, 3, 4]), x)).toBe(
      'broadcast(x, [7, 2, 3, 5, 4], axes=[1, 2, 4])',
    )
    expect(
      left((v, y) => v.emit('slice', [v.emit('slice', [y], cut([1], [10], [2]))], cut([1], [5], [3])), [of([10])]),
    ).toBe('x[3:10:6]')
    expect(left((v, y) => v.emit('flip', [v.emit('flip', [y], { axes: [0, 1] })], { axes: [1, 2] }), x)).toBe(
      'flip(x, axes=[0, 2])',
    )
  })
  it('dimensions of 1 are a matter of shape', () => {
    expect(left((v, y) => v.permute(y, [1, 2, 0]), one)).toBe('reshape(x, [3, 1, 1])')
    expect(left((v, y) => v.sum(y, [0, 2]), one)).toBe('reshape(x, [3])')
    expect(left((v, y) => v.reshape(v.permute(v.reshape(y, [2, 1, 3, 4]), [0, 2, 1, 3]), [2, 3, 4]), x)).toBe('x')
    expect(left((v, y) => v.broadcast(v.reshape(y, [1, 3]), [1, 2, 3], [0, 2]), [of([3])])).toBe(
      'broadcast(x, [1, 2, 3], axes=[2])',
    )
  })
  it('slices look through', () => {
    const whole = cut([0, 0], [2, 3], [1, 1])
    expect(
      left(
        (v, y) => v.emit('slice', [v.emit('concat', [y, y], { axis: 0 })], cut([2, 0], [4, 3], [1, 1])),
        [of([2, 3])],
      ),
    ).toBe('x')
    expect(left((v, y) => v.emit('slice', [v.broadcast(y, [5, 3], [1])], whole), [of([3])])).toBe(
      'broadcast(x, [2, 3], axes=[1])',
    )
    const padded = (v: Words, y: AnyVar) => v.emit('pad', [y], { low: [2], high: [1], interior: [0], value: 0 })
    expect(left((v, y) => v.emit('slice', [padded(v, y)], cut([3], [5], [1])), [of([4])])).toBe('x[1:3]')
    expect(left((v, y) => v.emit('slice', [padded(v, y)], cut([2], [7], [1])), [of([4])])).toContain('pad')
  })
})

describe('contractions', () => {
  const matrices = [of([3, 4]), of([5, 4])]
  const product = (v: Words, x: AnyVar, y: AnyVar, axes: readonly [ReadonlyArray<number>, ReadonlyArray<number>]) =>
    v.emit('contract', [x, y], { contract: axes, batch: [[], []] })
  it('take their operands as they are', () => {
    expect(left((v, x, y) => product(v, x, v.permute(y, [1, 0]), [[1], [0]]), matrices)).toBe('contract(x, y, [1]*[1])')
  })
  it('and give their result as it is wanted', () => {
    expect(left((v, x, y) => v.permute(product(v, x, y, [[1], [1]]), [1, 0]), matrices)).toBe('contract(y, x, [1]*[1])')
  })
  it('but free dimensions keep their order', () => {
    const cube = [of([3, 4, 5]), of([5])]
    expect(left((v, x, y) => product(v, v.permute(x, [1, 0, 2]), y, [[2], [0]]), cube)).toContain('permute(x')
  })
})

describe('constants', () => {
  it('are computed in the precision of the engine', () => {
    const third = (v: Words, x: AnyVar) => v.mul(v.div(v.like(x, 1), v.like(x, 3)), v.like(x, 0.1))
    expect(left(third)).toBe(String((1 / 3) * 0.1))
    expect(left(third, SCALARS, { scalar: 'f32' })).toBe(String(Math.fround(Math.fround(1 / 3) * Math.fround(0.1))))
  })
  it('are not written out when they are large', () => {
    const large = [of([1000, 1000])]
    expect(left((v, x) => v.mul(x, v.exp(v.like(x, 0))), large)).toBe('x')
    expect(left((v, x) => v.mul(x, v.exp(v.like(x, 1))), large)).toBe(`x * broadcast(${Math.E}, [1000, 1000], axes=[])`)
  })
  it('of several numbers are, up to the limit', () => {
    const mask = (v: Words, x: AnyVar) =>
      v.mul(x, v.convert(v.emit('constant', [], { value: ints([0, 1, 2]) }), 'real'))
    expect(left(mask, [of([3])])).toBe('x * constant real [3]')
    expect(left(mask, [of([3])], { limit: 2 })).toBe('x * real(constant int [3])')
    const flat = (v: Words) => v.emit('flip', [v.emit('constant', [], { value: tensor([1, 2]) })], { axes: [0] })
    expect(left(flat)).toBe('constant real [2]')
  })
  it('pointwise operations are computed before they are broadcast', () => {
    expect(left((v, x) => v.exp(v.neg(v.broadcast(x, [9, 9], []))))).toBe('broadcast(exp(-x), [9, 9], axes=[])')
    const two = [of([2]), of([3])]
    expect(left((v, x, y) => v.mul(v.broadcast(x, [2, 3, 4], [0]), v.broadcast(y, [2, 3, 4], [1])), two)).toBe(
      'broadcast(broadcast(x, [2, 3], axes=[0]) * broadcast(y, [2, 3], axes=[1]), [2, 3, 4], axes=[0, 1])',
    )
  })
})

describe('relaxed sums', () => {
  const relaxed = (f: Parameters<typeof left>[0], ...specs: ReadonlyArray<Spec>) => left(f, specs, { relaxed: true })
  it('are one sum', () => {
    expect(relaxed((v, x) => v.sum(v.sum(x, [1]), [0]), of([2, 3, 4]))).toBe('sum(x, axes=[0, 1])')
    expect(relaxed((v, x) => v.sum(v.broadcast(x, [2, 5], [0]), [0, 1]), of([2]))).toBe('sum(x, axes=[0]) * 5')
    expect(
      relaxed(
        (v, x, y) => v.sum(v.emit('contract', [x, y], { contract: [[2], [1]], batch: [[0], [0]] }), [0]),
        of([2, 3, 4]),
        of([2, 4]),
      ),
    ).toBe('contract(x, y, [0, 2]*[0, 1])')
  })
  it('parts that were padded are put together again', () => {
    const part = (v: Words, x: AnyVar, low: number) =>
      v.emit('pad', [v.emit('slice', [v.exp(x)], { start: [low], stop: [low + 2], stride: [1] })], {
        low: [low],
        high: [4 - low],
        interior: [0],
        value: 0,
      })
    expect(relaxed((v, x) => v.add(v.add(part(v, x, 4), part(v, x, 2)), part(v, x, 0)), of([6]))).toMatch(
      /^concat\(exp\(x\)\[0:2\], exp\(x\)\[2:4\], exp\(x\)\[4:6\], axis=0\)$/,
    )
  })
})
