/**
 * From a program to items of the loop language.
 *
 * Values are met in order, and each does what its primitive's role says (`roles.ts`). A layout primitive makes no item: it
 * changes how its operand is read. Most others become nodes of nests (`draft.ts`); large products, convolutions and what
 * has no loops become items of their own. What depends on no input is computed once, beforehand, by the rows' kernels.
 *
 * @since 0.1.0
 */

import { type Shape, size } from '../Shape.js'
import { contiguous, isContiguous } from './access.js'
import { drafts, type Reading } from './draft.js'
import type { Flat, Value } from './flat.js'
import type { Item } from './Nest.js'
import { type Dimension, dimensionsOf, productOf } from './product.js'
import { roleOf } from './roles.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Schedule {
  readonly flat: Flat
  readonly items: ReadonlyArray<Item>
  /** values that depend on no input and are read from memory */
  readonly constants: ReadonlyArray<number>
}

/** Which values depend on an input. */
const movingValues = (values: ReadonlyArray<Value>): ReadonlyArray<boolean> => {
  const moving: Array<boolean> = []
  for (const { primitive, operands } of values) moving.push(primitive === 'input' || operands.some((k) => moving[k]))
  return moving
}

/**
 * Schedules a program. `constant` gives the value of what depends on no input.
 *
 * @category constructors
 * @since 0.1.0
 */
export const schedule = (flat: Flat, constant: (id: number) => ArrayLike<number>): Schedule => {
  const { values, outputs } = flat
  const moving = movingValues(values)
  const { pointwise, reduction, filled, placing, item, needs, finished } = drafts(flat, moving, constant)
  const views = new Map<number, Reading>()
  const reading = (id: number): Reading => views.get(id) ?? { base: id, access: contiguous(values[id].shape) }

  /** The value that holds the elements of `id` in a row, copied there if need be. */
  const inRow = (id: number): number => {
    const { shape } = values[id]
    const from = reading(id)
    const whole = isContiguous(from.access, shape) && size(values[from.base].shape) === size(shape)
    if (!whole && moving[id]) {
      pointwise(values[id], [from], shape, 'label')
      views.delete(id)
    }
    const base = whole ? from.base : id
    needs(base)
    return base
  }

  const contraction = (value: Value, readings: ReadonlyArray<Reading>): void => {
    const [left, right] = readings
    const [x, w] = value.operands.map((k) => values[k].shape)
    const dimensions = dimensionsOf(value, [x, w], [left.access, right.access])
    const product = productOf(value, [left, right], dimensions)
    if (product !== null) {
      for (const { base } of readings) needs(base)
      item(value, product)
      return
    }
    const kept = [...dimensions.batch, ...dimensions.rows, ...dimensions.columns]
    const over = (all: ReadonlyArray<Dimension>): ReadonlyArray<Reading> => [
      { base: left.base, access: { offset: left.access.offset, steps: all.map((d) => d.left) } },
      { base: right.base, access: { offset: right.access.offset, steps: all.map((d) => d.right) } },
    ]
    const lengths = (all: ReadonlyArray<Dimension>): Shape => all.map(({ n }) => n)
    if (size(lengths(dimensions.terms)) === 1) {
      pointwise(value, over(kept), lengths(kept), 'mul')
      return
    }
    const all = [...kept, ...dimensions.terms]
    const gone = dimensions.terms.map((_, i) => kept.length + i)
    reduction(value, over(all), lengths(all), gone, 'add', false)
  }

  for (const value of values) {
    const { id, primitive, operands, shape } = value
    const role = roleOf(value)
    if (role.kind === 'view') {
      const from = reading(operands[0])
      const access = role.view(from.access, value, values[operands[0]].shape)
      if (access !== null) views.set(id, { base: from.base, access })
      else if (moving[id]) pointwise(value, [from], values[operands[0]].shape, 'label')
      continue
    }
    if ((!moving[id] && primitive !== 'label') || primitive === 'input' || size(shape) === 0) continue
    const readings = operands.map(reading)
    if (role.kind === 'pointwise') pointwise(value, readings, shape)
    else if (role.kind === 'host') item(value, { kind: 'host', value: id, reads: operands.map(inRow) })
    else if (role.kind === 'convolve') {
      const [input, kernel] = operands.map(inRow)
      item(value, { kind: 'convolve', value: id, reads: [input, kernel] })
    } else if (role.kind === 'contract') {
      if (size(values[operands[0]].shape) === 0) filled(value, 0)
      else contraction(value, readings)
    } else if (role.kind === 'reduce') {
      const over = role.space(value, readings[0].access, values[operands[0]].shape)
      if (size(over.shape) === 0) filled(value, 0)
      else
        reduction(
          value,
          [{ base: readings[0].base, access: over.access }],
          over.shape,
          over.gone,
          role.combine(value),
          role.mean(value),
        )
    } else if (role.kind === 'place') {
      const fill = role.fill(value)
      needs(id)
      if (fill !== null) filled(value, fill)
      for (const { operand, access } of role.placements(
        value,
        operands.map((k) => values[k].shape),
      ))
        if (size(values[operands[operand]].shape) > 0)
          placing(value, readings[operand], values[operands[operand]].shape, access, {
            adding: role.adding,
            anywhere: fill === null,
          })
    }
  }

  for (const id of outputs) {
    const { shape } = values[id]
    if (!moving[id]) needs(id)
    else if (views.has(id) && size(shape) > 0) {
      pointwise(values[id], [reading(id)], shape, 'label')
      views.delete(id)
    }
  }
  return { flat, ...finished() }
}
