/**
 * `wengert`: models are pure functions that record operations onto an immutable tape; gradients come from reading it
 * backwards.
 *
 * The root holds what a model is made of: operations, transformations, running. Modules of a data type are imported as
 * namespaces from their own paths, as in fp-ts: `import * as T from 'wengert/Tensor'`, `import * as R from 'wengert/Reverse'`.
 *
 * @since 0.1.0
 */
// not through their index, which brings reading and writing along
export { compile, type EngineOptions, jit, run } from './engine/compile.js'
export type { Executable, Running } from './engine/Executable.js'
export { evaluate } from './engine/reference.js'
export type { Failure, FailureTag } from './Failure.js'
export * from './ops/index.js'
export { type Given, type RecordOptions, record, spec } from './Program.js'
export { type AnyOperand, flatMap, gen, map, type Operand, type Reverse, raise } from './Reverse.js'
export type { DType, Shape, Spec } from './Shape.js'
export type { Instruction, Program, Tape } from './Tape.js'
export { type AnyTensor, bools, ints, scalar, type Tensor, tensor } from './Tensor.js'
export type { Inputs, Tree, Values, VarTree } from './Tree.js'
export * from './transform/index.js'
export type { AnyVar, Var } from './Var.js'
