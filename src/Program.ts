/**
 * Recording a model: from a function on trees of handles to a program.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from './Failure.js'
import { type Calculus, type Peek, type Recorder, recorderOn } from './primitive/Recorder.js'
import { primitives } from './primitive/table.js'
import { interpret } from './reverse/interpreter.js'
import type { Reverse } from './reverse/node.js'
import { check, type DType, type Shape } from './Shape.js'
import { empty, type Program, type Tape } from './Tape.js'
import { scalar, type Tensor } from './Tensor.js'
import * as Tree from './Tree.js'
import type { IsWide } from './tree/types.js'
import { type AnyVar, isVar, type Var } from './Var.js'

export type { Program } from './Tape.js'

/**
 * The calculus of this library: its table of primitives, and cotangents that add up.
 *
 * @category model
 * @since 0.1.0
 */
export const standard: Calculus = { table: primitives, accumulate: (v, earlier, later) => v.add(earlier, later) }

/**
 * What may stand for a tree of handles: for each a handle, a tensor or, for a scalar, a number.
 *
 * @category model
 * @since 0.1.0
 */
export type Given<P> =
  IsWide<P> extends true
    ? Tree.Tree<Tree.Leaf>
    : P extends AnyVar
      ? GivenLeaf<P>
      : { readonly [K in keyof P]: Given<P[K]> }

type GivenLeaf<V extends AnyVar> =
  | V
  | Tensor<V['shape'], V['dtype']>
  | (V['shape'] extends readonly [] ? number : never)

/**
 * A function of trees: from handles, or from anything that may stand for them. The signature on handles comes last, so
 * that it is the one that inference reads and transformations nest: `grad(grad(f))`.
 *
 * @category model
 * @since 0.1.0
 */
export interface OnTree<P, R> {
  (p: Given<P>): R
  (p: P): R
}

/**
 * A function of a tree and of a direction in it.
 *
 * @category model
 * @since 0.1.0
 */
export interface OnTrees<P, R> {
  (p: Given<P>, direction: Given<P>): R
  (p: P, direction: P): R
}

/**
 * @category model
 * @since 0.1.0
 */
export interface RecordOptions {
  /** the tape to record on; the empty one unless given */
  readonly tape?: Tape
  /** the rules to differentiate by */
  readonly calculus?: Calculus
  /** how to look at values while recording */
  readonly peek?: Peek
}

/**
 * An input of which only the shape is known: real unless said otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const spec: {
  <const S extends Shape>(shape: S): Var<S>
  <const S extends Shape, const D extends DType>(shape: S, dtype: D): Var<S, D>
} = (shape: Shape, dtype: DType = 'real') =>
  // a handle that stands on no tape: recording replaces it, and every other use is refused as foreign
  Object.freeze({ _tag: 'Var', id: -1, shape, dtype }) as never

/** Records one `input` for each leaf. */
const inputs = (recorder: Recorder, specs: unknown): E.Either<Failure, Tree.VarTree> => {
  const tree = Tree.check(specs, 'record')
  if (E.isLeft(tree)) return tree
  const vars: Array<AnyVar> = []
  for (const { path, leaf } of Tree.flatten(tree.right)) {
    const { shape, dtype } = typeof leaf === 'number' ? { shape: [], dtype: 'real' as const } : leaf
    const valid = check(shape, path === '' ? 'input' : `input ${path}`)
    if (E.isLeft(valid)) return valid
    const input = recorder.emit('input', [], { path, shape, dtype })
    if (E.isLeft(input)) return input
    vars.push(input.right)
  }
  return Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(tree.right, vars) as E.Either<Failure, Tree.VarTree>
}

/**
 * The results of a model as handles: tensors and numbers among them become constants.
 *
 * @category combinators
 * @since 0.1.0
 */
export const outputs = (recorder: Recorder, result: unknown, operation: string): E.Either<Failure, Tree.VarTree> => {
  const tree = Tree.check(result, operation)
  if (E.isLeft(tree)) return tree
  const vars: Array<AnyVar> = []
  for (const { path, leaf } of Tree.flatten(tree.right)) {
    if (isVar(leaf)) {
      if (!recorder.builder.owns(leaf))
        return fail('ForeignVar', `${operation}: the result ${path} is a handle of another tape`, { operation, path })
      vars.push(leaf)
      continue
    }
    const constant = recorder.emit('constant', [], { value: typeof leaf === 'number' ? scalar(leaf) : leaf })
    if (E.isLeft(constant)) return constant
    vars.push(constant.right)
  }
  return Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(tree.right, vars) as E.Either<Failure, Tree.VarTree>
}

/**
 * Records a model for inputs of given shapes. Fails with whatever the model refuses; nothing is computed.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, record, spec, sum, type Var } from 'wengert'
 *
 * const squares = (x: Var<readonly [3]>) => sum(mul(x, x))
 * const program = record(squares)(spec([3]))
 * assert(isRight(program))
 * assert.strictEqual(program.right.tape.length, 3) // input, mul, sum
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const record =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(f: (p: P) => Reverse<Q>, options: RecordOptions = {}) =>
  (specs: Given<P>): E.Either<Failure, Program<P, Q>> => {
    const recorder = recorderOn(options.tape ?? empty, options.calculus ?? standard, options.peek)
    const p = inputs(recorder, specs)
    if (E.isLeft(p)) return p
    const result = interpret(f(p.right as P), recorder)
    if (E.isLeft(result)) return result
    const q = outputs(recorder, result.right, 'record')
    return E.isLeft(q)
      ? q
      : E.right(
          Object.freeze({
            _tag: 'Program',
            tape: recorder.builder.tape(),
            inputs: p.right as P,
            outputs: q.right as Q,
          }),
        )
  }
