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
export { directionOf, missProbability } from './directions.js'
export type { Blame, Judgement, KinkFacts, LedgerRow, Minimal, Report, Verdict } from './model.js'
export { type OpaqueJudgement, type OpaqueReport, verifyFunction } from './opaque.js'
export {
  type Conclusion,
  certainDigits,
  encloseGradient,
  type Refutation,
  refute,
  type Segment,
} from './oracles/interval.js'
export type { Proof } from './oracles/proof.js'
export { type Remainder, type TaylorReport, type TaylorSide, type TaylorVerdict, taylorTest } from './oracles/taylor.js'
export { type Flat, type Numbers, type Problem, problemOf } from './problem.js'
export { type RuleAccuracy, type RuleMapOptions, ruleMap, showRuleMap, type Ulps } from './ruleMap.js'
export { BUDGET, type Budget } from './subject.js'
export { type VerifyOptions, verifyGradient, verifyTape } from './verify.js'
