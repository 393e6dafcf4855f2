/**
 * From programs, and from models, to executables.
 *
 * - `compile(options)(program)` for a program, whose shapes are known;
 * - `jit(model)` for a model: it records and compiles once for each structure and shapes of the inputs it meets;
 * - `run(model)(inputs)` once, over float64, for a look at the numbers.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type Given, type RecordOptions, record, standard } from '../Program.js'
import type { Reverse } from '../Reverse.js'
import { show } from '../Shape.js'
import type { Program } from '../Tape.js'
import { type AnyTensor, scalar } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { Blas } from './Blas.js'
import { donations } from './donation.js'
import { type Engine, type EngineName, type Executable, executable, type Machine } from './Executable.js'
import { traced } from './nonFinite.js'
import { algebraOf, peekingAt, referenceEngine } from './reference.js'
import type { Threads } from './Threads.js'
import { wasmEngine } from './wasm/engine.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface EngineOptions {
  /**
   * who computes: code compiled for the program (`wasm`), or the evaluator that everything is checked against
   * (`reference`). Unless given it is `wasm`, and `reference` where the host has no WebAssembly with vectors; asked for by
   * name it is that one or a failure.
   */
  readonly engine?: EngineName
  /** the precision of reals: every operation is rounded to it; float64 unless given */
  readonly scalar?: 'f64' | 'f32'
  /** the most elements to allocate, over all instructions */
  readonly limit?: number
  /** refuse a step that leaves NaN or an infinity in an output, and name the instruction that made it; not unless given */
  readonly finite?: boolean
  /** top-level fields of the inputs that the outputs hold too: a step leaves the output in the input */
  readonly donate?: ReadonlyArray<string>
  /** a library for large products and convolutions, such as `systemBlas()` of `wengert/blas`; the engine's own kernels unless given */
  readonly blas?: Blas
  /** workers for large items, as `startThreads()` of `wengert/threads` gives; the calling thread alone unless given */
  readonly threads?: Threads
}

/**
 * Makes a program ready to run. A program that says what one compiled before does, under the same options, gets its code and
 * memory of its own. Fails with `TooLarge` before allocating beyond the limit, with `StructureMismatch` where
 * donated fields do not fit, and with `Specialised` on a tape that states a value which does not hold.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { compile, mul, record, spec, type Var } from 'wengert'
 *
 * type State = { readonly x: Var<readonly [2]> }
 * const program = record(({ x }: State) => mul(x, 2))({ x: spec([2]) })
 * assert(isRight(program))
 * const double = compile()(program.right)
 * assert(isRight(double))
 * const y = double.right.run({ x: { _tag: 'Tensor', shape: [2], dtype: 'real', data: Float64Array.of(1, 2) } })
 * assert(isRight(y))
 * assert.deepStrictEqual(Array.from(y.right.data), [2, 4])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const compile =
  (options: EngineOptions = {}) =>
  <P extends Tree.VarTree, Q extends Tree.VarTree>(program: Program<P, Q>): E.Either<Failure, Executable<P, Q>> => {
    const donated = donations(program, options.donate ?? [])
    if (E.isLeft(donated)) return donated
    const { engine, scalar = 'f64', limit, finite = false, blas, threads } = options
    const slow = (): Engine => referenceEngine(program, scalar, limit, donated.right)
    const fast =
      engine === 'reference' ? E.right(slow()) : wasmEngine(program, scalar, limit, donated.right, blas, threads)
    const lacking = E.isLeft(fast) && fast.left._tag === 'Unsupported' && engine === undefined
    const made = lacking ? E.right(slow()) : fast
    if (E.isLeft(made)) return made
    const { machine } = made.right
    return executable(
      program,
      finite
        ? { ...made.right, machine: () => E.map((m: Machine) => traced(algebraOf(scalar), program, m))(machine()) }
        : made.right,
    )
  }

/** How many structures and shapes one compiled model keeps ready; the one that was compiled first goes first. */
const KEPT = 64

/** What decides a recording: paths, element types and shapes. */
const signatureOf = (tree: Tree.Tree<Tree.Leaf>): string =>
  Tree.flatten(tree)
    .map(({ path, leaf }) => (typeof leaf === 'number' ? `${path}:real[]` : `${path}:${leaf.dtype}${show(leaf.shape)}`))
    .join(' ')

/**
 * A model as a function of tensors: recorded and compiled at its first use with inputs of some structure and shapes, and
 * kept for the next. Fails with whatever the model, the compiler or the inputs' check refuses.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { jit, mul, sum, tensor, type Var } from 'wengert'
 *
 * const energy = jit((x: Var<readonly [number]>) => sum(mul(x, x)))
 * const three = energy(tensor([1, 2, 3]))
 * const two = energy(tensor([3, 4]))
 * assert(isRight(three) && isRight(two))
 * assert.deepStrictEqual([three.right.data[0], two.right.data[0]], [14, 25])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const jit = <P extends Tree.VarTree, Q extends Tree.VarTree>(
  f: (p: P) => Reverse<Q>,
  options: EngineOptions & RecordOptions = {},
): ((inputs: Tree.Inputs<P>) => E.Either<Failure, Tree.Values<Q>>) => {
  const ready = new Map<string, Executable<P, Q>>()
  return (inputs) => {
    const tree = Tree.check(inputs, 'jit')
    if (E.isLeft(tree)) return tree
    const key = signatureOf(tree.right)
    const known = ready.get(key)
    if (known !== undefined) return known.run(inputs)
    const compiled = E.chain(compile(options))(record(f, options)(tree.right as Given<P>))
    if (E.isLeft(compiled)) return compiled
    if (ready.size === KEPT) ready.delete([...ready.keys()][0])
    ready.set(key, compiled.right)
    return compiled.right.run(inputs)
  }
}

/**
 * Records a model and evaluates it by the reference engine.
 *
 * The model may `peek` at values, since they are known here. Fails with whatever the model refuses, or with what does not
 * fit the inputs.
 *
 * @category destructors
 * @since 0.1.0
 */
export const run =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(
    f: (p: P) => Reverse<Q>,
    options: Omit<EngineOptions, 'engine' | 'donate'> & RecordOptions = {},
  ) =>
  (inputs: Tree.Inputs<P>): E.Either<Failure, Tree.Values<Q>> => {
    const tree = Tree.check(inputs, 'run')
    if (E.isLeft(tree)) return tree
    const tensors: Array<AnyTensor> = []
    for (const { path, leaf } of Tree.flatten(tree.right)) {
      const value = typeof leaf === 'number' ? scalar(leaf) : leaf
      if (value._tag === 'Var')
        return fail('MissingInput', `run: the input ${path} is a handle; a tensor or number is needed`, {
          operation: 'run',
          path,
        })
      tensors.push(value)
    }
    const calculus = options.calculus ?? standard
    const program = record(f, { ...options, peek: peekingAt(tensors, options.tape?.length ?? 0, calculus.table) })(
      tree.right as never,
    )
    if (E.isLeft(program)) return program
    const compiled = compile({ ...options, engine: 'reference' })(program.right)
    return E.isLeft(compiled) ? compiled : compiled.right.run(inputs)
  }
