/**
 * Matrix products by the BLAS of the system, for engines that are told to use it.
 *
 * @since 0.1.0
 */
export { type SystemBlasOptions, systemBlas } from './systemBlas.js'
