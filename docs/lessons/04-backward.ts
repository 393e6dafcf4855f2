/**
 * Lesson 4: forward, backward, one step at a time; and what happens when a sum is forgotten.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  compile,
  type Failure,
  gen,
  grad,
  mul,
  named,
  type Reverse,
  record,
  run,
  scalar,
  sigmoid,
  spec,
  square,
  sub,
  type Var,
} from 'wengert'
import { type RecordOptions, standard } from 'wengert/Program'
import {
  filmSvg,
  graphFrames,
  type LineChart,
  lineChartSvg,
  type Series,
  showTrace,
  type Trace,
  trace,
  traceGraphs,
} from 'wengert/show'
import { item } from 'wengert/Tensor'
import {
  brief,
  code,
  type Found,
  facts,
  figure,
  inParts,
  iterate,
  type Lesson,
  more,
  note,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

type Scalar = Var<readonly []>
type Parameters = { readonly k1: Scalar; readonly b1: Scalar; readonly k2: Scalar; readonly b2: Scalar }
type State = { readonly p: Parameters; readonly x: Scalar; readonly y: Scalar }

const output = ({ p, x }: State): Reverse<Scalar> => {
  const hidden = named('sigmoid')(sigmoid(named('linear1')(add(mul(p.k1, x), p.b1))))
  return named('linear2')(add(mul(p.k2, hidden), p.b2))
}

const loss = (s: State): Reverse<Scalar> => named('loss')(square(sub(output(s), s.y)))

const step =
  (rate: number) =>
  ({ p, x, y }: State): Reverse<State> =>
    gen(function* () {
      const g = yield* grad((q: Parameters) => loss({ p: q, x, y }))(p)
      const k1 = yield* sub(p.k1, mul(rate, g.k1))
      const b1 = yield* sub(p.b1, mul(rate, g.b1))
      const k2 = yield* sub(p.k2, mul(rate, g.k2))
      const b2 = yield* sub(p.b2, mul(rate, g.b2))
      return { p: { k1, b1, k2, b2 }, x, y }
    })

const START = {
  p: { k1: scalar(1), b1: scalar(0.5), k2: scalar(0.8), b2: scalar(0.2) },
  x: scalar(3),
  y: scalar(0.38),
}

const SPECS: State = { p: { k1: spec([]), b1: spec([]), k2: spec([]), b2: spec([]) }, x: spec([]), y: spec([]) }

const PATHS = ['p.k1', 'p.b1', 'p.k2', 'p.b2']

/** The prediction and the loss at the beginning and after each step, and the data that the state has by then. */
const trained = (rate: number, steps: number) =>
  pipe(
    iterate(step(rate), START, {
      steps,
      look: ({ p: { k1, b1, k2, b2 }, x, y }) => {
        const [p1, p2, p3, p4, px, py] = [k1, b1, k2, b2, x, y].map((view) => scalar(view[0]))
        return { p: { k1: p1, b1: p2, k2: p3, b2: p4 }, x: px, y: py }
      },
    }),
    E.chain(
      E.traverseArray((state) =>
        sequenceS(E.Apply)({
          predicted: E.chain(item)(run(output)(state)),
          loss: E.chain(item)(run(loss)(state)),
          data: E.right([state.x.data[0], state.y.data[0]] as const),
        }),
      ),
    ),
  )

const overwriting: RecordOptions = {
  calculus: { ...standard, accumulate: (_, _earlier, later) => later },
}

const twice = (x: Scalar): Reverse<Scalar> => add(mul(x, x), x)

const slope = (at: number, options?: RecordOptions): E.Either<Failure, number> =>
  pipe(
    record(grad(twice), options)(spec([])),
    E.chain(compile()),
    E.chain((executable) => executable.run(scalar(at))),
    E.chain(item),
  )

/** What the law of fan-out says of this library, and of it with that mistake. */
const judged = (seed: number) =>
  pipe(
    TE.tryCatch(
      () => import('wengert/laws'),
      (): Failure => ({
        _tag: 'MissingInput',
        message: 'the laws need a library that is not installed: npm install fast-check',
      }),
    ),
    TE.map(({ laws, library }) => {
      const fanOut = laws.find((law) => law.id === 'L25') as (typeof laws)[number]
      const { calculus = standard } = overwriting
      const options = { seed, numRuns: 20 }
      return { fanOut, right: fanOut.run(library, options), wrong: fanOut.run({ ...library, calculus }, options) }
    }),
  )

const computed = () =>
  pipe(
    E.Do,
    E.apS('program', record(loss)(SPECS)),
    E.bind('traced', ({ program }) => trace(program, START, { wrt: PATHS })),
    E.bind('everything', ({ program }) => trace(program, START)),
    E.apS('slow', trained(1e-3, 10)),
    E.apS('fast', trained(1e-1, 50)),
    E.apS('right', slope(3)),
    E.apS('wrong', slope(3, overwriting)),
    E.apS('above', E.chain(item)(run(twice)(3.5))),
    E.apS('below', E.chain(item)(run(twice)(2.5))),
  )

type Computed = Found<typeof computed>

/** The steps that compute: inputs are only given. */
const isComputed = ({ forward }: Trace) => {
  const given = new Set(forward.filter(({ formula }) => formula === '').map(({ id }) => id))
  return ({ id }: { readonly id: number }): boolean => !given.has(id)
}

const descents = ({ fast, slow }: Computed): LineChart => {
  const losses = (name: string, all: typeof fast): Series => ({
    name,
    points: all.map((s, i) => [i, s.loss] as const),
    as: 'both',
  })
  return {
    title: 'The loss, step by step',
    xLabel: 'steps',
    yLabel: 'squared error',
    logarithmic: true,
    series: [losses('rate 0.1', fast), losses('rate 0.001', slow)],
  }
}

const drawn = (found: Computed) => {
  const { traced } = found
  const visits = [...traced.forward, ...traced.backward]
  const graphs = traceGraphs(traced).filter((_, i) => isComputed(traced)(visits[i]))
  const steps = graphFrames(graphs)
  return sequenceS(TE.ApplyPar)({
    steps,
    film: TE.chain((frames: ReadonlyArray<string>) =>
      filmSvg({ title: 'Forward and backward, one step at a time', frames, seconds: 1.5 }),
    )(steps),
    losses: lineChartSvg(descents(found)),
  })
}

type Pictures = { readonly steps: ReadonlyArray<string>; readonly film: string; readonly losses: string }
type Judged = Found<typeof judged>

const told = (
  found: Computed,
  { fanOut, right: held, wrong: broken }: Judged,
  { steps, film, losses }: Pictures,
  quote: Quote,
): Told => {
  const { program, traced, everything, slow, fast, right, wrong, above, below } = found
  const end = fast[fast.length - 1]
  const slowEnd = slow[slow.length - 1]
  const nodes = traced.forward.filter(isComputed(traced))
  const names = steps.map((_, i) => `step-${String(i + 1).padStart(2, '0')}`)
  const half = nodes.length
  const picture = (i: number, caption: string) => figure(steps[i], caption)
  const adjoint = (name: string): number =>
    everything.backward.find((s) => s.name === name)?.adjoint.data[0] ?? Number.NaN
  const numbers = {
    start: slow[0].loss,
    slow: slowEnd.loss,
    fast: end.loss,
    predicted: end.predicted,
    x: end.data[0],
    y: end.data[1],
    forwardSteps: traced.forward.length,
    backwardSteps: traced.backward.length,
    allBackwardSteps: everything.backward.length,
    right,
    wrong,
    difference: above - below,
    lawHolds: E.isRight(held) ? 1 : 0,
    lawCatches: E.isLeft(broken) && !broken.left.vacuous ? 1 : 0,
  }
  return {
    numbers,
    figures: { film, losses, ...Object.fromEntries(steps.map((svg, i) => [names[i], svg])) },
    chart: descents(found),
    page: {
      title: 'Lesson 4: forward, backward, one step at a time',
      lead: 'A network of four parameters, every step of it in the open.',
      sections: [
        section(
          'Forward',
          text('The network of the last lesson, at one point: x = 3, and it should say y = 0.38.'),
          quote('output', 'loss', 'START'),
          figure(film, 'All of it, moving; the same steps stand still below.'),
          text('Forward, every instruction takes values that are there already and makes one more:'),
          row(
            picture(0, 'The first instruction has its value; the node is highlighted while it is visited.'),
            picture(half - 1, 'The last one is the loss. All values are known.'),
          ),
          more(
            'The steps between',
            row(...steps.slice(1, half - 1).map((_, i) => picture(i + 1, nodes[i + 1].formula))),
          ),
        ),
        section(
          'Backward',
          text(
            'Now the other way. The adjoint of a value says how fast the loss changes with it. The loss changes with itself at rate 1. Every instruction hands its adjoint on to what it took, each times one derivative:',
          ),
          row(
            picture(half, 'The adjoint of the loss is 1, and the error below gets twice its value.'),
            picture(half + 1, 'A difference hands on what it gets, as it is.'),
          ),
          row(
            picture(half + 4, 'The sigmoid hands on its slope.'),
            picture(2 * half - 1, 'The end: every parameter has its derivative.'),
          ),
          more(
            'The steps between',
            row(
              ...[half + 2, half + 3, ...Array.from({ length: 2 * half - 1 - (half + 5) }, (_, i) => half + 5 + i)].map(
                (i) => picture(i, names[i]),
              ),
            ),
          ),
          text(
            'The same as text, with the rule that was applied. Nobody wrote these rules for the printer; they are what the reverse sweep recorded.',
          ),
          code(showTrace(traced)),
        ),
        section(
          'Who gets an update',
          text(
            `The trace goes to the parameters only. \`x\` and \`y\` are inputs too, and their derivatives exist: ${brief(adjoint('x'))} and ${brief(adjoint('y'))}. But nobody asked for them, so nothing is recorded for them, and a step leaves them alone. What is trainable is whatever the gradient is taken of:`,
          ),
          quote('step'),
          text(`After all steps below \`x\` is ${end.data[0]} and \`y\` is ${end.data[1]}, as they were.`),
          figure(losses, 'Ten careful steps, and fifty bold ones.'),
          facts({
            'loss at the start': slow[0].loss.toPrecision(6),
            'after 10 steps at 0.001': slowEnd.loss.toPrecision(6),
            'after 50 steps at 0.1': end.loss.toExponential(2),
            prediction: end.predicted.toFixed(10),
          }),
        ),
        section(
          'The sum that is forgotten',
          text(
            'A value that is used twice acts on the loss in two ways, and its adjoint is the **sum** of what comes back. Here `x` is used three times:',
          ),
          quote('twice'),
          text(
            'Many frameworks written in an afternoon keep a field `grad` on every node and set it when something arrives. The last one to arrive wins. That mistake is a calculus of its own, so let us plant it:',
          ),
          quote('overwriting', 'slope'),
          table(
            ['derivative of x x + x at 3', ''],
            [
              ['on the tape', right],
              ['when what arrives later replaces what came earlier', wrong],
              ['(f(3.5) - f(2.5)) / 1, exact for a parabola', above - below],
            ],
          ),
          text(
            `It runs, and it gives a number that nobody would doubt at first sight. What notices is a law. Number ${fanOut.id} is called ${fanOut.name}: ${fanOut.doc}.`,
          ),
          note(
            'good',
            `This library: ${E.isRight(held) ? `holds, on ${held.right.runs} samples.` : held.left.message}`,
          ),
          note('bad', `With the mistake: ${E.isLeft(broken) ? broken.left.message : 'holds'}`),
        ),
      ],
      footer: `${program.tape.length} instructions; ${traced.forward.length} steps forward, ${traced.backward.length} backward.`,
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 4,
  name: 'backward',
  title: 'Forward, backward, one step at a time',
  run: inParts({
    sources: [import.meta.url],
    computed: ({ seed }) =>
      pipe(
        TE.fromIOEither(computed),
        TE.bindTo('found'),
        TE.bind('judged', () => judged(seed)),
      ),
    drawn: ({ found }) => drawn(found),
    told: ({ found, judged }, pictures, quote) => told(found, judged, pictures, quote),
  }),
}
