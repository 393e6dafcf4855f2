/**
 * Intervals, ticks and short numbers, for axes of every kind.
 *
 * @since 0.1.0
 */

/**
 * An interval on an axis.
 *
 * @category model
 * @since 0.1.0
 */
export type Interval = readonly [low: number, high: number]

/**
 * A number with three digits, without trailing zeros; with an exponent where it would be long.
 *
 * @category printing
 * @since 0.1.0
 */
export const brief = (x: number): string => {
  const rounded = Number(x.toPrecision(3))
  const size = Math.abs(rounded)
  return rounded === 0 || (size >= 1e-3 && size < 1e6) ? String(rounded) : rounded.toExponential().replace('+', '')
}

/**
 * Ticks as text: as many digits as it takes to tell neighbours apart.
 *
 * @category printing
 * @since 0.1.0
 */
export const tickText =
  (step: number) =>
  (x: number): string => {
    if (Math.abs(x) < step / 2) return '0'
    const [size, unit] = [Math.abs(x), Math.floor(Math.log10(step) + 1e-9)]
    if (size >= 1e-3 && size < 1e6) return x.toFixed(Math.min(20, Math.max(0, -unit)))
    const digits = Math.floor(Math.log10(size) + 1e-9) - unit
    return x.toExponential(Math.min(15, Math.max(0, digits))).replace('+', '')
  }

/**
 * Numbers beyond this have no place on an axis: differences of them overflow.
 *
 * @category limits
 * @since 0.1.0
 */
export const MOST = 1e300

/** Closer than this, relative to their size or at all, numbers are one to the eye. */
const CLOSE = 1e-13
const TINY = 1e-290

/**
 * The smallest interval that holds all finite values; of a single one, an interval around it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const extent = (values: Iterable<number>): [number, number] => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const x of values) {
    if (!(Math.abs(x) <= MOST)) continue
    low = Math.min(low, x)
    high = Math.max(high, x)
  }
  if (low > high) return [0, 1]
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (high - low > Math.max(CLOSE * size, TINY)) return [low, high]
  return size > TINY ? [low - size / 2, high + size / 2] : [-0.5, 0.5]
}

/**
 * 1, 2 or 5 times a power of ten, so that about `count` steps fill the interval.
 *
 * @category ticks
 * @since 0.1.0
 */
export const roundStep = ([low, high]: Interval, count: number): number => {
  const raw = (high - low) / count
  const unit = 10 ** Math.floor(Math.log10(raw))
  return unit * ([1, 2, 5].find((m) => m * unit >= raw) ?? 10)
}

/**
 * Multiples of a round step within an interval, about `count` of them.
 *
 * @category ticks
 * @since 0.1.0
 */
export const roundTicks = (interval: Interval, count: number): Array<number> => {
  const [low, high] = interval
  const step = roundStep(interval, count)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  // each from its index, so that errors do not add up; rounded, because 3 * 0.1 is not 0.3
  return Array.from({ length: Math.max(0, Math.min(last - first + 1, 3 * count)) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/**
 * The interval widened to multiples of a round step.
 *
 * @category ticks
 * @since 0.1.0
 */
export const widened = (interval: Interval, count: number): Interval => {
  const step = roundStep(interval, count)
  const multiple = (n: number): number => Number((n * step).toPrecision(12))
  return [multiple(Math.floor(interval[0] / step + 1e-9)), multiple(Math.ceil(interval[1] / step - 1e-9))]
}

/**
 * Logarithms of 1, 2 and 5 times the powers of ten within an interval of logarithms, at most about `count`: of powers of
 * ten alone, or of some of them, where there are many.
 *
 * @category ticks
 * @since 0.1.0
 */
export const decadeTicks = ([low, high]: Interval, count: number): Array<number> => {
  const leading = 3 * (high - low) > count ? [1] : [1, 2, 5]
  const every = Math.max(1, Math.ceil((high - low) / count))
  const first = Math.floor(Math.floor(low) / every) * every
  const decades = Array.from({ length: Math.ceil((Math.ceil(high) - first) / every) + 1 }, (_, i) => first + i * every)
  return decades
    .flatMap((d) => leading.map((m) => d + Math.log10(m)))
    .filter((t) => low - 1e-9 <= t && t <= high + 1e-9)
}
