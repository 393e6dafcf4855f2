/**
 * `wengert`: models are pure functions that record operations onto an immutable tape; gradients come from reading it
 * backwards.
 *
 * @since 0.1.0
 */
export * as Algebra from './algebra/index.js'
export { compile, type EngineOptions, evaluate, type Executable, run } from './engine/index.js'
export type { Failure, FailureTag } from './Failure.js'
export * from './ops/index.js'
export { type Given, type Program, record, type RecordOptions, spec } from './Program.js'
export { primitives } from './primitive/index.js'
export * as Random from './Random.js'
export * as Reverse from './Reverse.js'
export { type AnyOperand, flatMap, gen, map, type Operand, raise } from './Reverse.js'
export * as Shape from './Shape.js'
export * as Tape from './Tape.js'
export * as Tensor from './Tensor.js'
export { type AnyTensor, scalar, tensor } from './Tensor.js'
export * as Tree from './Tree.js'
export type { Inputs, Values } from './Tree.js'
export * from './transform/index.js'
export type { AnyVar, Var } from './Var.js'
