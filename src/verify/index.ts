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
export {
  type Certificate,
  CertificateCodec,
  certify,
  fingerprint,
  parseCertificate,
  type Replay,
  replay,
  showCertificate,
} from './certificate.js'
export { type Covered, showCoverage } from './coverage.js'
export { directionOf, missProbability, type Taken } from './directions.js'
export { problemOf } from './held.js'
export type {
  Blame,
  Judgement,
  KinkFacts,
  LedgerRow,
  Minimal,
  Report,
  SecondOrder,
  Verdict,
  WrongEntry,
} from './model.js'
export { type OpaqueJudgement, type OpaqueReport, verifyFunction } from './opaque.js'
export { complexSteps, type Step } from './oracles/complexStep.js'
export {
  type Conclusion,
  certainDigits,
  encloseGradient,
  type Refutation,
  refute,
  type Segment,
} from './oracles/interval.js'
export { type Remainder, type TaylorReport, type TaylorSide, type TaylorVerdict, taylorTest } from './oracles/taylor.js'
export { coverage, mutationPower, type Power, type PowerOptions, showPower, wilson } from './power.js'
export type { Flat, Numbers, Problem } from './problem.js'
export { type RuleAccuracy, type RuleMapOptions, ruleMap, showRuleMap, type Ulps } from './ruleMap.js'
export { BUDGET, type Budget } from './subject.js'
export { type VerifyOptions, verifyGradient, verifyTape } from './verify.js'
