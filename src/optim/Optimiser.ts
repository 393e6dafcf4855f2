/**
 * Optimisers: pure transformations of gradients into updates, recorded on the tape, so that a whole training step
 * (forward, backward, update) is one program.
 *
 * An optimiser knows how to make its first state from the parameters' values, and how to answer a gradient with an update
 * and its next state. An update is *added* to the parameters; so a gradient passed on as it is climbs, and the last member
 * of a chain turns it round (`descend`). The number of the step is handed in rather than counted by each optimiser, so
 * there is one counter, and schedules and bias corrections are functions of it.
 *
 * Laws. `chain` is associative, up to how the tuples of states nest, and `identity` is its unit. Nothing is remembered
 * outside the state: after the same state and gradient comes the same update, bit for bit.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { failure } from '../Failure.js'
import { add } from '../ops/arithmetic.js'
import { flatMap, fromEither, gen, of, type Reverse, throwError, traverseArray } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import * as Tree from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'

declare const PARAMETERS: unique symbol

/**
 * In the type of a state: here stands a tree of the parameters' structure and shapes, whatever they are. So
 * `Optimiser<{ readonly velocity: Like }>` keeps one number for each parameter.
 *
 * @category model
 * @since 0.1.0
 */
export interface Like {
  readonly [PARAMETERS]: never
}

/**
 * The state of a transformation that remembers nothing.
 *
 * @category model
 * @since 0.1.0
 */
export type Nothing = { readonly [key: string]: never }

/**
 * A state over parameters `P`.
 *
 * @category model
 * @since 0.1.0
 */
export type Over<S, P> = S extends Like ? P : S extends AnyVar ? S : { readonly [K in keyof S]: Over<S[K], P> }

/**
 * What an update depends on: trees of one structure, and how many steps came before this one.
 *
 * @category model
 * @since 0.1.0
 */
export interface Moment<S, P> {
  readonly gradient: P
  readonly state: Over<S, P>
  readonly parameters: P
  readonly step: Var<readonly [], 'int'>
}

/**
 * What it comes to.
 *
 * @category model
 * @since 0.1.0
 */
export interface Moved<S, P> {
  /** to be added to the parameters */
  readonly update: P
  readonly state: Over<S, P>
}

/**
 * A quantity that depends on the number of the step, which counts from 0.
 *
 * @category model
 * @since 0.1.0
 */
export type Schedule = (step: Var<readonly []>) => Reverse<Var<readonly []>>

/**
 * An optimiser, or a part of one. Options outside their ranges are refused with `InvalidArgument` when the update is
 * recorded, trees of different structures with `StructureMismatch`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Optimiser<S> {
  /** for people */
  readonly name: string
  /** the learning rate, for whoever wants to show it; null where there is none */
  readonly rate: Schedule | null
  readonly init: <P extends Tree.TensorTree>(parameters: P) => Tree.Values<Over<S, P>>
  readonly update: <P extends Tree.VarTree>(moment: Moment<S, P>) => Reverse<Moved<S, P>>
}

/**
 * A function of the leaves at the same place of several trees, recorded leaf by leaf. Fails with `StructureMismatch` where
 * a tree differs from the first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const leafwise =
  (f: (...leaves: ReadonlyArray<Var<Shape>>) => Reverse<Var<Shape>>) =>
  (first: Tree.VarTree, ...others: ReadonlyArray<Tree.VarTree>): Reverse<Tree.VarTree> => {
    for (const other of others) {
      const same = Tree.checkStructure(first, other, 'optimiser')
      if (E.isLeft(same)) return throwError(same.left)
    }
    const columns = [first, ...others].map((tree) => Tree.leaves<AnyVar>(tree) as ReadonlyArray<Var<Shape>>)
    const recorded = traverseArray((_: Var<Shape>, i) => f(...columns.map((column) => column[i])))(columns[0])
    return flatMap(recorded, (results) => fromEither(Tree.unflatten<Tree.VarTree, AnyVar>(first, results)))
  }

/**
 * What an option must satisfy, in words and as a test.
 *
 * @category model
 * @since 0.1.0
 */
export type Range = readonly [words: string, holds: (x: number) => boolean]

/**
 * Ranges of options.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ranges: Readonly<Record<'finite' | 'nonNegative' | 'positive' | 'share', Range>> = {
  finite: ['finite', Number.isFinite],
  nonNegative: ['finite and at least 0', (x) => x >= 0 && Number.isFinite(x)],
  positive: ['finite and greater than 0', (x) => x > 0 && Number.isFinite(x)],
  share: ['at least 0 and less than 1', (x) => x >= 0 && x < 1],
}

/**
 * An optimiser from what it does to trees of any structure; `options` are checked when it is used.
 *
 * @category constructors
 * @since 0.1.0
 */
export const optimiser = <S>(definition: {
  readonly name: string
  readonly options?: ReadonlyArray<readonly [name: string, value: number, range: Range]>
  readonly rate?: Schedule | null
  readonly init: (parameters: Tree.TensorTree) => Over<S, Tree.TensorTree>
  readonly update: (moment: Moment<S, Tree.VarTree>) => Reverse<Moved<S, Tree.VarTree>>
}): Optimiser<S> => {
  const { name, options = [], rate = null, init, update } = definition
  const wrong = options.find(([_, value, [__, holds]]) => !holds(value))
  return {
    name,
    rate,
    init: init as never,
    update: (wrong === undefined
      ? update
      : () =>
          throwError(
            failure('InvalidArgument', `${name}: ${wrong[0]} must be ${wrong[2][0]}, not ${wrong[1]}`, {
              operation: name,
            }),
          )) as never,
  }
}

/**
 * A transformation without a state.
 *
 * @category constructors
 * @since 0.1.0
 */
export const stateless = (definition: {
  readonly name: string
  readonly options?: ReadonlyArray<readonly [name: string, value: number, range: Range]>
  readonly rate?: Schedule | null
  readonly update: (moment: Omit<Moment<Nothing, Tree.VarTree>, 'state'>) => Reverse<Tree.VarTree>
}): Optimiser<Nothing> =>
  optimiser<Nothing>({
    ...definition,
    init: () => ({}),
    update: (moment) =>
      gen(function* () {
        return { update: yield* definition.update(moment), state: {} }
      }),
  })

/** An optimiser without the types of its state and its parameters. */
interface Erased extends Pick<Optimiser<unknown>, 'name' | 'rate'> {
  readonly init: (parameters: unknown) => unknown
  readonly update: (moment: {
    readonly gradient: Tree.VarTree
    readonly state: unknown
    readonly parameters: Tree.VarTree
    readonly step: Var<readonly [], 'int'>
  }) => Reverse<{ readonly update: Tree.VarTree; readonly state: unknown }>
}

/**
 * Passes the gradient on: the unit of `chain`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const identity: Optimiser<Nothing> = stateless({ name: 'identity', update: ({ gradient }) => of(gradient) })

/**
 * One transformation after another: each gets as its gradient what the one before it made. The state is the tuple of
 * their states, the rate that of the last member which has one.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { scalar, tensor } from 'wengert'
 * import { chain, clipByNorm, descend, momentum } from 'wengert/optim'
 *
 * const heavyBall = chain(clipByNorm(1), momentum({ decay: 0.9 }), descend(0.1))
 * assert.strictEqual(heavyBall.name, 'clipByNorm, momentum, descend')
 * assert.deepStrictEqual(heavyBall.init({ w: tensor([1, 2]), b: scalar(3) }), [
 *   {},
 *   { velocity: { w: tensor([0, 0]), b: scalar(0) } },
 *   {},
 * ])
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const chain = <S extends ReadonlyArray<unknown>>(
  ...members: { readonly [K in keyof S]: Optimiser<S[K]> }
): Optimiser<S> => {
  const parts = members as unknown as ReadonlyArray<Erased>
  const whole: Erased = {
    name: parts.map(({ name }) => name).join(', '),
    rate: parts.findLast(({ rate }) => rate !== null)?.rate ?? null,
    init: (parameters) => parts.map(({ init }) => init(parameters)),
    update: ({ gradient, state, parameters, step }) =>
      gen(function* () {
        const states: Array<unknown> = []
        let update = gradient
        for (const [i, part] of parts.entries()) {
          const own = (state as ReadonlyArray<unknown>)[i]
          const moved = yield* part.update({ gradient: update, state: own, parameters, step })
          update = moved.update
          states.push(moved.state)
        }
        return { update, state: states }
      }),
  }
  return whole as Optimiser<S>
}

/** The leaves of a tree whose paths are chosen, by path. */
const chosen = (tree: Tree.VarTree, choose: (path: string) => boolean): { readonly [path: string]: AnyVar } =>
  Object.fromEntries(Tree.flatten<AnyVar>(tree).flatMap(({ path, leaf }) => (choose(path) ? [[path, leaf]] : [])))

/**
 * A transformation of some parameters only, chosen by their paths (`layers.0.w`); the gradients of the others pass as they
 * are. The state holds the chosen ones by path. `on(isBias, scale(0))` freezes the biases.
 *
 * @category combinators
 * @since 0.1.0
 */
export const on = <S>(
  choose: (path: string) => boolean,
  inner: Optimiser<S>,
): Optimiser<Over<S, { readonly [path: string]: Var<Shape> }>> => {
  const erased = inner as unknown as Erased
  const some = (tree: Tree.VarTree) => chosen(tree, choose)
  const part: Erased = {
    name: `${inner.name} on some`,
    rate: inner.rate,
    init: (parameters) => erased.init(some(parameters as Tree.VarTree)),
    update: ({ gradient, state, parameters, step }) =>
      gen(function* () {
        const moved = yield* erased.update({ gradient: some(gradient), state, parameters: some(parameters), step })
        const moves = moved.update as { readonly [path: string]: AnyVar }
        const update = Tree.mapWithPath((path: string, leaf: AnyVar) => (choose(path) ? moves[path] : leaf))(gradient)
        return { update: update as Tree.VarTree, state: moved.state }
      }),
  }
  return part as never
}

/**
 * `parameters + update`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const move: <P extends Tree.VarTree>(parameters: P, update: P) => Reverse<P> = leafwise((x, dx) =>
  add(x, dx),
) as never
