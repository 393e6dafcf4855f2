/**
 * The monad: functor, applicative and monad laws as equality of what is recorded, and traversals.
 *
 * Two recordings are equal when they leave equal tapes and yield equal handles. Positions are dense and recording is
 * deterministic, so this is literal equality, not equality up to renaming.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import { spec } from '../src/Program.js'
import type { Reverse } from '../src/Reverse.js'
import * as R from '../src/Reverse.js'
import { equals, type Program } from '../src/Tape.js'
import { leaves } from '../src/Tree.js'
import type { AnyVar } from '../src/Var.js'
import { apply, holds, literal } from './check.js'
import { fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { listing, must } from './Model.js'

type Arrow = (x: AnyVar) => Reverse<AnyVar>

/** Small recordings, some of which record the same instruction as others. */
const arrows: fc.Arbitrary<Arrow> = fc.constantFrom<Arrow>(
  (x) => apply('sin')(x),
  (x) => apply('neg')(x),
  (x) => apply('mul')(x, x),
  (x) => R.flatMap(literal(2), (two) => apply('add')(x, two)),
  (x) => R.flatMap(apply('sin')(x), (y) => apply('mul')(x, y)),
  (x) => R.of(x),
  () => literal(0.5),
)

/** A model of one number, or of several that are all results. */
type Recordable = (x: AnyVar) => Reverse<AnyVar | ReadonlyArray<AnyVar>>

const programOf = (subject: Subject, f: Recordable): Program =>
  must(subject.operations.record<AnyVar, AnyVar>(f as Arrow, { calculus: subject.calculus })(spec([])), 'recording')

/**
 * The positions of a program's results.
 *
 * @category destructors
 * @since 0.1.0
 */
export const ids = (program: Program): string =>
  leaves<AnyVar>(program.outputs)
    .map(({ id }) => id)
    .join()

const sameRecording = (subject: Subject, what: string, a: Recordable, b: Recordable): void => {
  const [left, right] = [programOf(subject, a), programOf(subject, b)]
  holds(
    `${what}: the recordings differ`,
    equals(left.tape, right.tape) && ids(left) === ids(right),
    () => `${listing(subject, left)}\nand\n${listing(subject, right)}`,
  )
}

const two = fc.tuple(arrows, arrows)
const three = fc.tuple(arrows, arrows, arrows)
const many = fc.array(arrows, { maxLength: 5 })

/** A list of recordings, each of its own number: position `i` is `f_i(x + i)`. */
const listed = (fs: ReadonlyArray<Arrow>, x: AnyVar): ReadonlyArray<Reverse<AnyVar>> =>
  fs.map((f, i) => R.flatMap(literal(i + 3), (k) => R.flatMap(apply('add')(x, k), f)))

const length = (subject: Subject, f: Recordable): number => programOf(subject, f).tape.length

const DEEP = 1e5

const stackSafety = (subject: Subject): void => {
  const { operations } = subject
  /** what a recording yields, when it is not a tree of handles */
  const run = <A>(m: Reverse<A>): A => {
    const found: Array<A> = []
    programOf(subject, (x) =>
      R.map((a: A) => {
        found.push(a)
        return x
      })(m),
    )
    return found[0]
  }
  const units = Array.from({ length: DEEP }, (_, i) => operations.of(i))
  const all = run(operations.sequenceArray(units))
  holds('sequenceArray keeps all and their order', all.length === DEEP && all.every((x, i) => x === i))
  const traversed = run(
    operations.traverseArray((i: number) => operations.of(i + 1))(Array.from({ length: DEEP }, (_, i) => i)),
  )
  holds(
    'traverseArray keeps all and their order',
    traversed.every((x, i) => x === i + 1),
  )
  let left: Reverse<number> = operations.of(0)
  for (let i = 0; i < DEEP; i++) left = operations.flatMap(left, (n) => operations.of(n + 1))
  holds('chains nested to the left', run(left) === DEEP)
  const right = (n: number): Reverse<number> =>
    operations.flatMap(operations.of(n), (m) => (m === DEEP ? operations.of(m) : right(m + 1)))
  holds('chains nested to the right', run(right(0)) === DEEP)
}

const checkTraverse =
  (subject: Subject) =>
  (fs: ReadonlyArray<Arrow>, tally: Tally): void => {
    const { of, map, ap, sequenceArray, traverseArray } = subject.operations
    // by hand, left to right, with the operations of the library
    const byHand = (x: AnyVar): Reverse<ReadonlyArray<AnyVar>> =>
      listed(fs, x).reduce<Reverse<ReadonlyArray<AnyVar>>>(
        (all, m) => R.flatMap(all, (done) => R.map((y: AnyVar) => [...done, y])(m)),
        R.of([]),
      )
    sameRecording(subject, 'sequenceArray and one after the other', (x) => sequenceArray(listed(fs, x)), byHand)
    sameRecording(
      subject,
      'traverseArray(f) and sequenceArray of map f',
      (x) => traverseArray((f: Arrow) => f(x))(fs),
      (x) => sequenceArray(fs.map((f) => f(x))),
    )
    sameRecording(
      subject,
      'traverseArray of what records nothing',
      (x) => map(() => x)(traverseArray((i: number) => of(i))(fs.map((_, i) => i))),
      (x) => R.of(x),
    )
    // the applicative of fp-ts does the same
    sameRecording(
      subject,
      'sequenceArray and the applicative',
      (x) => sequenceArray(listed(fs, x)),
      (x) =>
        listed(fs, x).reduce<Reverse<ReadonlyArray<AnyVar>>>(
          (all, m) =>
            ap(m)(map((done: ReadonlyArray<AnyVar>) => (y: AnyVar) => [...done, y] as ReadonlyArray<AnyVar>)(all)),
          of([]),
        ),
    )
    if (fs.length > 1) tally.informative()
  }

const checkApplicative =
  (subject: Subject) =>
  ([f, g]: readonly [Arrow, Arrow], tally: Tally): void => {
    const { ap, flatMap, map, of } = subject.operations
    const pair =
      (a: AnyVar) =>
      (b: AnyVar): ReadonlyArray<AnyVar> => [a, b]
    sameRecording(
      subject,
      'ap and chain, the function first',
      (x) => ap(g(x))(map(pair)(f(x))),
      (x) => R.flatMap(f(x), (a) => R.flatMap(g(x), (b) => R.of([a, b]))),
    )
    sameRecording(
      subject,
      'ap(of(x)) and flatMap',
      (x) => ap(of(x))(map(pair)(f(x))),
      (x) => flatMap(f(x), (a) => of([a, x])),
    )
    sameRecording(
      subject,
      'the instance of fp-ts',
      (x) => R.Monad.ap(R.Monad.map(f(x), pair), g(x)),
      (x) => ap(g(x))(map(pair)(f(x))),
    )
    tally.informative()
  }

const about = (id: string, name: string, doc: string) => ({ id, name, cls: 'S' as const, section: 'monad', doc })

/**
 * L1 to L7.
 *
 * @category laws
 * @since 0.1.0
 */
export const monadLaws: ReadonlyArray<Law> = [
  law(about('L1', 'left identity', 'flatMap(of(a), f) = f(a)'), (subject) => [
    part('recordings', arrows, (f, tally) => {
      const { flatMap, of } = subject.operations
      sameRecording(subject, 'left identity', (x) => flatMap(of(x), f), f)
      sameRecording(subject, 'left identity of the instance', (x) => R.Monad.chain(R.Monad.of(x), f), f)
      tally.informative()
    }),
  ]),
  law(about('L2', 'right identity', 'flatMap(m, of) = m'), (subject) => [
    part('recordings', arrows, (f, tally) => {
      const { flatMap, of } = subject.operations
      sameRecording(subject, 'right identity', (x) => flatMap(f(x), (y) => of(y)), f)
      tally.informative()
    }),
  ]),
  law(about('L3', 'associativity', 'flatMap(flatMap(m, f), g) = flatMap(m, a => flatMap(f(a), g))'), (subject) => [
    part('recordings', three, ([f, g, h], tally) => {
      const { flatMap } = subject.operations
      sameRecording(
        subject,
        'associativity',
        (x) => flatMap(flatMap(f(x), g), h),
        (x) => flatMap(f(x), (y) => flatMap(g(y), h)),
      )
      // and both are what the functions say
      sameRecording(
        subject,
        'a chain of three',
        (x) => flatMap(flatMap(f(x), g), h),
        (x) => R.flatMap(R.flatMap(f(x), g), h),
      )
      tally.informative()
    }),
  ]),
  law(about('L4', 'functor', 'map(m, id) = m; map(map(m, f), g) = map(m, g . f); map records nothing'), (subject) => [
    part('recordings', two, ([f], tally) => {
      const { map } = subject.operations
      const twice = (y: AnyVar): ReadonlyArray<AnyVar> => [y, y]
      const first = (ys: ReadonlyArray<AnyVar>): AnyVar => ys[0]
      sameRecording(subject, 'identity', (x) => map((y: AnyVar) => y)(f(x)), f)
      sameRecording(
        subject,
        'composition',
        (x) => map(first)(map(twice)(f(x))),
        (x) => map((y: AnyVar) => first(twice(y)))(f(x)),
      )
      holds('map records nothing', length(subject, (x) => map(twice)(f(x))) === length(subject, f))
      tally.informative()
    }),
  ]),
  law(about('L5', 'of records nothing', '|of(a)| = 0'), (subject) => [
    fixed('of', () => holds('of records nothing', length(subject, (x) => subject.operations.of(x)) === 1)),
  ]),
  law(about('L6', 'applicative', 'ap records the function, then the argument, as chain does'), (subject) => [
    part('recordings', two, checkApplicative(subject)),
  ]),
  law(about('L7', 'traversals', 'in order, as one after the other; and 100000 deep'), (subject) => [
    part('recordings', many, checkTraverse(subject)),
    fixed('depth', () => stackSafety(subject)),
  ]),
]
