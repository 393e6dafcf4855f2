/**
 * What a primitive is: one row that says everything about one instruction.
 *
 * The set is small and closed, grouped by algebraic class, because the class decides the derivative. A row's derivative
 * is written with recording operations (`Vocabulary`), so it is itself tape: it can be differentiated again, batched,
 * evaluated over any algebra and printed.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Type } from 'io-ts'
import type { Algebra, Buffer, UnaryName } from '../algebra/Algebra.js'
import type { Failure } from '../Failure.js'
import type { DType, Shape, Spec } from '../Shape.js'
import type { Instruction, Program } from '../Tape.js'
import type { AnyTensor } from '../Tensor.js'
import type { AnyVar } from '../Var.js'

/**
 * No attributes.
 *
 * @category model
 * @since 0.1.0
 */
export type None = { readonly [key: string]: never }

/**
 * The attributes of every primitive. Adding a primitive starts with a line here; a table that forgets it does not compile.
 *
 * @category model
 * @since 0.1.0
 */
export interface Attributes extends Record<Pointwise, None> {
  readonly polygamma: { readonly order: number }

  readonly reshape: { readonly shape: Shape }
  readonly permute: { readonly order: ReadonlyArray<number> }
  readonly broadcast: { readonly shape: Shape; readonly axes: ReadonlyArray<number> }
  readonly slice: {
    readonly start: ReadonlyArray<number>
    readonly stop: ReadonlyArray<number>
    readonly stride: ReadonlyArray<number>
  }
  readonly pad: {
    readonly low: ReadonlyArray<number>
    readonly high: ReadonlyArray<number>
    readonly interior: ReadonlyArray<number>
    readonly value: number
  }
  readonly concat: { readonly axis: number }
  readonly flip: { readonly axes: ReadonlyArray<number> }
  readonly gather: { readonly batch: number }
  readonly scatterAdd: { readonly batch: number; readonly size: number }
  readonly sum: { readonly axes: ReadonlyArray<number> }
  readonly cumsum: { readonly axis: number; readonly reverse: boolean }
  readonly convert: { readonly dtype: DType }
  readonly windows: Window
  readonly foldWindows: Window & { readonly shape: Shape }

  readonly contract: {
    readonly contract: readonly [ReadonlyArray<number>, ReadonlyArray<number>]
    readonly batch: readonly [ReadonlyArray<number>, ReadonlyArray<number>]
  }
  readonly convolve: Convolution

  readonly reduceMax: { readonly axes: ReadonlyArray<number> }
  readonly reduceMin: { readonly axes: ReadonlyArray<number> }
  readonly argMax: { readonly axis: number }
  readonly argMin: { readonly axis: number }
  readonly sort: { readonly axis: number; readonly descending: boolean }
  readonly argSort: { readonly axis: number; readonly descending: boolean }
  readonly topK: { readonly axis: number; readonly k: number }
  readonly argTopK: { readonly axis: number; readonly k: number }
  readonly reduceWindow: Window & { readonly kind: 'max' | 'mean' }

  readonly input: { readonly path: string; readonly shape: Shape; readonly dtype: DType }
  readonly constant: { readonly value: AnyTensor }
  readonly iota: { readonly shape: Shape; readonly axis: number }
  readonly randomBits: { readonly shape: Shape }

  readonly variable: None
  readonly label: { readonly name: string }
  readonly stopGradient: None
  readonly peek: { readonly value: AnyTensor }

  readonly call: Call
}

/**
 * The pointwise primitives without attributes: those of the algebra, comparisons, logic and choice.
 *
 * @category model
 * @since 0.1.0
 */
export type Pointwise =
  | UnaryName
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'atan2'
  | 'mod'
  | 'max'
  | 'min'
  | Comparison
  | 'and'
  | 'or'
  | 'xor'
  | 'not'
  | 'select'

/**
 * @category model
 * @since 0.1.0
 */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/**
 * Windows over the trailing `window.length` dimensions; nothing is padded here (pad first).
 * A dimension of `n` gives `floor((n - dilation * (window - 1) - 1) / stride) + 1` positions.
 *
 * @category model
 * @since 0.1.0
 */
export type Window = {
  readonly window: ReadonlyArray<number>
  readonly strides: ReadonlyArray<number>
  readonly dilation: ReadonlyArray<number>
}

/**
 * Cross-correlation of `x: [N, C, ...space]` with `w: [O, C / groups, ...kernel]`, giving `[N, O, ...positions]`.
 * `padding` is `[low, high]` for each spatial dimension and may be negative (cropping), `inputDilation` puts zeros
 * between the elements of `x`: both so that the transposes of a convolution are convolutions.
 *
 * @category model
 * @since 0.1.0
 */
export type Convolution = {
  readonly strides: ReadonlyArray<number>
  readonly padding: ReadonlyArray<readonly [number, number]>
  readonly inputDilation: ReadonlyArray<number>
  readonly kernelDilation: ReadonlyArray<number>
  readonly groups: number
}

/**
 * A named sub-tape with one result. Rules of its own, where it has them, are sub-tapes too:
 * `vjp` takes the operands, the result and its cotangent, and gives one cotangent per real operand;
 * `jvp` takes the operands, the result and one tangent per real operand, and gives the tangent of the result.
 *
 * @category model
 * @since 0.1.0
 */
export type Call = {
  readonly name: string
  readonly body: Program
  readonly vjp?: Program
  readonly jvp?: Program
}

/**
 * @category model
 * @since 0.1.0
 */
export type PrimitiveName = keyof Attributes

/**
 * An instruction of a known primitive.
 *
 * @category model
 * @since 0.1.0
 */
export interface InstructionOf<K extends PrimitiveName = PrimitiveName> extends Instruction {
  readonly primitive: K
  readonly attributes: Attributes[K]
}

/**
 * Where a primitive is used: its attributes, its operands' specs and its result's.
 *
 * @category model
 * @since 0.1.0
 */
export interface Site<K extends PrimitiveName = PrimitiveName> {
  readonly attributes: Attributes[K]
  readonly operands: ReadonlyArray<Spec>
  readonly result: Spec
}

/**
 * Computes one instruction over an algebra: reads the operands' buffers, fills the result's. Integers and booleans are
 * plain numbers in every algebra (`plain` reads such a buffer).
 *
 * @category model
 * @since 0.1.0
 */
export type Kernel<N> = (operands: ReadonlyArray<Buffer<N>>, out: Buffer<N>) => void

/**
 * Evaluates a sub-tape; given to kernels that have one.
 *
 * @category model
 * @since 0.1.0
 */
export type Evaluate = <N>(
  algebra: Algebra<N>,
  program: Program,
) => (inputs: ReadonlyArray<Buffer<N>>) => ReadonlyArray<Buffer<N>>

/**
 * How an instruction answers a derivative.
 *
 * `pull` gives the contribution of the result's cotangent to one operand: `(dy/dx_k)^T ct`, linear in `ct`.
 * `push` gives the tangent of the result from those of the operands (`null` where an operand does not move).
 * Both are recorded; `null` means exactly zero. They are asked only for real operands and results.
 *
 * @category model
 * @since 0.1.0
 */
export interface Derivative<K extends PrimitiveName = PrimitiveName> {
  readonly pull: (
    v: Vocabulary,
    ct: AnyVar,
    k: number,
    xs: ReadonlyArray<AnyVar>,
    y: AnyVar,
    a: Attributes[K],
  ) => AnyVar | null
  readonly push: (
    v: Vocabulary,
    dxs: ReadonlyArray<AnyVar | null>,
    xs: ReadonlyArray<AnyVar>,
    y: AnyVar,
    a: Attributes[K],
  ) => AnyVar | null
}

/**
 * Records the instruction for a whole batch. A batched operand has the batch as its dimension 0, the others have none;
 * at least one is batched. The result has the batch as its dimension 0.
 *
 * @category model
 * @since 0.1.0
 */
export type Batch<K extends PrimitiveName = PrimitiveName> = (
  v: Vocabulary,
  xs: ReadonlyArray<AnyVar>,
  batched: ReadonlyArray<boolean>,
  length: number,
  a: Attributes[K],
) => AnyVar

/**
 * A primitive: one row.
 *
 * @category model
 * @since 0.1.0
 */
export interface Primitive<K extends PrimitiveName = PrimitiveName> {
  readonly name: K
  /** the algebraic class, which decides the derivative */
  readonly family: 'pointwise' | 'structural' | 'multilinear' | 'selecting' | 'source' | 'marker' | 'control'
  /** the number of operands; -1 for one or more, -2 for none or more */
  readonly arity: number
  readonly attributes: Type<Attributes[K], unknown>
  /** the result's shape and element type, or why there is none */
  readonly spec: (operands: ReadonlyArray<Spec>, attributes: Attributes[K]) => Either<Failure, Spec>
  readonly kernel: <N>(algebra: Algebra<N>, site: Site<K>, evaluate: Evaluate) => Kernel<N>
  /** `null` where the result is locally constant or has no derivative by nature (integers, booleans, sources) */
  readonly derivative: Derivative<K> | null
  /** `null` where the walker that batches a tape treats the primitive itself */
  readonly batch: Batch<K> | null
  /** where the primitive is smooth and defined, for people and for samplers: `x > 0`; empty when everywhere */
  readonly domain: string
  /**
   * The branches taken at a point, for primitives that have kinks or jumps: equal lists mean the same smooth piece.
   * Operands come as float64.
   */
  readonly branches: ((site: Site<K>, operands: ReadonlyArray<ArrayLike<number>>) => ReadonlyArray<number>) | null
  /** floating-point operations, by the cost model of `cost.ts` */
  readonly flops: (site: Site<K>) => number
  /** a one-line formula over the operands' names */
  readonly show: (operands: ReadonlyArray<string>, attributes: Attributes[K]) => string
}

/**
 * One row for every primitive.
 *
 * @category model
 * @since 0.1.0
 */
export type Table = { readonly [K in PrimitiveName]: Primitive<K> }

/**
 * Records one instruction. Rules call it; a refusal there is a bug in the rule and throws.
 *
 * @category model
 * @since 0.1.0
 */
export type Emit = <K extends PrimitiveName>(
  primitive: K,
  operands: ReadonlyArray<AnyVar>,
  attributes: Attributes[K],
) => AnyVar

type Unary = (x: AnyVar) => AnyVar
type Binary = (x: AnyVar, y: AnyVar) => AnyVar

/**
 * The words that rules are written in. Operands must already have equal shapes: nothing is broadcast silently here.
 *
 * @category model
 * @since 0.1.0
 */
export interface Vocabulary
  extends Readonly<Record<UnaryName, Unary>>,
    Readonly<
      Record<
        'add' | 'sub' | 'mul' | 'div' | 'pow' | 'atan2' | 'mod' | 'max' | 'min' | Comparison | 'and' | 'or',
        Binary
      >
    > {
  readonly emit: Emit
  readonly select: (c: AnyVar, x: AnyVar, y: AnyVar) => AnyVar
  /** a number in the shape and element type of a value */
  readonly like: (x: Spec, value: number) => AnyVar
  readonly reshape: (x: AnyVar, shape: Shape) => AnyVar
  readonly permute: (x: AnyVar, order: ReadonlyArray<number>) => AnyVar
  /** `shape[axes[i]] = x.shape[i]`; the other axes are new */
  readonly broadcast: (x: AnyVar, shape: Shape, axes: ReadonlyArray<number>) => AnyVar
  /** the axes are dropped */
  readonly sum: (x: AnyVar, axes: ReadonlyArray<number>) => AnyVar
  readonly convert: (x: AnyVar, dtype: DType) => AnyVar
}

/**
 * Reads a buffer of integers or booleans, which hold plain numbers in every algebra.
 *
 * @category kernels
 * @since 0.1.0
 */
export const plain = <N>(buffer: Buffer<N>): Buffer<number> => buffer as unknown as Buffer<number>
