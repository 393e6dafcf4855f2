/**
 * Lesson 8: a curved boundary. A network of four hidden units tells the inside of a square from its outside.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  binaryCrossEntropy,
  convert,
  eq,
  type Failure,
  gen,
  gt,
  matmul,
  mean,
  mul,
  type Reverse,
  run,
  type Shape,
  sigmoid,
  sub,
  type Tensor,
  tensor,
  type Values,
  type Var,
  valueAndGrad,
} from 'wengert'
import { metrics } from 'wengert/nn'
import { type Key, key, split } from 'wengert/Random'
import { confusionMatrixSvg, type Field, fieldSvg, type LineChart, lineChartSvg, type Series } from 'wengert/show'
import * as T from 'wengert/Tensor'
import {
  count,
  type Found,
  facts,
  figure,
  inParts,
  iterate,
  type Lesson,
  type LessonOptions,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

/** How many points. */
const N = 500

type Points = Tensor<readonly [number, 3]>

/** Points of the square from -1 to 1, each with a 1 as its third number. */
const points = (k: Key): Points =>
  pipe(
    T.uniform(k, [N, 3], -1, 1),
    T.map((x, i) => (i % 3 === 2 ? 1 : x)),
  )

/** 1 where `|x| + |y| < 1`. */
const inside = ({ data }: Points): Tensor<readonly [number, 1]> =>
  pipe(
    T.zeros([data.length / 3, 1]),
    T.map((_, i) => (Math.abs(data[3 * i]) + Math.abs(data[3 * i + 1]) < 1 ? 1 : 0)),
  )

type Net = {
  readonly w1: Var<readonly [3, 4]>
  readonly w2: Var<readonly [4, 1]>
  readonly b2: Var<readonly [1]>
}

const score = ({ w1, w2, b2 }: Net, x: Points): Reverse<Var<readonly [number, 1]>> =>
  add(matmul(sigmoid(matmul(x, w1)), w2), b2)

/** The weights, and what the step that led to them found. */
type State = Net & { readonly loss: Var<readonly []>; readonly accuracy: Var<readonly []> }

const descent =
  (x: Points, y: Tensor<readonly [number, 1]>, rate: number) =>
  ({ w1, w2, b2 }: State): Reverse<State> =>
    gen(function* () {
      const net = { w1, w2, b2 }
      const scores = yield* score(net, x)
      const right = eq(gt(scores, 0), gt(y, 0.5))
      const [loss, g] = yield* valueAndGrad((p: Net) => binaryCrossEntropy(score(p, x), y))(net)
      const step = rate * x.shape[0]
      return {
        w1: yield* sub(w1, mul(step, g.w1)),
        w2: yield* sub(w2, mul(step, g.w2)),
        b2: yield* sub(b2, mul(step, g.b2)),
        loss,
        accuracy: yield* mean(convert(right, 'real')),
      }
    })

const RATE = 1e-3

const initial = (k: Key): Values<State> => {
  const [first, second] = split(k, 2)
  return {
    w1: T.normal(first, [3, 4]),
    w2: T.normal(second, [4, 1]),
    b2: T.zeros([1]),
    loss: T.scalar(0),
    accuracy: T.scalar(0),
  }
}

interface Look {
  readonly step: number
  readonly loss: number
  readonly accuracy: number
  readonly net: Values<Net>
}

const probabilities = (net: Values<Net>, x: Points): E.Either<Failure, ReadonlyArray<number>> =>
  pipe(
    net,
    run((p: Net) => sigmoid(score(p, x))),
    E.map((t) => Array.from(t.data)),
  )

/** A tensor of the shape of another, with a copy of what an engine holds. */
const kept = <S extends Shape>(like: Tensor<S>, data: ArrayLike<number>): Tensor<S> => ({
  ...like,
  data: Float64Array.from(data),
})

const SIDE = 81
const axis = Array.from({ length: SIDE }, (_, i) => -1 + (2 * i) / (SIDE - 1))

const computed = ({ full, seed, progress }: LessonOptions) => {
  const [forPoints, forOthers, forWeights] = split(key(seed), 3)
  const x = points(forPoints)
  const y = inside(x)
  const others = points(forOthers)
  const steps = full ? 20_000 : 10_000
  const start = initial(forWeights)
  return pipe(
    iterate(descent(x, y, RATE), start, {
      steps,
      every: 100,
      look: ({ w1, w2, b2, loss, accuracy }, step): Look => ({
        step,
        loss: loss[0],
        accuracy: accuracy[0],
        net: { w1: kept(start.w1, w1), w2: kept(start.w2, w2), b2: kept(start.b2, b2) },
      }),
      progress: (fraction) => progress(0.9 * fraction, 'descending'),
    }),
    E.map((looks) => looks.slice(1)),
    E.bindTo('looks'),
    E.let('net', ({ looks }) => looks[looks.length - 1].net),
    E.bind('chances', ({ net }) => probabilities(net, x)),
    E.bind('otherChances', ({ net }) => probabilities(net, others)),
    E.bind('ground', ({ net }) =>
      probabilities(net, tensor(axis.flatMap((v) => axis.map((u) => [u, v, 1]))) as Points),
    ),
    E.let('taken', ({ chances }) => chances.map((p) => (p > 0.5 ? 1 : 0))),
    E.bind('confusion', ({ taken }) => metrics.confusionMatrix(2)(taken, y)),
    E.bind('accuracy', ({ taken }) => metrics.accuracy(taken, y)),
    E.bind('otherAccuracy', ({ otherChances }) =>
      metrics.accuracy(
        otherChances.map((p) => (p > 0.5 ? 1 : 0)),
        inside(others),
      ),
    ),
    E.let('x', () => x),
    E.let('y', () => y),
    E.let('steps', () => steps),
  )
}

type Computed = Found<typeof computed>

const losses = ({ looks }: Computed): LineChart => ({
  title: 'The log-loss',
  xLabel: 'steps',
  yLabel: 'mean log-loss',
  logarithmic: true,
  series: [{ name: 'log-loss', points: looks.map(({ step, loss }) => [step, loss] as const) }],
})

const drawn = (found: Computed) => {
  const { looks, ground, confusion, taken, x, y } = found
  const field: Field = { x: [-1, 1], y: [-1, 1], values: axis.map((_, i) => ground.slice(i * SIDE, (i + 1) * SIDE)) }
  const among = (name: string, label: number, guess: number): Series => ({
    name,
    as: 'points',
    points: taken.flatMap((t, i) =>
      t === guess && y.data[i] === label ? [[x.data[3 * i], x.data[3 * i + 1]] as const] : [],
    ),
  })
  return sequenceS(TE.ApplyPar)({
    region: fieldSvg({
      title: 'Inside, outside, and what the network takes for which',
      xLabel: 'x',
      yLabel: 'y',
      field,
      scale: 'blues',
      range: [0, 1],
      levels: [0.5],
      series: [
        among('true positives', 1, 1),
        among('false positives', 0, 1),
        among('false negatives', 1, 0),
        among('true negatives', 0, 0),
      ],
    }),
    loss: lineChartSvg(losses(found), { width: 440, height: 340 }),
    accuracy: lineChartSvg(
      {
        title: 'The accuracy',
        xLabel: 'steps',
        yLabel: 'part of the points that are right',
        series: [{ name: 'accuracy', points: looks.map(({ step, accuracy }) => [step, accuracy] as const) }],
      },
      { width: 440, height: 340 },
    ),
    confusion: confusionMatrixSvg(
      {
        title: 'What was taken for what',
        classes: ['outside', 'inside'],
        counts: [0, 1].map((i) => [0, 1].map((j) => confusion.data[2 * i + j])),
      },
      { width: 400 },
    ),
  })
}

/** Where the hidden units are undecided, as lines whose larger coefficient is 1 or -1, and what they weigh. */
const lines = ({ w1, w2 }: Values<Net>): ReadonlyArray<ReadonlyArray<string>> =>
  [0, 1, 2, 3].map((unit) => {
    const [a, b, c] = [0, 1, 2].map((i) => w1.data[4 * i + unit])
    const most = Math.max(Math.abs(a), Math.abs(b))
    const term = (z: number) => (z / most).toFixed(2)
    return [
      String(unit + 1),
      `${term(a)} x + ${term(b)} y = ${term(-c)}`.replace('+ -', '- '),
      w2.data[unit].toFixed(1),
    ]
  })

/** How far the lines are from upright or flat: the largest of their smaller coefficients, as a part of the larger. */
const tilt = ({ w1 }: Values<Net>): number =>
  Math.max(
    ...[0, 1, 2, 3].map((unit) => {
      const [a, b] = [0, 1].map((i) => Math.abs(w1.data[4 * i + unit]))
      return Math.min(a, b) / Math.max(a, b)
    }),
  )

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { looks, confusion, accuracy, otherAccuracy, steps } = found
  const precision = metrics.precision('binary')(confusion)
  const recall = metrics.recall('binary')(confusion)
  const f1 = metrics.f1('binary')(confusion)
  const last = looks[looks.length - 1]
  const after = looks.find((look) => look.accuracy > 0.9) ?? last
  return {
    numbers: {
      accuracy,
      otherAccuracy,
      precision,
      recall,
      f1,
      loss: last.loss,
      tilt: tilt(found.net),
      first: looks[0].loss,
    },
    figures,
    chart: losses(found),
    page: {
      title: 'Lesson 8: a curved boundary',
      lead: 'Four hidden units find a boundary that no line can be, and not in the way one would expect.',
      sections: [
        section(
          'Inside or outside',
          text(
            `Of ${count(N)} points, drawn evenly from -1 to 1 both ways, those with \`|x| + |y| < 1\` are inside a square that stands on its corner. One neuron decides by the side of a line, and no line has this inside on one side of it.`,
          ),
          quote('inside', 'points'),
          text(
            'Each point carries a third number, which is always 1: its weights are the biases of the hidden units, and the network is two matrix products.',
          ),
          quote('Net', 'score'),
        ),
        section(
          'All points, every step',
          text(
            `The log-loss asks how surprised the network is by the truth. Each of the ${count(steps)} steps goes against the gradient of its sum over all points, with the rate ${RATE}, and notes on the way how many points were right:`,
          ),
          quote('descent'),
          row(
            figure(figures.loss, 'It is still falling in the end: a boundary can always be a little sharper.'),
            figure(figures.accuracy, `Nine tenths of the points are right after ${count(after.step)} steps.`),
          ),
        ),
        section(
          'What came of it',
          figure(
            figures.region,
            'Dark is inside, by the network; the line is where it cannot tell. A true positive is inside and was taken to be, a false negative is inside and was not.',
          ),
          facts({
            accuracy: accuracy.toFixed(3),
            precision: precision.toFixed(3),
            recall: recall.toFixed(3),
            F1: f1.toFixed(3),
          }),
          figure(figures.confusion, 'Rows are the truth.'),
          text(
            `Has it learnt the square, or the points? Of ${count(N)} others, which it has never seen, it gets ${(100 * otherAccuracy).toFixed(1)} % right.`,
          ),
        ),
        section(
          'Four units, and no edge',
          text(
            'A square has four edges, and there are four hidden units. One would expect each unit to take an edge: `x + y = 1`, `x - y = 1` and so on. These are the lines on which they are undecided:',
          ),
          table(['unit', 'line', 'weight in the decision'], lines(found.net)),
          text(
            `Not one of them is an edge. They stand upright or lie flat (the smaller coefficient is at most ${tilt(found.net).toFixed(2)} of the larger one), half-way between the middle and the corners. A sigmoid is no wall but a slope: two of them, one to the left and one to the right, add up to something like \`|x|\`, the other two to \`|y|\`, and the output asks whether the sum is small. That is the definition of the square, found from ${count(N)} examples of it.`,
          ),
        ),
      ],
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 8,
  name: 'boundary',
  title: 'A curved boundary',
  run: inParts({
    sources: [import.meta.url],
    computed: (options) => TE.fromIOEither(() => computed(options)),
    drawn,
    told,
  }),
}
