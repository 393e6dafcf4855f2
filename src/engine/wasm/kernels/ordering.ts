/**
 * Sorting along an axis, and the largest few: `sort`, `argSort`, `topK` and `argTopK`, in the order of their rows
 * (`src/primitive/ordering.ts`): stable, NaN last in both directions.
 *
 * Each lane is copied to scratch memory with the places of its elements, and both are merged, run by run, between two
 * halves of it: `n log n` comparisons whatever the input.
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
  type Statement,
  select,
  set,
  whilst,
} from '../assembler.js'
import { around, elementOf } from './element.js'
import type { Scalar } from './lanes.js'

/**
 * What is wanted of each lane: the first `count` of its elements in order, or their places.
 *
 * @category model
 * @since 0.1.0
 */
export interface Ordering {
  readonly axis: number
  readonly descending: boolean
  readonly count: number
  readonly places: boolean
}

/**
 * The addresses of the operand, of the result and of scratch memory.
 *
 * @category model
 * @since 0.1.0
 */
export interface OrderingKernel {
  readonly func: Func<readonly ['i32', 'i32', 'i32'], 'void'>
  readonly scratch: number
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const ordering = (
  scalar: Scalar,
  dtype: DType,
  shape: Shape,
  { axis, descending, count, places }: Ordering,
): OrderingKernel => {
  const { bytes, type, load, store, lt, gt, ne } = elementOf(scalar, dtype)
  const { outer, length, inner } = around(shape, axis)
  const values = Math.ceil((length * bytes) / 16) * 16
  const half = values + Math.ceil((length * 4) / 16) * 16

  const made = func('ordering', ['i32', 'i32', 'i32'], 'void', (from, to, scratch) => {
    if (outer * inner * count === 0) return []
    const counter = (): Local<'i32'> => local('i32')
    const [o, i, j, at, width, low, middle, high, left, right, source, target, other] = Array.from(
      { length: 13 },
      counter,
    )
    const [x, y, chosen] = [local(type), local(type), local(type)]
    const takeRight = counter()

    const valueAt = (base: Expr<'i32'>, index: Expr<'i32'>): Expr<'i32'> => i32.add(base, i32.mul(index, bytes))
    const placeAt = (base: Expr<'i32'>, index: Expr<'i32'>): Expr<'i32'> =>
      i32.add(i32.add(base, values), i32.mul(index, 4))
    const least = (a: Expr<'i32'>): Expr<'i32'> => select('i32', i32.lt_s(a, length), a, length)

    // the right one goes first only if it is strictly before the left one: equal elements keep their order
    const before = i32.or((descending ? gt : lt)(y, x), i32.and(ne(x, x), i32.eqz(ne(y, y))))

    const merge: ReadonlyArray<Statement> = [
      set(middle, least(i32.add(low, width))),
      set(high, least(i32.add(middle, width))),
      set(left, low),
      set(right, middle),
      forEach(j, low, high, 1, [
        // reading one beyond a run is harmless: it is inside the scratch memory, and not chosen
        set(x, load(valueAt(source, left))),
        set(y, load(valueAt(source, right))),
        set(takeRight, i32.and(i32.lt_s(right, high), i32.or(i32.ge_s(left, middle), before))),
        set(chosen, select(type, takeRight, y, x)),
        store(valueAt(target, j), chosen),
        i32.store(placeAt(target, j), i32.load(placeAt(source, select('i32', takeRight, right, left)))),
        set(right, i32.add(right, takeRight)),
        set(left, i32.add(left, i32.eqz(takeRight))),
      ]),
    ]
    return [
      forEach(o, 0, outer, 1, [
        forEach(i, 0, inner, 1, [
          set(at, i32.add(from, i32.mul(i32.add(i32.mul(o, length * inner), i), bytes))),
          set(source, scratch),
          set(target, i32.add(scratch, half)),
          forEach(j, 0, length, 1, [
            store(valueAt(source, j), load(at)),
            i32.store(placeAt(source, j), j),
            set(at, i32.add(at, inner * bytes)),
          ]),
          set(width, 1),
          whilst(i32.lt_s(width, length), [
            set(low, 0),
            whilst(i32.lt_s(low, length), [...merge, set(low, i32.add(low, i32.shl(width, 1)))]),
            set(width, i32.shl(width, 1)),
            set(other, source),
            set(source, target),
            set(target, other),
          ]),
          forEach(j, 0, count, 1, [
            places
              ? i32.store(
                  i32.add(to, i32.mul(i32.add(i32.mul(i32.add(i32.mul(o, count), j), inner), i), 4)),
                  i32.load(placeAt(source, j)),
                )
              : store(
                  i32.add(to, i32.mul(i32.add(i32.mul(i32.add(i32.mul(o, count), j), inner), i), bytes)),
                  load(valueAt(source, j)),
                ),
          ]),
        ]),
      ]),
    ]
  })
  // one element more, which a merge may read
  return { func: made, scratch: 2 * half + 16 }
}
