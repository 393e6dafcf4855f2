/**
 * Lesson 10: why not numerical gradients? One gradient of 7 840 weights, by 15 680 losses and by the tape.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  compile,
  crossEntropy,
  type Failure,
  type Given,
  grad,
  matmul,
  type Reverse,
  type Running,
  record,
  relu,
  type Values,
  type Var,
} from 'wengert'
import { asImages, asOneHot, batches } from 'wengert/data'
import { fold, type Key, key } from 'wengert/Random'
import { type Image, imageGridSvg, lineChartSvg } from 'wengert/show'
import * as T from 'wengert/Tensor'
import {
  brief,
  count,
  type Found,
  facts,
  figure,
  inParts,
  type Lesson,
  type LessonOptions,
  note,
  type Quote,
  section,
  type Told,
  table,
  text,
} from './lesson.js'
import { type Task, taskOf } from './parts/digits.js'

type Scalar = Var<readonly []>

/** Weights, and a batch of digits with their labels as rows of ones and zeros. */
type Inputs = {
  readonly w: Var<readonly [784, 10]>
  readonly x: Var<readonly [number, 784]>
  readonly y: Var<readonly [number, 10]>
}

const loss = ({ w, x, y }: Inputs): Reverse<Scalar> => crossEntropy(relu(matmul(x, w)), y)

const gradient = ({ w, x, y }: Inputs): Reverse<Var<readonly [784, 10]>> =>
  grad((p: Inputs['w']) => loss({ w: p, x, y }))(w)

/** Of some of the weights, the central difference of the loss. */
const differences = (
  { inputs: { w }, outputs, step }: Running<Inputs, Scalar>,
  h: number,
  weights: ReadonlyArray<number>,
): E.Either<Failure, ReadonlyArray<number>> => {
  const found: Array<number> = []
  for (const i of weights) {
    const middle = w[i]
    w[i] = middle + h
    const one = step()
    const above = outputs[0]
    w[i] = middle - h
    const two = step()
    w[i] = middle
    if (E.isLeft(one)) return one
    if (E.isLeft(two)) return two
    found.push((above - outputs[0]) / (2 * h))
  }
  return E.right(found)
}

const WEIGHTS = 7840
const H = 1e-4
const RATE = 0.5

const every = Array.from({ length: WEIGHTS }, (_, i) => i)

const started = <Q extends Var>(
  f: (inputs: Inputs) => Reverse<Q>,
  given: Values<Inputs>,
): E.Either<Failure, Running<Inputs, Q>> =>
  pipe(
    record(f)(given as Given<Inputs>),
    E.chain(compile()),
    E.chain(({ start }) => start(given as never)),
  ) as never

const batchOf = ({ train }: Task, size: number, k: Key): E.Either<Failure, Pick<Values<Inputs>, 'x' | 'y'>> =>
  pipe(
    train,
    batches({
      size,
      key: k,
      feeds: { x: asImages('images', { scale: 1 / 255, shape: [784] }), y: asOneHot('labels', 10) },
    }),
    E.map(({ at }) => at(0)),
  )

interface Timed<A> {
  readonly value: A
  readonly milliseconds: number
}

const timed = <A>(make: () => E.Either<Failure, A>): E.Either<Failure, Timed<A>> => {
  const since = performance.now()
  return E.map((value: A) => ({ value, milliseconds: performance.now() - since }))(make())
}

const leastOf = (runs: ReadonlyArray<{ readonly milliseconds: number }>): number =>
  runs.reduce((least, { milliseconds }) => Math.min(least, milliseconds), Number.POSITIVE_INFINITY)

/** The least time of a step, of many: whatever else the computer does only makes it longer. */
const pace = ({ step }: Pick<Running<Inputs, Scalar>, 'step'>): E.Either<Failure, number> =>
  pipe(E.traverseArray(() => timed(step))(Array.from({ length: 600 })), E.map(leastOf))

/** The greatest difference of two gradients. */
const gap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)

interface Row {
  /** the losses before a step */
  readonly byDifferences: number
  readonly byTape: number
  /** of all differences */
  readonly milliseconds: number
  /** the greatest difference of the two gradients */
  readonly gap: number
}

/** Steps downhill by both gradients from the same weights, and what they cost. */
const descents = (
  forward: Running<Inputs, Scalar>,
  backward: Running<Inputs, Var<readonly [784, 10]>>,
  steps: number,
  progress: (fraction: number) => void,
) => {
  const rows: Array<Row> = []
  const lossAt = (w: ArrayLike<number>): E.Either<Failure, number> => {
    forward.inputs.w.set(w)
    return E.map(() => forward.outputs[0])(forward.step())
  }
  const downhill = (w: ArrayLike<number>, g: ArrayLike<number>) => Float64Array.from(w, (x, i) => x - RATE * g[i])
  let numeric = Float64Array.from(forward.inputs.w)
  let taped = numeric
  for (let i = 0; i <= steps; i++) {
    const byTape = lossAt(taped)
    if (E.isLeft(byTape)) return byTape
    const byDifferences = lossAt(numeric)
    if (E.isLeft(byDifferences)) return byDifferences
    const found = timed(() => differences(forward, H, every))
    if (E.isLeft(found)) return found
    backward.inputs.w.set(taped)
    const made = backward.step()
    if (E.isLeft(made)) return made
    rows.push({
      byDifferences: byDifferences.right,
      byTape: byTape.right,
      milliseconds: found.right.milliseconds,
      gap: gap(found.right.value, backward.outputs),
    })
    numeric = downhill(numeric, found.right.value)
    taped = downhill(taped, backward.outputs)
    progress((i + 1) / (steps + 1))
  }
  return E.right(rows)
}

/** How wrong differences are over step sizes, as a part of the greatest derivative: for some of the weights. */
const errors = (
  forward: Running<Inputs, Scalar>,
  exact: ArrayLike<number>,
  weights: ReadonlyArray<number>,
): E.Either<Failure, ReadonlyArray<readonly [h: number, error: number]>> => {
  const most = weights.reduce((m, i) => Math.max(m, Math.abs(exact[i])), 0)
  return E.traverseArray((h: number) =>
    pipe(
      differences(forward, h, weights),
      E.map(
        (found) =>
          [
            h,
            gap(
              found,
              weights.map((i) => exact[i]),
            ) / most,
          ] as const,
      ),
    ),
  )(Array.from({ length: 27 }, (_, i) => 10 ** (-i / 2)))
}

/** The weights with the greatest derivatives. */
const heaviest = (g: ArrayLike<number>, n: number): ReadonlyArray<number> =>
  [...every].sort((a, b) => Math.abs(g[b]) - Math.abs(g[a])).slice(0, n)

const computed = ({ full, seed, progress }: LessonOptions, task: Task) => {
  const size = full ? 100 : 10
  const w = T.normal(fold(key(seed), 0), [784, 10], 0, 0.05)
  return pipe(
    batchOf(task, size, fold(key(seed), 1)),
    E.bindTo('batch'),
    E.bind('forward', ({ batch }) => started(loss, { w, ...batch })),
    E.bind('backward', ({ batch }) => started(gradient, { w, ...batch })),
    E.bind('forwardPace', ({ forward }) => pace(forward)),
    E.bind('backwardPace', ({ backward }) => pace(backward)),
    E.bind('exact', ({ backward }) => E.right(Float64Array.from(backward.outputs))),
    E.bind('numeric', ({ forward }) => differences(forward, H, every)),
    E.bind('curve', ({ forward, exact }) => errors(forward, exact, heaviest(exact, full ? 200 : 50))),
    E.bind('rows', ({ forward, backward }) =>
      descents(forward, backward, full ? 5 : 1, (fraction) => progress(fraction, 'descending')),
    ),
    E.let('size', () => size),
  )
}

type Computed = Found<typeof computed>

/** The weights of a class, in the place of their pixels. */
const ofClass = (g: ArrayLike<number>, digit: number): Image => ({
  width: 28,
  height: 28,
  values: Array.from({ length: 784 }, (_, pixel) => g[10 * pixel + digit]),
  caption: String(digit),
})

const EPSILON = 2 ** -53

const drawn = ({ exact, numeric, curve, rows }: Computed) =>
  sequenceS(TE.ApplyPar)({
    gradients: imageGridSvg({
      title: 'The gradient, by the tape above and by differences below',
      images: [exact, numeric].flatMap((g) => Array.from({ length: 10 }, (_, digit) => ofClass(g, digit))),
      columns: 10,
      scale: 'diverging',
    }),
    curve: lineChartSvg({
      title: 'How wrong differences are',
      xLabel: 'step h',
      yLabel: 'greatest error, of the greatest derivative',
      logarithmic: true,
      logarithmicX: true,
      series: [
        { name: 'measured', as: 'both', points: curve },
        {
          name: 'rounding: half an ulp of the loss / h',
          points: curve
            .filter(([h]) => h < 1e-3)
            .map(([h]) => [h, (EPSILON * rows[0].byTape) / h / Math.max(...Array.from(exact, Math.abs))] as const),
        },
      ],
    }),
  })

const told = (task: Task, found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { exact, numeric, forwardPace, backwardPace, curve, rows, size } = found
  const milliseconds = leastOf(rows)
  const [bestH, bestError] = curve.reduce((a, b) => (b[1] < a[1] ? b : a))
  const numbers = {
    passes: 2 * WEIGHTS,
    gap: gap(exact, numeric),
    greatest: Math.max(...Array.from(exact, Math.abs)),
    worstGap: Math.max(...rows.map((r) => r.gap)),
    ratio: milliseconds / backwardPace,
    perForward: backwardPace / forwardPace,
    bestH,
    bestError,
    largeError: curve[0][1],
    smallError: curve[curve.length - 1][1],
    first: rows[0].byTape,
    last: rows[rows.length - 1].byTape,
    lossGap: Math.max(...rows.map((r) => Math.abs(r.byDifferences - r.byTape))),
  }
  return {
    numbers,
    figures,
    page: {
      title: 'Lesson 10: why not numerical gradients?',
      lead: 'The same gradient twice: by asking for the loss fifteen thousand times, and by reading a tape backwards.',
      sections: [
        section(
          'One layer',
          text(
            `Pixels times weights, rectified, and the cross-entropy of what comes out: ${count(WEIGHTS)} weights between 784 pixels and ten classes. The digits are ${size} of ${task.source === 'MNIST' ? "MNIST's" : 'those that come along'}.`,
          ),
          quote('loss', 'gradient'),
          text(
            'Without a tape one may still ask what the loss is a little to either side of a weight, for one weight after the other:',
          ),
          quote('differences'),
          text(
            `That is ${count(numbers.passes)} losses for a gradient. Both ways find the same: with \`h = ${H}\` they differ by at most ${brief(numbers.gap)}, where the greatest derivative is ${brief(numbers.greatest)}.`,
          ),
          figure(
            figures.gradients,
            'For each class, which pixels speak for it (blue: more ink lowers the loss) and against it.',
          ),
        ),
        section(
          'What it costs',
          facts({
            'losses, by differences': `${brief(milliseconds)} ms`,
            'by the tape': `${brief(backwardPace)} ms`,
            ratio: count(Math.round(numbers.ratio)),
          }),
          text(
            `One loss takes ${brief(forwardPace)} ms, and a gradient by the tape ${numbers.perForward.toFixed(1)} times as long, a factor that does not grow with the number of weights. Differences take two losses for each. Both are compiled by the same engine, so this is a comparison of methods.`,
          ),
          text(
            `Here are the first steps of a descent with the rate ${RATE}, made with either gradient from the same weights:`,
          ),
          table(
            ['step', 'loss, by differences', 'loss, by the tape', 'gradients differ by', 'seconds'],
            rows.map((r, i) => [
              i,
              r.byDifferences.toFixed(9),
              r.byTape.toFixed(9),
              brief(r.gap),
              (r.milliseconds / 1000).toFixed(2),
            ]),
          ),
          note(
            'plain',
            `In the time of one step by differences, the tape makes ${count(Math.round(numbers.ratio))} of them.`,
          ),
        ),
        section(
          'And how exact it is',
          text(
            `A difference has two enemies. A large \`h\` sees the bend of the loss, and its corners: where a rectifier switches between the two points, the slope is neither of the two. A small \`h\` subtracts two numbers that agree in most of their digits, and divides what rounding has left. Between them is a best \`h\`, here about ${brief(bestH)}, where the greatest error is ${brief(bestError)} of the greatest derivative. It is another one for every function, and one has to know the gradient to find it.`,
          ),
          figure(
            figures.curve,
            'For the weights with the greatest derivatives. To the left rounding grows as 1/h, to the right bends and corners do.',
          ),
          text(
            'The tape has no `h`. It applies the rules of differentiation to the numbers that were computed, and is as exact as they are. What differences are good for is to check a tape, and for that this library has a verifier, `wengert check`, which chooses `h` by what the function turns out to be.',
          ),
        ),
      ],
      footer:
        'Digits: MNIST by Y. LeCun, C. Cortes and C. J. C. Burges. The times are those of one run on one computer.',
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 10,
  name: 'numerical',
  title: 'Why not numerical gradients?',
  run: inParts({
    sources: [import.meta.url],
    computed: (options) =>
      pipe(
        taskOf(options),
        TE.bindTo('task'),
        TE.bind('found', ({ task }) => TE.fromEither(computed(options, task))),
      ),
    drawn: ({ found }) => drawn(found),
    told: ({ task, found }, figures, quote) => told(task, found, figures, quote),
  }),
}
