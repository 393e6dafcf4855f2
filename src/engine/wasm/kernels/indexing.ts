/**
 * Reading and adding at computed places, running sums, and the place of the largest: `gather`, `scatterAdd`, `cumsum`,
 * `argMax` and `argMin`. All agree bit for bit with their rows, whose conventions hold (`src/primitive/structural.ts`,
 * `src/primitive/selecting.ts`).
 *
 * @since 0.1.0
 */
import type { DType, Shape } from '../../../Shape.js'
import {
  type Expr,
  type Func,
  forEach,
  func,
  i32,
  type Local,
  local,
  memory,
  type Statement,
  select,
  set,
  when,
} from '../assembler.js'
import { around, copyBytes, elementOf } from './element.js'
import type { Scalar } from './lanes.js'
import { loadPart, storePart } from './tile.js'

type Address = Expr<'i32'>

const product = (shape: Shape): number => shape.reduce((p, n) => p * n, 1)

/** `base + bytes (a m + b)`. */
const place = (base: Address, a: Expr<'i32'>, m: number, b: Expr<'i32'>, bytes: number): Address =>
  i32.add(base, i32.mul(i32.add(i32.mul(a, m), b), bytes))

const inside = (k: Local<'i32'>, n: number): Expr<'i32'> => i32.lt_u(k, n)

/**
 * `gather`: the addresses of the table, the indices and the result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const gather = (
  scalar: Scalar,
  dtype: DType,
  x: Shape,
  indices: Shape,
  batch: number,
): Func<readonly ['i32', 'i32', 'i32'], 'void'> => {
  const { bytes, store, constant } = elementOf(scalar, dtype)
  const n = x[batch]
  const groups = product(x.slice(0, batch))
  const each = product(indices.slice(batch))
  const row = product(x.slice(batch + 1))
  return func('gather', ['i32', 'i32', 'i32'], 'void', (from, at, to) => {
    const [b, i, k, source, target, r] = ['b', 'i', 'k', 'source', 'target', 'r'].map(() => local('i32'))
    if (groups * each * row === 0) return []
    const outside = constant(dtype === 'real' ? Number.NaN : 0)
    return [
      set(target, to),
      forEach(b, 0, groups, 1, [
        forEach(i, 0, each, 1, [
          set(k, i32.load(at)),
          set(at, i32.add(at, 4)),
          when(
            inside(k, n),
            [set(source, place(from, b, n * row, i32.mul(k, row), bytes)), ...copyBytes(source, target, row * bytes)],
            [forEach(r, 0, row * bytes, bytes, [store(i32.add(target, r), outside)])],
          ),
          set(target, i32.add(target, row * bytes)),
        ]),
      ]),
    ]
  })
}

/**
 * `scatterAdd`: the addresses of the indices, the updates and the result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scatterAdd = (
  scalar: Scalar,
  dtype: DType,
  indices: Shape,
  updates: Shape,
  batch: number,
  n: number,
): Func<readonly ['i32', 'i32', 'i32'], 'void'> => {
  const { bytes, add, load, store, vectors: v, addLanes } = elementOf(scalar, dtype)
  const groups = product(indices.slice(0, batch))
  const each = product(indices.slice(batch))
  const row = product(updates.slice(indices.length))
  const rest = row % v.lanes
  return func('scatterAdd', ['i32', 'i32', 'i32'], 'void', (at, from, to) => {
    const [b, i, k, target, r] = ['b', 'i', 'k', 'target', 'r'].map(() => local('i32'))
    const part = local('v128')
    const on = (address: Address, count: number, offset = 0): ReadonlyArray<Statement> => [
      set(
        part,
        addLanes(
          loadPart(v, i32.add(target, address), count, offset),
          loadPart(v, i32.add(from, address), count, offset),
        ),
      ),
      ...storePart(v, i32.add(target, address), part, count, offset),
    ]
    const addRow =
      row === 1
        ? [store(target, add(load(target), load(from)))]
        : [
            forEach(r, 0, (row - rest) * bytes, 16, on(r, v.lanes)),
            ...(rest === 0 ? [] : on(i32.const((row - rest) * bytes), rest)),
          ]
    return [
      memory.fill(to, 0, groups * n * row * bytes),
      ...(groups * each * row === 0
        ? []
        : [
            forEach(b, 0, groups, 1, [
              forEach(i, 0, each, 1, [
                set(k, i32.load(at)),
                set(at, i32.add(at, 4)),
                when(inside(k, n), [set(target, place(to, b, n * row, i32.mul(k, row), bytes)), ...addRow]),
                set(from, i32.add(from, row * bytes)),
              ]),
            ]),
          ]),
    ]
  })
}

/**
 * `cumsum`: the addresses of the operand and the result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const cumsum = (
  scalar: Scalar,
  dtype: DType,
  shape: Shape,
  axis: number,
  reverse: boolean,
): Func<readonly ['i32', 'i32'], 'void'> => {
  const { bytes, type, load, store, add, vectors: v, addLanes } = elementOf(scalar, dtype)
  const { outer, length, inner } = around(shape, axis)
  const step = (reverse ? -1 : 1) * inner * bytes
  const start = reverse ? (length - 1) * inner * bytes : 0
  const rest = inner % v.lanes
  return func('cumsum', ['i32', 'i32'], 'void', (from, to) => {
    const [o, i, j, at] = ['o', 'i', 'j', 'at'].map(() => local('i32'))
    const total = local(type)
    const sums = local('v128')
    if (outer * length * inner === 0) return []
    const begin = (within: Expr<'i32'>): Statement =>
      set(at, i32.add(i32.add(i32.mul(o, length * inner * bytes), within), start))
    const one: ReadonlyArray<Statement> = [
      set(total, load(i32.add(from, at))),
      store(i32.add(to, at), total),
      forEach(j, 1, length, 1, [
        set(at, i32.add(at, step)),
        set(total, add(total, load(i32.add(from, at)))),
        store(i32.add(to, at), total),
      ]),
    ]
    const many = (count: number): ReadonlyArray<Statement> => [
      set(sums, loadPart(v, i32.add(from, at), count, 0)),
      ...storePart(v, i32.add(to, at), sums, count, 0),
      forEach(j, 1, length, 1, [
        set(at, i32.add(at, step)),
        set(sums, addLanes(sums, loadPart(v, i32.add(from, at), count, 0))),
        ...storePart(v, i32.add(to, at), sums, count, 0),
      ]),
    ]
    const whole = (inner - rest) * bytes
    return [
      forEach(
        o,
        0,
        outer,
        1,
        inner === 1
          ? [begin(i32.const(0)), ...one]
          : [
              forEach(i, 0, whole, 16, [begin(i), ...many(v.lanes)]),
              ...(rest === 0 ? [] : [begin(i32.const(whole)), ...many(rest)]),
            ],
      ),
    ]
  })
}

/**
 * `argMax` and `argMin`: the addresses of the operand and the result. The first winner; NaN wins.
 *
 * @category constructors
 * @since 0.1.0
 */
export const argExtremum = (
  scalar: Scalar,
  dtype: DType,
  shape: Shape,
  axis: number,
  of: 'max' | 'min',
): Func<readonly ['i32', 'i32'], 'void'> => {
  const { bytes, type, load, lt, gt, ne } = elementOf(scalar, dtype)
  const { outer, length, inner } = around(shape, axis)
  return func(`arg_${of}`, ['i32', 'i32'], 'void', (from, to) => {
    const [o, i, j, at, winner, beats] = ['o', 'i', 'j', 'at', 'winner', 'beats'].map(() => local('i32'))
    const [x, best] = [local(type), local(type)]
    const better = of === 'max' ? gt : lt
    return [
      forEach(o, 0, outer, 1, [
        forEach(i, 0, inner, 1, [
          set(at, place(from, o, length * inner, i, bytes)),
          set(best, load(at)),
          set(winner, 0),
          forEach(j, 1, length, 1, [
            set(at, i32.add(at, inner * bytes)),
            set(x, load(at)),
            set(beats, i32.or(better(x, best), i32.and(ne(x, x), i32.eqz(ne(best, best))))),
            set(best, select(type, beats, x, best)),
            set(winner, select('i32', beats, j, winner)),
          ]),
          i32.store(place(to, o, inner, i, 4), winner),
        ]),
      ]),
    ]
  })
}
