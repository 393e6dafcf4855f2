/**
 * Engines: from programs to numbers.
 *
 * @since 0.1.0
 */
export { compile, type EngineOptions, type Evaluation, evaluate, type Executable, run } from './reference.js'
