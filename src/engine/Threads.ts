/**
 * Workers that compute beside the calling thread, as engines see them. The engine starts none: whoever compiles gives them
 * (`startThreads` of `wengert/threads`), they say which items of a program are worth dividing and how, and compute parts of
 * them on the memory of a state, which is shared then.
 *
 * Law: a part computes each of its elements by the operations, in the order, in which the whole item does. So the bits are
 * those of one thread, whoever computes which part.
 *
 * @since 0.1.0
 */
import type * as E from 'fp-ts/lib/Either.js'
import type { Flat } from '../compile/flat.js'
import type { Item, Nest } from '../compile/Nest.js'
import type { Failure } from '../Failure.js'
import type { Kernel } from './wasm/kernelCode.js'
import type { Features } from './wasm/kernels/features.js'
import type { Scalar } from './wasm/kernels/lanes.js'
import type { WasmMemory, WasmModule } from './wasm/platform.js'

/**
 * A part of an item, computed beside the others: a nest over some of the points, or code with scratch memory of its own.
 *
 * @category model
 * @since 0.1.0
 */
export type Part = Nest | Kernel

/**
 * One state of a compiled program, as workers need it. The module exports `job0`, `job1`, ...: functions of the number of
 * a part and the address of scratch memory.
 *
 * @category model
 * @since 0.1.0
 */
export interface Shareable {
  readonly module: WasmModule
  readonly memory: WasmMemory
  /** how many parts each job has */
  readonly jobs: ReadonlyArray<number>
  /** where scratch memory is, and how far that of the next thread is from it, in bytes */
  readonly scratch: number
  readonly stride: number
  /** computes a part on the calling thread */
  readonly compute: (job: number, part: number) => void
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Threads {
  /** how many compute, the calling thread among them */
  readonly count: number
  /** lets the workers go; what was compiled for them goes on with the calling thread alone, to the same bits */
  readonly stop: () => void
  /** the parts of an item, or null where it is too small or would not have the same bits; at most 255 */
  readonly divide: (features: Features, scalar: Scalar, item: Item, flat: Flat) => ReadonlyArray<Part> | null
  /** makes a state known to the workers, and gives what computes all parts of a job */
  readonly share: (state: Shareable) => (job: number) => E.Either<Failure, void>
}
