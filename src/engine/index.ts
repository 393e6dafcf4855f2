/**
 * Engines: from programs to numbers.
 *
 * @since 0.1.0
 */
export { compile, type EngineOptions, type Evaluation, type Executable, evaluate, run } from './reference.js'
