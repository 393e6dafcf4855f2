/**
 * Values that become parts of one value, a *stack*, in which they are computed from the start: every item that reads or
 * writes such a part reads or writes the stack, from the part's first element on.
 *
 * @since 0.1.0
 */
import { size } from '../Shape.js'
import type { Flat, Value } from './flat.js'
import { type Item, reads, writes } from './Nest.js'
import type { Schedule } from './schedule.js'

/**
 * The most elements of a stack. All of it lives as long as any part, so it should fit into a cache of the second level.
 *
 * @category constants
 * @since 0.1.0
 */
export const MOST_STACKED = 2 ** 18

/**
 * From which element of which value on something is.
 *
 * @category model
 * @since 0.1.0
 */
export interface Place {
  readonly value: number
  readonly offset: number
}

/**
 * The items of a schedule by the values that they touch, and where values have moved to.
 *
 * @category model
 * @since 0.1.0
 */
export interface Places {
  readonly readersOf: (value: number) => ReadonlyArray<number>
  readonly writersOf: (value: number) => ReadonlyArray<number>
  readonly elements: (value: number) => number
  /** where something is now */
  readonly at: (place: Place) => Place
  /** whether a value may become a part of a stack, but for the kinds of items that touch it */
  readonly free: (value: number) => boolean
  /** makes a stack of values of one shape */
  readonly stack: (parts: ReadonlyArray<number>) => void
  /** puts a value in the place of another one */
  readonly move: (value: number, to: number) => void
  /** the schedule with other items, whose values are where they have moved to */
  readonly moved: (items: ReadonlyArray<Item>) => Schedule
}

const touching = (
  items: ReadonlyArray<Item>,
  touched: (item: Item) => ReadonlyArray<number>,
): ((value: number) => ReadonlyArray<number>) => {
  const places = new Map<number, Array<number>>()
  for (const [place, item] of items.entries())
    for (const value of touched(item)) {
      const known = places.get(value)
      if (known === undefined) places.set(value, [place])
      else known.push(place)
    }
  return (value) => places.get(value) ?? []
}

/**
 * Starts with every value where it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const placesOf = (schedule: Schedule): Places => {
  const { flat, items, constants } = schedule
  const lasting = new Set([...flat.inputs, ...flat.outputs, ...constants])
  const values: Array<Value> = [...flat.values]
  const places = new Map<number, Place>()
  const at: Places['at'] = ({ value, offset }) => {
    const place = places.get(value)
    return place === undefined ? { value, offset } : { value: place.value, offset: place.offset + offset }
  }
  const shifted = <A extends Place & object>(a: A): A => ({ ...a, ...at(a) })
  const through = <A extends { readonly value: number; readonly access: { readonly offset: number } }>(a: A): A => {
    const { value, offset } = at({ value: a.value, offset: a.access.offset })
    return { ...a, value, access: { ...a.access, offset } }
  }
  return {
    readersOf: touching(items, reads),
    writersOf: touching(items, writes),
    elements: (value) => size(values[value].shape),
    at,
    free: (value) => !places.has(value) && !lasting.has(value) && values[value].shape.length > 0,
    stack: (parts) => {
      const model = values[parts[0]]
      const [rows, ...rest] = model.shape
      const concat = { primitive: 'concat', operands: parts, attributes: { axis: 0 } } as const
      const shape = [parts.length * rows, ...rest]
      const id = values.push({ ...model, ...concat, id: values.length, shape }) - 1
      for (const [i, value] of parts.entries()) places.set(value, { value: id, offset: i * size(model.shape) })
    },
    move: (value, to) => {
      places.set(value, { value: to, offset: 0 })
    },
    moved: (list) => ({
      ...schedule,
      flat: { ...flat, values } satisfies Flat,
      items: list.map((item): Item => {
        if (item.kind === 'product') return { ...item, left: shifted(item.left), right: shifted(item.right) }
        if (item.kind !== 'nest') return item
        return {
          ...item,
          nodes: item.nodes.map((node) => (node.kind === 'load' ? through(node) : node)),
          stores: item.stores.map(through),
        }
      }),
    }),
  }
}
