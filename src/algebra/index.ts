/**
 * The number algebras and the special functions they stand on.
 *
 * @since 0.1.0
 */
export * from './Algebra.js'
export { Complex, type ComplexNumber } from './Complex.js'
export { DoubleDouble, type DoubleDoubleNumber } from './DoubleDouble.js'
export { type Dual, dual } from './Dual.js'
export * as doubleDouble from './doubleDoubleText.js'
export { type Bounded, ErrorBound, UNIT } from './ErrorBound.js'
export { F32 } from './F32.js'
export { F64 } from './F64.js'
export { digamma, lgamma, polygamma } from './gamma.js'
export { Interval, type IntervalNumber } from './Interval.js'
export * as interval from './intervalModel.js'
export { Magnitude, type MagnitudeNumber, magnitudeSeed } from './Magnitude.js'
export { erf, sigmoid, softplus } from './special.js'
export { BLUNT, type Comparison, compare, inner, SAFETY, tolerance } from './tolerance.js'
