/**
 * The table of primitives and what one needs to read it or to add a row.
 *
 * @since 0.1.0
 */
export { flopsOf } from './cost.js'
export { MAX_ELEMENTS, needed } from './evaluate.js'
export type {
  Attributes,
  Batch,
  Call,
  Comparison,
  Convolution,
  Derivative,
  InstructionOf,
  Kernel,
  Pointwise,
  Primitive,
  PrimitiveName,
  Site,
  Table,
  Vocabulary,
  Window,
} from './Primitive.js'
export { type Calculus, type Recorder, recorderOn } from './Recorder.js'
export { type Statistics, statisticsOf } from './statistics.js'
export { primitives } from './table.js'
