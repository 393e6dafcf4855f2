/**
 * Complex arithmetic and the elementary functions of a complex variable, on principal branches.
 *
 * Two things are asked beyond the usual. A number whose imaginary part is 0 is a real number: its functions are those
 * of float64 bit for bit, NaN outside their real domain included, and an infinity times it stays an infinity. And
 * imaginary parts have *relative* accuracy however small they are, since the complex step reads a derivative from an
 * imaginary part of 1e-24: no formula below subtracts an imaginary part away.
 *
 * Inverse functions and tan are those of Kahan, "Branch cuts for complex elementary functions" (1987).
 *
 * @since 0.1.0
 */
import { F64 } from './F64.js'

/**
 * `re + i im`.
 *
 * @category model
 * @since 0.1.0
 */
export interface ComplexNumber {
  readonly re: number
  readonly im: number
}

type Z = ComplexNumber

/**
 * @category constructors
 * @since 0.1.0
 */
export const complex = (re: number, im: number): ComplexNumber => ({ re, im })

/**
 * Extends a real function: real numbers go through `real`, others through `general`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const extend =
  (real: (x: number) => number, general: (z: ComplexNumber) => ComplexNumber): ((z: ComplexNumber) => ComplexNumber) =>
  (z) =>
    z.im === 0 ? complex(real(z.re), z.im) : general(z)

// A real part times an imaginary one. An imaginary part 0 is an exact one: an infinity times it is 0.
const times = (re: number, im: number): number => (im === 0 ? 0 : re * im)

/**
 * @category field
 * @since 0.1.0
 */
export const add = (z: ComplexNumber, w: ComplexNumber): ComplexNumber => complex(z.re + w.re, z.im + w.im)

/**
 * @category field
 * @since 0.1.0
 */
export const sub = (z: ComplexNumber, w: ComplexNumber): ComplexNumber => complex(z.re - w.re, z.im - w.im)

/**
 * @category field
 * @since 0.1.0
 */
export const neg = (z: ComplexNumber): ComplexNumber => complex(-z.re, -z.im)

/**
 * `(a + ib)(c + id) = (ac - bd) + i(ad + bc)`.
 *
 * @category field
 * @since 0.1.0
 */
export const mul = (z: ComplexNumber, w: ComplexNumber): ComplexNumber => {
  const re = z.re * w.re
  // a product with a real number keeps its own sign of zero
  return complex(z.im === 0 || w.im === 0 ? re : re - z.im * w.im, times(z.re, w.im) + times(w.re, z.im))
}

/**
 * By a real number.
 *
 * @category field
 * @since 0.1.0
 */
export const scale = (factor: number, z: ComplexNumber): ComplexNumber => complex(factor * z.re, times(factor, z.im))

/**
 * Division by Smith's method (Baudin and Smith, "A robust complex division in Scilab", 2012).
 *
 * @category field
 * @since 0.1.0
 */
export const div = (z: ComplexNumber, w: ComplexNumber): ComplexNumber => {
  if (w.im === 0) return complex(z.re / w.re, z.im === 0 ? 0 : z.im / w.re)
  if (Math.abs(w.re) >= Math.abs(w.im)) {
    const ratio = w.im / w.re
    const size = w.re + w.im * ratio
    // where the ratio underflows, the other order of the product does not
    const im = Math.abs(ratio) < 2 ** -960 ? (z.im - w.im * (z.re / w.re)) / w.re : (z.im - z.re * ratio) / size
    return complex((z.re + times(ratio, z.im)) / size, im)
  }
  const ratio = w.re / w.im
  const size = w.im + w.re * ratio
  return complex((z.re * ratio + z.im) / size, (z.im * ratio - z.re) / size)
}

const ONE: Z = complex(1, 0)

/**
 * @category field
 * @since 0.1.0
 */
export const reciprocal = (z: ComplexNumber): ComplexNumber => div(ONE, z)

// log |z|. While the smaller coordinate is small it only corrects the larger one's logarithm; near |z| = 1 it is
// half the log1p of |z|² - 1.
const logModulus = (z: Z): number => {
  const x = Math.max(Math.abs(z.re), Math.abs(z.im))
  const y = Math.min(Math.abs(z.re), Math.abs(z.im))
  if (y <= x * 2 ** -30) return Math.log(x) + 0.5 * (y / x) * (y / x)
  if (x > 0.5 && x < 1.5) return 0.5 * Math.log1p((x - 1) * (x + 1) + y * y)
  return Math.log(x) + 0.5 * Math.log1p((y / x) * (y / x))
}

/**
 * `e^x (cos y + i sin y)`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const exp: (z: ComplexNumber) => ComplexNumber = extend(Math.exp, (z) => {
  const size = Math.exp(z.re)
  return complex(size * Math.cos(z.im), size * Math.sin(z.im))
})

/**
 * `e^z - 1`: the real part is `expm1(x) cos y - 2 sin²(y/2)`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const expm1: (z: ComplexNumber) => ComplexNumber = extend(Math.expm1, (z) => {
  const half = Math.sin(z.im / 2)
  return complex(Math.expm1(z.re) * Math.cos(z.im) - 2 * half * half, Math.exp(z.re) * Math.sin(z.im))
})

/**
 * `log |z| + i arg z`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const log: (z: ComplexNumber) => ComplexNumber = extend(Math.log, (z) =>
  complex(logModulus(z), Math.atan2(z.im, z.re)),
)

/**
 * `log(1 + z)`: the real part is `log1p(x) + ½ log1p((y / (1 + x))²)`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const log1p: (z: ComplexNumber) => ComplexNumber = extend(Math.log1p, (z) => {
  const x = 1 + z.re
  const slope = z.im / x
  const re =
    x > 0 && Math.abs(slope) < 0.5
      ? Math.log1p(z.re) + 0.5 * Math.log1p(slope * slope)
      : Math.hypot(z.re, z.im) < 0.5
        ? 0.5 * Math.log1p(z.re * (2 + z.re) + z.im * z.im)
        : logModulus(complex(x, z.im))
  return complex(re, Math.atan2(z.im, x))
})

/**
 * The root with a real part >= 0.
 *
 * @category exponential
 * @since 0.1.0
 */
export const sqrt: (z: ComplexNumber) => ComplexNumber = extend(Math.sqrt, (z) => root(z))

// For negative reals too, where the sign of the zero imaginary part chooses the side of the cut.
const root = (z: Z): Z => {
  const x = Math.abs(z.re)
  const size = Math.hypot(z.re, z.im)
  // the mean of two numbers, neither overflowing nor losing a bit of a subnormal
  const mean = size > 1e300 ? x / 2 + size / 2 : (x + size) / 2
  const larger = Math.sqrt(mean)
  const smaller = larger === 0 ? 0 : Math.abs(z.im) / (2 * larger)
  const sign = z.im < 0 || Object.is(z.im, -0) ? -1 : 1
  return z.re >= 0 ? complex(larger, sign * smaller) : complex(smaller, sign * larger)
}

/**
 * `1 / √z`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const rsqrt = (z: ComplexNumber): ComplexNumber => reciprocal(sqrt(z))

/**
 * `sin x cosh y + i cos x sinh y`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const sin: (z: ComplexNumber) => ComplexNumber = extend(Math.sin, (z) =>
  complex(Math.sin(z.re) * Math.cosh(z.im), Math.cos(z.re) * Math.sinh(z.im)),
)

/**
 * `cos x cosh y - i sin x sinh y`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const cos: (z: ComplexNumber) => ComplexNumber = extend(Math.cos, (z) =>
  complex(Math.cos(z.re) * Math.cosh(z.im), -Math.sin(z.re) * Math.sinh(z.im)),
)

/**
 * With `t = tan x` and `s = tanh y`: `(t sech² y + i s (1 + t²)) / (1 + t² s²)`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const tan: (z: ComplexNumber) => ComplexNumber = extend(Math.tan, (z) => {
  // beyond, s is 1 to the last bit and sech² y is 4 e^(-2|y|)
  if (Math.abs(z.im) > 20)
    return complex(4 * Math.sin(z.re) * Math.cos(z.re) * Math.exp(-2 * Math.abs(z.im)), Math.sign(z.im))
  const t = Math.tan(z.re)
  const s = Math.tanh(z.im)
  const c = Math.cosh(z.im)
  const size = 1 + t * s * (t * s)
  return complex(t / (c * c) / size, (s * (1 + t * t)) / size)
})

// √(1 - z) and √(1 + z), from which Kahan makes asin and acos
const roots = (z: Z): readonly [minus: Z, plus: Z] => [root(complex(1 - z.re, -z.im)), root(complex(1 + z.re, z.im))]

// Im(conj(a) b)
const wedge = (a: Z, b: Z): number => a.re * b.im - a.im * b.re

/**
 * Cuts `(-∞, -1)` and `(1, ∞)`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const asin: (z: ComplexNumber) => ComplexNumber = extend(Math.asin, (z) => {
  const [minus, plus] = roots(z)
  return complex(Math.atan2(z.re, minus.re * plus.re - minus.im * plus.im), Math.asinh(wedge(minus, plus)))
})

/**
 * Cuts `(-∞, -1)` and `(1, ∞)`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const acos: (z: ComplexNumber) => ComplexNumber = extend(Math.acos, (z) => {
  const [minus, plus] = roots(z)
  return complex(2 * Math.atan2(minus.re, plus.re), Math.asinh(wedge(plus, minus)))
})

/**
 * `½ arg((1 - x)(1 + x) - y² + 2ix) + ¼ i log1p(4y / (x² + (1 - y)²))`; cuts `(-i∞, -i)` and `(i, i∞)`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const atan: (z: ComplexNumber) => ComplexNumber = extend(Math.atan, (z) => {
  const { re: x, im } = z
  const y = Math.abs(im)
  // so far out only the first term of the series at infinity is left, and squares overflow
  if (Math.abs(x) > 1e100 || y > 1e100)
    return sub(complex(x < 0 || Object.is(x, -0) ? -Math.PI / 2 : Math.PI / 2, 0), reciprocal(z))
  const re = 0.5 * Math.atan2(2 * x, (1 - x) * (1 + x) - y * y)
  return complex(re, Math.sign(im) * 0.25 * Math.log1p((4 * y) / (x * x + (1 - y) * (1 - y))))
})

/**
 * `sinh x cos y + i cosh x sin y`.
 *
 * @category hyperbolic
 * @since 0.1.0
 */
export const sinh: (z: ComplexNumber) => ComplexNumber = extend(Math.sinh, (z) =>
  complex(Math.sinh(z.re) * Math.cos(z.im), Math.cosh(z.re) * Math.sin(z.im)),
)

/**
 * `cosh x cos y + i sinh x sin y`.
 *
 * @category hyperbolic
 * @since 0.1.0
 */
export const cosh: (z: ComplexNumber) => ComplexNumber = extend(Math.cosh, (z) =>
  complex(Math.cosh(z.re) * Math.cos(z.im), Math.sinh(z.re) * Math.sin(z.im)),
)

/**
 * `-i tan(iz)`.
 *
 * @category hyperbolic
 * @since 0.1.0
 */
export const tanh: (z: ComplexNumber) => ComplexNumber = extend(Math.tanh, (z) => {
  if (Math.abs(z.re) > 20)
    return complex(Math.sign(z.re), 4 * Math.sin(z.im) * Math.cos(z.im) * Math.exp(-2 * Math.abs(z.re)))
  const t = Math.tanh(z.re)
  const s = Math.tan(z.im)
  const c = Math.cosh(z.re)
  const size = 1 + t * s * (t * s)
  return complex((t * (1 + s * s)) / size, s / (c * c) / size)
})

/**
 * `1 / (1 + e^-z)`, from the exponential of the number with the negative real part.
 *
 * @category exponential
 * @since 0.1.0
 */
export const sigmoid: (z: ComplexNumber) => ComplexNumber = extend(F64.sigmoid, (z) => {
  const e = exp(z.re >= 0 ? neg(z) : z)
  const whole = complex(1 + e.re, e.im)
  const slope = e.im / (whole.re * whole.re + e.im * e.im)
  return z.re >= 0 ? complex(reciprocal(whole).re, -slope) : complex(div(e, whole).re, slope)
})

/**
 * The principal `log(1 + e^z)`, as `z + log1p(e^-z)`, less whole turns, where Re z >= 0.
 *
 * @category exponential
 * @since 0.1.0
 */
export const softplus: (z: ComplexNumber) => ComplexNumber = extend(F64.softplus, (z) => {
  if (z.re < 0) return log1p(exp(z))
  const { re, im } = add(z, log1p(exp(neg(z))))
  return complex(re, Math.abs(im) > Math.PI ? im - 2 * Math.PI * Math.round(im / (2 * Math.PI)) : im)
})

/**
 * The principal power `exp(w log z)`, in polar form: the modulus is a real power, so it keeps that one's accuracy.
 *
 * An integer power of a number with a negative real part is taken of its opposite, which keeps the angle small.
 * `z^0 = 1`. A base exactly 0 behaves as the real limit from above: `0^w` is that of float64, without imaginary part where
 * Re w > 0.
 *
 * @category exponential
 * @since 0.1.0
 */
export const pow = (z: ComplexNumber, w: ComplexNumber): ComplexNumber => {
  if (w.im === 0) {
    if (z.im === 0 || w.re === 0 || !Number.isFinite(w.re)) return complex(F64.pow(z.re, w.re), 0)
    if (z.re < 0 && Number.isInteger(w.re)) {
      const opposite = polar(neg(z), w)
      return w.re % 2 === 0 ? opposite : neg(opposite)
    }
  } else if (z.re === 0 && z.im === 0) {
    return complex(F64.pow(z.re, w.re), w.re > 0 ? 0 : Number.NEGATIVE_INFINITY * w.im)
  }
  return polar(z, w)
}

const polar = (z: Z, w: Z): Z => {
  const angle = z.im === 0 && z.re >= 0 ? 0 : Math.atan2(z.im, z.re)
  const turn = w.re * angle + (w.im === 0 ? 0 : w.im * logModulus(z))
  const size = Math.hypot(z.re, z.im) ** w.re * Math.exp(-w.im * angle)
  return complex(size * Math.cos(turn), times(size, Math.sin(turn)))
}

/**
 * `atan(y / x)` continued over the four quadrants, which the real parts choose.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const atan2 = (y: ComplexNumber, x: ComplexNumber): ComplexNumber => {
  if (y.im === 0 && x.im === 0) return complex(Math.atan2(y.re, x.re), 0)
  if (y.re === 0 && x.re === 0) return complex(Math.atan2(y.re, x.re), NaN)
  const below = y.re < 0 || Object.is(y.re, -0)
  if (Math.abs(x.re) >= Math.abs(y.re)) {
    const angle = atan(div(y, x))
    return x.re < 0 ? complex(angle.re + (below ? -Math.PI : Math.PI), angle.im) : angle
  }
  return sub(complex(below ? -Math.PI / 2 : Math.PI / 2, 0), atan(div(x, y)))
}
