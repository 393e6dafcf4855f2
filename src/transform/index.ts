/**
 * Transformations: from models to models, all of them tape to tape and nestable in any order.
 *
 * @since 0.1.0
 */
export { type CustomRule, checkpoint, customRule } from './custom.js'
export { hessian, hvp, type JacobianOptions, jacobian } from './jacobian.js'
export { jvp, jvpAndValue, linearize } from './jvp.js'
export { prune } from './prune.js'
export { type Adjoint, type Contribution, forwardSweep, reverseSweep } from './sweep.js'
export { grad, open, type Recorded, valueAndGrad, vjp } from './vjp.js'
export { type Batched, type OnBatch, type VmapOptions, vmap } from './vmap.js'
export { type Watched, watch } from './watch.js'
