/**
 * What a recording writes to: a growing tape, the table of primitives, the memory of what this run has already recorded,
 * and, when the inputs are known, their values.
 *
 * The table and the way cotangents accumulate are parameters, so that a suite can put a broken rule in their place and
 * see that the laws notice.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { check, show } from '../Shape.js'
import { type Builder, extend, type Tape } from '../Tape.js'
import type { AnyTensor } from '../Tensor.js'
import type { AnyVar } from '../Var.js'
import type { Attributes, PrimitiveName, Table, Vocabulary } from './Primitive.js'
import { vocabulary } from './vocabulary.js'

/**
 * The calculus that a run uses: the rows, and how two cotangents of one value are joined.
 *
 * @category model
 * @since 0.1.0
 */
export interface Calculus {
  readonly table: Table
  readonly accumulate: (v: Vocabulary, earlier: AnyVar, later: AnyVar) => AnyVar
}

/**
 * Looks up the value of a handle while recording, where the inputs' values are known.
 *
 * @category model
 * @since 0.1.0
 */
export type Peek = (recorder: Recorder, v: AnyVar) => E.Either<Failure, AnyTensor>

/**
 * What a run can remember a result for. The first run that meets a recording notes the result on the recording itself, so
 * that what nobody else holds can be collected; later ones keep it in a map.
 *
 * @category model
 * @since 0.1.0
 */
export type Memorable = object & { metBy?: object | null; gave?: unknown }

/**
 * @category model
 * @since 0.1.0
 */
export interface Recorder {
  readonly calculus: Calculus
  readonly builder: Builder
  readonly peek: Peek
  /** for rules: throws what `emit` refuses; only inside `attempt` */
  readonly vocabulary: Vocabulary
  /** records one instruction, checking its operands, attributes and shapes */
  readonly emit: <K extends PrimitiveName>(
    primitive: K,
    operands: ReadonlyArray<AnyVar>,
    attributes: Attributes[K],
  ) => E.Either<Failure, AnyVar>
  /** whether a recording or tensor has already been recorded in this run, and as what */
  readonly remembers: (key: Memorable) => boolean
  readonly recall: (key: Memorable) => unknown
  readonly remember: (key: Memorable, value: unknown) => void
  /** a recorder on top of this one, whose recordings are not seen here */
  readonly fork: () => Recorder
}

/** Primitives of which each occurrence is a new one. */
const FRESH: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['input', 'variable'])

/** Carries a failure out of a rule, which is written in direct style, to `attempt`. */
class Refusal extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message)
  }
}

/**
 * Runs code that uses a vocabulary and gives back as a value what it refused: a result beyond the size or rank limits,
 * or an ill-formed instruction of a rule that a user wrote.
 *
 * @category combinators
 * @since 0.1.0
 */
export const attempt = <A>(body: () => E.Either<Failure, A>): E.Either<Failure, A> => {
  try {
    return body()
  } catch (e) {
    if (e instanceof Refusal) return E.left(e.failure)
    throw e
  }
}

const unknownInputs: Peek = () =>
  fail(
    'NeedsValue',
    'peek: the model looks at a value, but only shapes are known here; give the inputs by value (run), or use where()',
    { operation: 'peek' },
  )

const foreign = (operation: string, v: AnyVar, builder: Builder): E.Either<Failure, never> =>
  fail(
    'ForeignVar',
    v.id < 0
      ? `${operation}: an operand is a spec of shape ${show(v.shape)}, which only describes an input; give a handle or a tensor`
      : `${operation}: the operand %${v.id} of shape ${show(v.shape)} was recorded on another tape` +
          (v.id < builder.length() ? '' : ', or inside a transformation that has ended') +
          '; pass it in as an argument instead of capturing it',
    { operation, shapes: [v.shape], position: v.id },
  )

const make = (calculus: Calculus, builder: Builder, peek: Peek, outer: Recorder | null): Recorder => {
  const run = {}
  const memory = new Map<object, unknown>()
  const emit: Recorder['emit'] = (primitive, operands, attributes) => {
    const { arity } = calculus.table[primitive]
    if (arity < 0 ? operands.length < arity + 2 : operands.length !== arity)
      return fail(
        'InvalidArgument',
        `${primitive}: takes ${arity < 0 ? 'at least one' : arity} operands, not ${operands.length}`,
        {
          operation: primitive,
        },
      )
    const ids = new Array<number>(operands.length)
    for (let i = 0; i < operands.length; i++) {
      if (!builder.owns(operands[i])) return foreign(primitive, operands[i], builder)
      ids[i] = operands[i].id
    }
    return builder.append(
      primitive,
      ids,
      attributes as Readonly<Record<string, unknown>>,
      () => {
        const spec = calculus.table[primitive].spec(operands, attributes)
        if (E.isLeft(spec)) return spec
        const shape = check(spec.right.shape, primitive)
        return E.isLeft(shape) ? shape : spec
      },
      FRESH.has(primitive),
    )
  }
  const recorder: Recorder = {
    calculus,
    builder,
    peek,
    emit,
    vocabulary: vocabulary((primitive, operands, attributes) => {
      const result = emit(primitive, operands, attributes)
      if (E.isLeft(result)) throw new Refusal(result.left)
      return result.right
    }),
    remembers: (key) => key.metBy === run || memory.has(key) || outer?.remembers(key) === true,
    recall: (key) => (key.metBy === run ? key.gave : memory.has(key) ? memory.get(key) : outer?.recall(key)),
    remember: (key, value) => {
      if (key.metBy === null) {
        key.metBy = run
        key.gave = value
      } else memory.set(key, value)
    },
    fork: () => make(calculus, builder.fork(), peek, recorder),
  }
  return recorder
}

/**
 * Starts recording on a tape.
 *
 * @category constructors
 * @since 0.1.0
 */
export const recorderOn = (tape: Tape, calculus: Calculus, peek: Peek = unknownInputs): Recorder =>
  make(calculus, extend(tape), peek, null)
