/**
 * Failures that data or a user's model can cause. They are values, never exceptions: every function that can meet one
 * returns an `Either<Failure, A>`, and a recording that meets one short-circuits.
 *
 * One flat record with a tag keeps failures printable, comparable and serialisable. `message` is a whole sentence that
 * says what is wrong, where, and what to do; the other fields give the same facts to programs.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'

/**
 * What kind of thing went wrong.
 *
 * - `ShapeMismatch`: operands whose shapes do not fit each other
 * - `InvalidShape`: a shape that no tensor can have (negative, fractional or too many dimensions)
 * - `InvalidAxis`: an axis that the operand does not have, or names twice
 * - `InvalidArgument`: any other argument outside its range
 * - `TypeMismatch`: an integer or boolean where a real is needed, or the reverse
 * - `ForeignVar`: a handle that was recorded on another tape
 * - `NotScalar`: a loss that is not a single number
 * - `NotDifferentiable`: a derivative that does not exist or that nobody has given
 * - `StructureMismatch`: a tree of parameters whose structure differs from the expected one
 * - `MissingInput`: an input for which no value was given
 * - `NeedsValue`: a model that looks at a value while only shapes are known
 * - `Specialised`: a tape evaluated away from the values it was specialised to
 * - `MalformedTape`: a document that is not a tape
 * - `MalformedFile`: a file that is not what its format says
 * - `UnreadableFile`: a file that is not there or that the system does not give or take
 * - `TooLarge`: a tensor or program beyond the stated limits
 * - `Unsupported`: something that this host, or this engine, cannot do
 * - `Released`: an executable used after its memory was let go
 * - `NonFinite`: a value that became NaN or infinite where tracing was asked for
 * - `Raised`: a failure that the model itself raised
 *
 * @category model
 * @since 0.1.0
 */
export type FailureTag =
  | 'ShapeMismatch'
  | 'InvalidShape'
  | 'InvalidAxis'
  | 'InvalidArgument'
  | 'TypeMismatch'
  | 'ForeignVar'
  | 'NotScalar'
  | 'NotDifferentiable'
  | 'StructureMismatch'
  | 'MissingInput'
  | 'NeedsValue'
  | 'Specialised'
  | 'MalformedTape'
  | 'MalformedFile'
  | 'UnreadableFile'
  | 'TooLarge'
  | 'Unsupported'
  | 'Released'
  | 'NonFinite'
  | 'Raised'

/**
 * The facts beside the sentence, each present when it applies.
 *
 * @category model
 * @since 0.1.0
 */
export interface Details {
  /** the operation that refused */
  readonly operation?: string
  /** the shapes of its operands, in order */
  readonly shapes?: ReadonlyArray<ReadonlyArray<number>>
  /** the path of the leaf concerned inside a tree, such as `layers.0.w` */
  readonly path?: string
  /** the position on the tape concerned */
  readonly position?: number
  /** the file concerned, by the name that the caller gave it */
  readonly file?: string
  /** the byte of the file, counted from 0 */
  readonly offset?: number
  /** the line of a text file, counted from 1 */
  readonly line?: number
  /** the character of that line, counted from 1 */
  readonly column?: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Failure extends Details {
  readonly _tag: FailureTag
  readonly message: string
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const failure = (tag: FailureTag, message: string, details: Details = {}): Failure => ({
  _tag: tag,
  message,
  ...details,
})

/**
 * A failed `Either`, ready to return.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fail = (tag: FailureTag, message: string, details?: Details): E.Either<Failure, never> =>
  E.left(failure(tag, message, details))
