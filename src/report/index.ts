/**
 * `wengert/report`: verifications as pages for people.
 *
 * @since 0.1.0
 */
export { condition, type Share } from './condition.js'
export { float64Curve, type Off } from './curve.js'
export { type Run, type Verified, verificationHtml } from './verification.js'
