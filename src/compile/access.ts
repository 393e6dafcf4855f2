/**
 * Where the elements of a value stand: an affine map from the indices of a space to positions in a buffer,
 * `offset + i[0] * steps[0] + i[1] * steps[1] + ...`. Layout primitives compose such maps instead of moving elements.
 *
 * @since 0.1.0
 */
import { type Shape, size, strides } from '../Shape.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Access {
  readonly offset: number
  readonly steps: ReadonlyArray<number>
}

/**
 * Row-major order.
 *
 * @category constructors
 * @since 0.1.0
 */
export const contiguous = (shape: Shape): Access => ({ offset: 0, steps: strides(shape) })

/**
 * Whether the elements are met in the order of the buffer, from its start: steps of dimensions of length 1 say nothing.
 *
 * @category refinements
 * @since 0.1.0
 */
export const isContiguous = ({ offset, steps }: Access, shape: Shape): boolean => {
  const wanted = strides(shape)
  return offset === 0 && shape.every((n, d) => n <= 1 || steps[d] === wanted[d])
}

/**
 * Whether two maps over one space are the same.
 *
 * @category instances
 * @since 0.1.0
 */
export const sameAccess = (a: Access, b: Access): boolean =>
  a.offset === b.offset && a.steps.every((step, d) => step === b.steps[d])

/**
 * The access of the same elements, in the same row-major order, over another shape; `null` where that is not affine.
 *
 * Dimensions are compared in groups of equal product: a group of the old shape can be taken apart in another way only
 * where its own steps follow one another.
 *
 * @category combinators
 * @since 0.1.0
 */
export const reshaped = ({ offset, steps }: Access, from: Shape, to: Shape): Access | null => {
  if (size(to) === 0) return { offset: 0, steps: to.map(() => 0) }
  const old = from.map((n, d) => ({ n, step: steps[d] })).filter(({ n }) => n > 1)
  const out = to.map(() => 0)
  let at = 0
  let d = 0
  while (at < old.length) {
    let have = old[at++].n
    const first = at - 1
    const start = d
    let want = 1
    while (want !== have) {
      if (want < have) want *= to[d++]
      else {
        if (old[at - 1].step !== old[at].step * old[at].n) return null
        have *= old[at++].n
      }
    }
    for (let k = first; k + 1 < at; k++) if (old[k].step !== old[k + 1].step * old[k + 1].n) return null
    let step = old[at - 1].step
    for (let k = d - 1; k >= start; k--) {
      out[k] = step
      step *= to[k]
    }
  }
  return { offset, steps: out }
}

/**
 * A way to cut two spaces of equally many elements so that both are made of the same dimensions: the common refinement of
 * the row-major orders, without dimensions of length 1; `null` where there is none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const refinement = (a: Shape, b: Shape): Shape | null => {
  const left = a.filter((n) => n !== 1)
  const right = b.filter((n) => n !== 1)
  const out: Array<number> = []
  let i = 0
  let j = 0
  let x = left[0]
  let y = right[0]
  while (i < left.length && j < right.length) {
    const part = Math.min(x, y)
    if (x % part !== 0 || y % part !== 0) return null
    // the outer part of both; the inner rests go on
    out.push(part)
    x /= part
    y /= part
    if (x === 1) x = left[++i]
    if (y === 1) y = right[++j]
  }
  return i === left.length && j === right.length ? out : null
}

/**
 * How a refinement cuts each dimension of a space without dimensions of length 1: for each its parts, outermost first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cuts = (space: Shape, refined: Shape): ReadonlyArray<ReadonlyArray<number>> => {
  let at = 0
  return space.map((n) => {
    const parts: Array<number> = []
    for (let product = 1; product < n; product *= refined[at++]) parts.push(refined[at])
    return parts
  })
}

/**
 * Steps over the parts of a dimension.
 *
 * @category combinators
 * @since 0.1.0
 */
export const split = (step: number, parts: ReadonlyArray<number>): ReadonlyArray<number> =>
  strides(parts).map((inner) => inner * step)
