/**
 * Tensors as text, laid out as NumPy's `array2string` does (see `Tensor.ts`): the shortest digits that identify a number
 * up to a precision, columns aligned at the decimal point, one exponent format for all elements or for none, long lines
 * wrapped and large tensors summarised. Booleans are `true` and `false`.
 *
 * @since 0.1.0
 */
import type * as S from 'fp-ts/lib/Show.js'
import { type DType, type Shape, strides } from '../Shape.js'
import type { AnyTensor, Tensor } from './model.js'

/**
 * How to print.
 *
 * - `precision`: the most digits after the point (8), from 0 to 90
 * - `threshold`: tensors with more elements are summarised (1000)
 * - `edgeItems`: how many are shown at each end of a summarised dimension (3)
 * - `lineWidth`: the columns after which lines are wrapped (75)
 * - `separator`: what stands between elements (a space)
 *
 * @category model
 * @since 0.1.0
 */
export interface ShowOptions {
  readonly precision?: number
  readonly threshold?: number
  readonly edgeItems?: number
  readonly lineWidth?: number
  readonly separator?: string
}

/** Decimal digits beyond the precision, where JavaScript's conversions are still exact enough to see a tie. */
const MOST_DIGITS = 100

/** Drops digits after the `precision`-th by rounding half to even, given far more digits of the exact value. */
const roundHalfEven = (up: string, exact: string, precision: number): string => {
  const down = exact.slice(0, exact.indexOf('.') + 1 + precision)
  const rest = exact.slice(down.length)
  return /^50*$/.test(rest) && /[02468]$/.test(down.replace(/\.$/, '')) ? down.replace(/\.$/, '') : up
}

const signed = (x: number, text: string): string => (Object.is(x, -0) ? `-${text}` : text)

/** With a point, without trailing zeros: `0.1`, `3.`, `-0.`. */
const positional = (x: number, precision: number): string => {
  const shortest = String(x)
  const fraction = shortest.includes('e') ? Number.POSITIVE_INFINITY : shortest.length - 1 - `${shortest}.`.indexOf('.')
  const text = fraction <= precision ? shortest : roundHalfEven(x.toFixed(precision), x.toFixed(MOST_DIGITS), precision)
  return signed(x, text.includes('.') ? text.replace(/0+$/, '') : `${text}.`)
}

interface Scientific {
  readonly int: string
  readonly fraction: string
  /** its sign first */
  readonly exponent: string
}

/** At most `most` digits after the point: those that identify the number, then exact ones until there are `least`. */
const scientific = (x: number, most: number, least: number): Scientific => {
  const shortest = x.toExponential().replace(/e.*/, '')
  const digits = Math.min(most, Math.max(least, shortest.length - 1 - `${shortest}.`.indexOf('.')))
  const [up, power] = x.toExponential(digits).split('e')
  const [exact, unrounded] = x.toExponential(MOST_DIGITS).split('e')
  // rounding that reaches the next power of ten is never a tie
  const mantissa = power === unrounded ? roundHalfEven(up, exact, digits) : up
  const [int, fraction = ''] = mantissa.split('.')
  return {
    int: signed(x, int),
    fraction: least > 0 ? fraction : fraction.replace(/0+$/, ''),
    exponent: power[0] + power.slice(1).padStart(2, '0'),
  }
}

type Format = (x: number) => string

const longest = (words: ReadonlyArray<string>): number => words.reduce((n, word) => Math.max(n, word.length), 0)

const special = (x: number): string => (Number.isNaN(x) ? 'nan' : x < 0 ? '-inf' : 'inf')

/** The format that suits all the elements shown: exponents where the magnitudes span too much. */
const realFormat = (shown: ReadonlyArray<number>, precision: number): Format => {
  const finite = shown.filter(Number.isFinite)
  const magnitudes = finite.filter((x) => x !== 0).map(Math.abs)
  let max = 0
  let min = Number.POSITIVE_INFINITY
  for (const m of magnitudes) {
    max = Math.max(max, m)
    min = Math.min(min, m)
  }
  const exponents = magnitudes.length > 0 && (max >= 1e8 || min < 1e-4 || max / min > 1000)
  const others = longest(shown.filter((x) => !Number.isFinite(x)).map(special))
  if (exponents) {
    const parts = finite.map((x) => scientific(x, precision, 0))
    const fraction = longest(parts.map((p) => p.fraction))
    const exponent = longest(parts.map((p) => p.exponent))
    const left = longest(parts.map((p) => p.int))
    const width = Math.max(left + fraction + exponent + 2, others)
    return (x) => {
      if (!Number.isFinite(x)) return special(x).padStart(width)
      const p = scientific(x, fraction, fraction)
      const power = p.exponent[0] + p.exponent.slice(1).padStart(exponent - 1, '0')
      return `${p.int}.${p.fraction}e${power}`.padStart(width)
    }
  }
  const texts = finite.map((x) => positional(x, precision))
  const left = longest(texts.map((s) => s.slice(0, s.indexOf('.'))))
  const right = longest(texts.map((s) => s.slice(s.indexOf('.') + 1)))
  const width = Math.max(left + right + 1, others)
  return (x) => {
    if (!Number.isFinite(x)) return special(x).padStart(width)
    const text = positional(x, precision)
    return (text + ' '.repeat(right - (text.length - 1 - text.indexOf('.')))).padStart(width)
  }
}

const formatFor = (t: AnyTensor, shown: ReadonlyArray<number>, precision: number): Format => {
  if (t.dtype === 'bool') return (x) => (x === 0 ? 'false' : t.shape.length === 0 ? 'true' : ' true')
  if (t.dtype === 'real') return realFormat(shown, precision)
  const width = longest(shown.map(String))
  return (x) => String(x).padStart(width)
}

/** The positions shown of a dimension, -1 for the ellipsis. */
const positions = (n: number, edge: number): ReadonlyArray<number> =>
  2 * edge < n
    ? [...Array.from({ length: edge }, (_, i) => i), -1, ...Array.from({ length: edge }, (_, i) => n - edge + i)]
    : Array.from({ length: n }, (_, i) => i)

/**
 * A tensor as text. Reads like NumPy's `str`; a tensor without elements is `[]`.
 *
 * @example
 * ```ts
 * import { show, tensor } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * assert.strictEqual(show(tensor([[1, 2.5], [-3, 0.125]])), '[[ 1.     2.5  ]\n [-3.     0.125]]')
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const show = (t: AnyTensor, options: ShowOptions = {}): string => {
  const { precision = 8, threshold = 1000, edgeItems = 3, lineWidth = 75, separator = ' ' } = options
  const { data, shape } = t
  if (data.length === 0) return '[]'
  const edge = data.length > threshold ? edgeItems : Number.POSITIVE_INFINITY
  const kept = shape.map((n) => positions(n, edge))
  const along = strides(shape)

  const shown: Array<number> = []
  const visit = (axis: number, offset: number): void => {
    if (axis === shape.length) shown.push(data[offset])
    else for (const i of kept[axis]) if (i >= 0) visit(axis + 1, offset + i * along[axis])
  }
  visit(0, 0)
  const format = formatFor(t, shown, Math.min(90, Math.max(0, Math.trunc(precision))))

  const bare = separator.trimEnd()
  /** The part from `offset` on; `indent` stands before each of its lines but the first, its last ends before `width`. */
  const render = (axis: number, offset: number, indent: string, width: number): string => {
    if (axis === shape.length) return format(data[offset])
    const words = kept[axis].map((i) =>
      i < 0 ? '...' : render(axis + 1, offset + i * along[axis], `${indent} `, width - 1),
    )
    if (axis < shape.length - 1) return `[${words.join(bare + '\n'.repeat(shape.length - 1 - axis) + indent)}]`
    const room = width - Math.max(bare.length, 1)
    let lines = ''
    let line = indent
    words.forEach((word, i) => {
      if (line.length > indent.length && line.length + word.length > room) {
        lines += `${line.trimEnd()}\n`
        line = indent
      }
      line += i < words.length - 1 ? word + separator : word
    })
    return `[${(lines + line).slice(indent.length)}]`
  }
  return render(0, 0, ' ', lineWidth)
}

/**
 * `show` as an instance.
 *
 * @category instances
 * @since 0.1.0
 */
export const getShow = <A extends Shape = Shape, D extends DType = DType>(
  options?: ShowOptions,
): S.Show<Tensor<A, D>> => ({
  show: (t) => show(t, options),
})
