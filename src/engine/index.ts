/**
 * Engines: from programs to numbers.
 *
 * @since 0.1.0
 */
export type { Blas, Multiplication, Reals, Stored } from './Blas.js'
export { compile, type EngineOptions, jit, run } from './compile.js'
export { type ExecutableDocument, load, save } from './document.js'
export type { EngineName, Executable, Footprint, Running, View, Views } from './Executable.js'
export { firstNonFinite, type NonFinite } from './nonFinite.js'
export { type Evaluation, evaluate } from './reference.js'
export type { Part, Shareable, Threads } from './Threads.js'
export { showSchedule } from './wasm/lower.js'
