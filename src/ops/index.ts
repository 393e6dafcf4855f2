/**
 * Operations: what a model is written with. Each is a pure function from operands to a recording.
 *
 * @since 0.1.0
 */
export * from './activation.js'
export * from './arithmetic.js'
export * from './comparison.js'
export * from './creation.js'
export * from './elementary.js'
export * from './linear.js'
export * from './reduction.js'
