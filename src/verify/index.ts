/**
 * Checking gradients.
 *
 * @since 0.1.0
 */
export {
  centralDifferences,
  type EntryCheck,
  entryName,
  type GradientCheck,
  type ParameterCheck,
} from './centralDifferences.js'
