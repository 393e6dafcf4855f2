/**
 * Series of products added one onto another, as one product with more terms:
 *
 *     A1 B1 + A2 B2 + ... = [A1 A2 ...] [B1; B2; ...]
 *
 * The gradient of a weight that is used at every step of a loop is such a series, and its products have few terms: adding
 * each of them reads and writes the whole result. The matrices side by side cost nothing where they are parts of one value
 * at equal distances; where each is a value of its own, these values become a stack (`places.ts`).
 *
 * As in any contraction, the order of the terms is the kernel's: they are added as they stand in memory.
 *
 * @since 0.1.0
 */
import { copyOf, type Item, type Matrix, type Product } from './Nest.js'
import { MOST_STACKED, type Places, placesOf } from './places.js'
import type { Schedule } from './schedule.js'

/** The most terms of a product that is made here: kernels take no more at a time. */
const MOST_TERMS = 256

const SIDES = ['left', 'right'] as const

/** A product of a series, and where it stands among the items. */
interface Link {
  readonly place: number
  readonly product: Product
}

/** How the matrices of a series follow one another: so many elements apart in one value, or as values of their own. */
type Following = number | 'apart'

/** Elements from one term to the next. */
const termStep = ({ steps }: Matrix, side: (typeof SIDES)[number]): number => steps[side === 'left' ? 1 : 0]

const sameSteps = (a: Matrix, b: Matrix): boolean => a.steps[0] === b.steps[0] && a.steps[1] === b.steps[1]

/** Whether two products may be parts of one. */
const alike = (a: Product, b: Product): boolean =>
  a.m === b.m &&
  a.n === b.n &&
  a.k === b.k &&
  a.row === b.row &&
  a.batch.length + b.batch.length === 0 &&
  SIDES.every((side) => sameSteps(a[side], b[side]))

/** All series, each from its first product on: sums that nobody else reads are passed on by copies. */
const seriesIn = (
  { flat, items }: Schedule,
  { readersOf, writersOf, elements }: Places,
): ReadonlyArray<ReadonlyArray<Link>> => {
  const outputs = new Set(flat.outputs)
  const series = new Map<number, Array<Link>>()
  for (const [place, product] of items.entries()) {
    if (product.kind !== 'product') continue
    const link = { place, product }
    const [from, to] = (product.accumulate && copyOf(items[place - 1], elements)) || []
    const before = from === undefined || to !== product.value ? undefined : writersOf(from).at(-1)
    const known = before === undefined ? undefined : series.get(before)
    const passed = from !== undefined && !outputs.has(from)
    const own = passed && readersOf(from).every((reader) => reader === before || reader === place - 1)
    if (before !== undefined && known !== undefined && own && alike(known[0].product, product)) {
      known.push(link)
      series.delete(before)
      series.set(place, known)
    } else series.set(place, [link])
  }
  return [...series.values()].filter((links) => links.length > 1)
}

/**
 * A schedule in which series of products are fewer products.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inSeries = (schedule: Schedule): Schedule => {
  const { items } = schedule
  const places = placesOf(schedule)
  const { readersOf, writersOf, elements, at, free } = places

  /** Whether a matrix is all of a value that may become a part of a stack. */
  const stackable = ({ value, offset }: Matrix, span: number): boolean =>
    free(value) &&
    offset === 0 &&
    elements(value) === span &&
    writersOf(value).every((place) => items[place].kind === 'nest') &&
    readersOf(value).every((place) => items[place].kind === 'nest' || items[place].kind === 'product')

  /** How one matrix follows another, if a product with the terms of both can be made of them. */
  const following = (a: Product, b: Product, side: (typeof SIDES)[number]): Following | null => {
    const span = b.k * termStep(b[side], side)
    const [from, to] = [at(a[side]), at(b[side])]
    if (from.value === to.value)
      return Math.abs(to.offset - from.offset) === span && span > 0 ? to.offset - from.offset : null
    return stackable(a[side], span) && stackable(b[side], span) ? 'apart' : null
  }

  /** How many of some products can be one, beginning with the first, and how their matrices follow one another. */
  const group = (links: ReadonlyArray<Link>) => {
    const [{ product: first }, second] = links
    if (second === undefined) return null
    const ways = SIDES.map((side) => following(first, second.product, side))
    const steps = ways.filter((way) => typeof way === 'number')
    if (ways.includes(null) || Math.sign(steps[0]) === -Math.sign(steps[1])) return null
    const most = ways.map((way, i) =>
      way === 'apart' ? Math.floor(MOST_STACKED / elements(first[SIDES[i]].value)) : links.length,
    )
    const limit = Math.min(links.length, ...most)
    let count = 1
    while (
      count < limit &&
      SIDES.every((side, i) => following(links[count - 1].product, links[count].product, side) === ways[i])
    )
      count++
    const apart = SIDES.filter((_, i) => ways[i] === 'apart')
    const parts = apart.flatMap((side) => links.slice(0, count).map(({ product }) => product[side].value))
    return count > 1 && new Set(parts).size === parts.length
      ? { count, apart, reversed: steps.some((step) => step < 0) }
      : null
  }

  const changed = new Map<number, ReadonlyArray<Item>>()
  const join = (links: ReadonlyArray<Link>, apart: ReadonlyArray<(typeof SIDES)[number]>, reversed: boolean): void => {
    const inMemory = (reversed ? links.toReversed() : links).map(({ product }) => product)
    for (const side of apart) places.stack(inMemory.map((product) => product[side].value))
    const [first, last] = [links[0], links[links.length - 1]]
    const [{ left, right }] = inMemory
    for (const { place } of links.slice(1)) changed.set(place - 1, [])
    for (const { place } of links) changed.set(place, [])
    changed.set(last.place, [
      {
        ...first.product,
        value: last.product.value,
        k: links.length * first.product.k,
        left: { ...left, ...at(left) },
        right: { ...right, ...at(right) },
      },
    ])
    places.move(first.product.value, last.product.value)
  }

  const all = seriesIn(schedule, places)
  // what stands in one value already says how stacks have to be ordered
  for (const walking of [true, false])
    for (const links of all)
      for (let i = 0; i + 1 < links.length; ) {
        const { place, product } = links[i]
        const found = changed.has(place) ? null : group(links.slice(i, i + Math.floor(MOST_TERMS / product.k)))
        if (found === null || (walking && found.apart.length === SIDES.length)) i++
        else {
          join(links.slice(i, i + found.count), found.apart, found.reversed)
          i += found.count
        }
      }
  return changed.size === 0 ? schedule : places.moved(items.flatMap((item, place) => changed.get(place) ?? [item]))
}
