/**
 * One use of a primitive: what its operands look like, where they may lie, and its attributes. The tables of uses say for
 * every primitive how to make a valid use from a shape and some choices; a forgotten primitive is a compile error.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { standard } from '../../src/Program.js'
import { type Attributes, type PrimitiveName, recorderOn, type Vocabulary } from '../../src/primitive/index.js'
import type { Shape, Spec } from '../../src/Shape.js'
import { empty, type Program } from '../../src/Tape.js'
import type { AnyVar } from '../../src/Var.js'
import { ANYWHERE, type Domain, type Draw } from './values.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Use<K extends PrimitiveName = PrimitiveName> {
  readonly operands: ReadonlyArray<Spec>
  readonly attributes: Attributes[K]
  /** for each operand its domain; of integers the ends count as possible values */
  readonly domains: ReadonlyArray<Domain>
}

/**
 * Makes a use. The shape is a suggestion for the first operand: what cannot have it takes another.
 *
 * @category model
 * @since 0.1.0
 */
export type Maker<K extends PrimitiveName> = (draw: Draw, shape: Shape) => Use<K>

/**
 * @category constructors
 * @since 0.1.0
 */
export const real = (shape: Shape): Spec => ({ shape, dtype: 'real' })

/**
 * @category constructors
 * @since 0.1.0
 */
export const int = (shape: Shape): Spec => ({ shape, dtype: 'int' })

/**
 * @category constructors
 * @since 0.1.0
 */
export const bool = (shape: Shape): Spec => ({ shape, dtype: 'bool' })

/**
 * The domain of indices below `n`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const below = (n: number): Domain => ({ low: 0, high: n - 1 })

/**
 * The domain of conditions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const CONDITION: Domain = { low: 0, high: 1 }

/**
 * A use with real operands anywhere.
 *
 * @category constructors
 * @since 0.1.0
 */
export const anywhere = <K extends PrimitiveName>(
  operands: ReadonlyArray<Spec>,
  attributes: Attributes[K],
): Use<K> => ({
  operands,
  attributes,
  domains: operands.map(({ dtype }) => (dtype === 'real' ? ANYWHERE : CONDITION)),
})

/**
 * At least so many dimensions: more of length 2 are put in front.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ranked = (shape: Shape, rank: number): Shape => [
  ...new Array<number>(Math.max(0, rank - shape.length)).fill(2),
  ...shape,
]

/**
 * A program written in the words of rules, on a tape of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const programFrom = (
  specs: ReadonlyArray<Spec>,
  f: (v: Vocabulary, xs: ReadonlyArray<AnyVar>) => ReadonlyArray<AnyVar>,
): Program => {
  const recorder = recorderOn(empty, standard)
  const inputs: Array<AnyVar> = []
  for (const [i, { shape, dtype }] of specs.entries()) {
    const input = recorder.emit('input', [], { path: String(i), shape, dtype })
    if (E.isLeft(input)) throw new RangeError(input.left.message)
    inputs.push(input.right)
  }
  const outputs = f(recorder.vocabulary, inputs)
  return { _tag: 'Program', tape: recorder.builder.tape(), inputs, outputs }
}
