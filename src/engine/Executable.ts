/**
 * What an engine makes of a program: an executable.
 *
 * There are two ways to use one. `run` is pure: tensors in, new tensors out. `start` is for loops: it gives a state of its
 * own, whose inputs and outputs are typed arrays that stay where they are, and a `step` that reads the ones and fills the
 * others without allocating. Inputs that are *donated* at compile time are fields that the outputs hold too, with one
 * structure; a step leaves in such an input what it computed for the output, so that parameters and optimiser states
 * move on by themselves and the loop only fills in the next batch.
 *
 * Laws. `start(x)` and one `step` leave in `outputs` what `run(x)` gives. Two states of one executable never meet. Every
 * engine gives the same numbers within the bounds of its arithmetic, and the same bits whenever it is asked again.
 *
 * Nothing has to be disposed of: memory goes when the executable does. `release` lets it go earlier.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type DType, equals, type Shape, show } from '../Shape.js'
import type { Program } from '../Tape.js'
import { type AnyTensor, scalar, unsafeMake } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'

/**
 * The memory of one value, in row-major order: reals as the engine's scalar, integers, and booleans as 0 or 1.
 *
 * @category model
 * @since 0.1.0
 */
export type View<D extends DType = DType> = D extends 'real'
  ? Float64Array | Float32Array
  : D extends 'int'
    ? Int32Array
    : Uint8Array

type IsWide<P> = [{ readonly [key: string]: P }] extends [P] ? true : false

/**
 * The structure of `P` with the memory of each handle's value for the handle.
 *
 * @category model
 * @since 0.1.0
 */
export type Views<P> = IsWide<P> extends true ? Tree.Tree<never> | View | Readonly<Record<string, View>> : ViewsIn<P>

type ViewsIn<P> = P extends Var<Shape, infer D extends DType> ? View<D> : { readonly [K in keyof P]: Views<P[K]> }

/**
 * A state of an executable: what training loops hold.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { compile, gen, grad, mul, record, spec, square, sub, tensor, type Var } from 'wengert'
 *
 * type Weight = Var<readonly []>
 * type State = { readonly w: Weight; readonly x: Weight }
 * const program = record(({ w, x }: State) =>
 *   gen(function* () {
 *     const slope = yield* grad((v: Weight) => square(sub(mul(v, x), 6)))(w)
 *     return { w: yield* sub(w, mul(slope, 0.05)) }
 *   }),
 * )({ w: spec([]), x: spec([]) })
 * assert(isRight(program))
 * const executable = compile({ donate: ['w'] })(program.right)
 * assert(isRight(executable))
 * const running = executable.right.start({ w: 0, x: 0 })
 * assert(isRight(running))
 *
 * const { inputs, step } = running.right
 * for (let i = 0; i < 100; i++) {
 *   inputs.x[0] = 1 + (i % 2)
 *   assert(isRight(step()))
 * }
 * // 6 where x is 1 and 3 where it is 2: between the two, and back and forth
 * assert(inputs.w[0] > 3 && inputs.w[0] < 6)
 * ```
 *
 * @category model
 * @since 0.1.0
 */
export interface Running<P, Q> {
  /** to be filled in place before a step; those that are not donated keep what they hold */
  readonly inputs: Views<P>
  /** what the last step computed; the next one overwrites it */
  readonly outputs: Views<Q>
  /** computes the outputs of the inputs, without allocating; then donated inputs hold what the outputs do */
  readonly step: () => E.Either<Failure, void>
}

/**
 * The memory of one state.
 *
 * @category model
 * @since 0.1.0
 */
export interface Footprint {
  /** bytes held for values */
  readonly bytes: number
  /** the most bytes that are alive at one time in the order in which the engine works: no plan of it needs fewer */
  readonly bound: number
}

/**
 * @category model
 * @since 0.1.0
 */
export type EngineName = 'wasm' | 'reference'

/**
 * A program ready to run. It owns its memory.
 *
 * @category model
 * @since 0.1.0
 */
export interface Executable<P, Q> {
  readonly engine: EngineName
  readonly footprint: Footprint
  /** new tensors on each call */
  readonly run: (inputs: Tree.Inputs<P>) => E.Either<Failure, Tree.Values<Q>>
  /** a state of its own that holds the given inputs */
  readonly start: (inputs: Tree.Inputs<P>) => E.Either<Failure, Running<P, Q>>
  /** lets the memory go; whatever is asked afterwards, also of a state, is refused as `Released` */
  readonly release: () => void
}

/**
 * One state as an engine makes it: the memory of the leaves of inputs and outputs, in order.
 *
 * @category model
 * @since 0.1.0
 */
export interface Machine {
  readonly inputs: ReadonlyArray<View>
  readonly outputs: ReadonlyArray<View>
  readonly step: () => E.Either<Failure, void>
}

/**
 * What an engine has to provide.
 *
 * @category model
 * @since 0.1.0
 */
export interface Engine {
  readonly engine: EngineName
  readonly footprint: Footprint
  readonly machine: () => E.Either<Failure, Machine>
}

/** The given values, in order, checked against what the program expects. */
const valuesFor = (expected: Tree.VarTree, given: unknown): E.Either<Failure, ReadonlyArray<AnyTensor>> => {
  const tree = Tree.checkStructure(expected, given, 'run')
  if (E.isLeft(tree)) return tree
  const found = Tree.leaves(tree.right)
  const out: Array<AnyTensor> = []
  for (const [i, { path, leaf: want }] of Tree.flatten(expected).entries()) {
    const leaf = found[i]
    const value = typeof leaf === 'number' ? scalar(leaf) : leaf
    const where = path === '' ? 'the input' : `the input ${path}`
    if (value._tag === 'Var')
      return fail('MissingInput', `run: ${where} is a handle; a tensor or number is needed`, { operation: 'run', path })
    if (value.dtype !== want.dtype)
      return fail('TypeMismatch', `run: ${where} must be ${want.dtype}, not ${value.dtype}`, { operation: 'run', path })
    if (!equals(value.shape, want.shape))
      return fail('ShapeMismatch', `run: ${where} must have shape ${show(want.shape)}, not ${show(value.shape)}`, {
        operation: 'run',
        path,
        shapes: [want.shape, value.shape],
      })
    out.push(value)
  }
  return E.right(out)
}

/**
 * The elements of a value as a tensor of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const copied = (v: AnyVar, value: ArrayLike<number>): AnyTensor =>
  unsafeMake(
    v.shape,
    v.dtype,
    v.dtype === 'real' ? Float64Array.from(value) : v.dtype === 'int' ? Int32Array.from(value) : Uint8Array.from(value),
  )

const filled = (views: ReadonlyArray<View>, values: ReadonlyArray<AnyTensor>): void => {
  for (let i = 0; i < views.length; i++) (views[i] as Float64Array).set(values[i].data)
}

const released: E.Either<Failure, never> = fail(
  'Released',
  'run: the executable has been released; compile the program again',
  { operation: 'run' },
)

/**
 * The executable of a program on an engine. Fails with what the engine refuses when it makes its first state.
 *
 * @category constructors
 * @since 0.1.0
 */
export const executable = <P extends Tree.VarTree, Q extends Tree.VarTree>(
  program: Program<P, Q>,
  { engine, footprint, machine }: Engine,
): E.Either<Failure, Executable<P, Q>> => {
  const first = machine()
  if (E.isLeft(first)) return first
  const outputs = Tree.leaves<AnyVar>(program.outputs)
  let own: Machine | null = first.right
  return E.right({
    engine,
    footprint,
    run: (inputs) => {
      if (own === null) return released
      const values = valuesFor(program.inputs, inputs)
      if (E.isLeft(values)) return values
      filled(own.inputs, values.right)
      const stepped = own.step()
      if (E.isLeft(stepped)) return stepped
      const results = own.outputs.map((value, i) => copied(outputs[i], value))
      return Tree.unflatten(program.outputs as Tree.Tree<Tree.Leaf>, results) as never
    },
    start: (inputs) => {
      if (own === null) return released
      const values = valuesFor(program.inputs, inputs)
      if (E.isLeft(values)) return values
      const state = machine()
      if (E.isLeft(state)) return state
      const { step } = state.right
      filled(state.right.inputs, values.right)
      const p = Tree.unflatten(program.inputs as Tree.Tree<Tree.Leaf>, state.right.inputs)
      if (E.isLeft(p)) return p
      const q = Tree.unflatten(program.outputs as Tree.Tree<Tree.Leaf>, state.right.outputs)
      return E.isLeft(q)
        ? q
        : E.right({
            inputs: p.right as unknown as Views<P>,
            outputs: q.right as unknown as Views<Q>,
            step: () => (own === null ? released : step()),
          })
    },
    release: () => {
      own = null
    },
  })
}
