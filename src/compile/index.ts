/**
 * From a program to a plan of machine code: simplification and what comes after it.
 *
 * @since 0.1.0
 */

export type { Context, Rule, Rules } from './simplify/Rewrite.js'
export {
  type Inlining,
  type Marker,
  type Pass,
  type PassName,
  passes,
  passOf,
  type SimplifyOptions,
  simplify,
  simplifyWithOrigins,
  type Traced,
} from './simplify.js'
