/**
 * Lesson 6: linear regression in many variables; descent with all points against descent with one, and the exact solution.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  convert,
  type Failure,
  floor,
  gen,
  grad,
  ints,
  matmul,
  mean,
  mul,
  type Operand,
  type Reverse,
  square,
  sub,
  take,
  tensor,
  uniform,
  type Var,
} from 'wengert'
import { fold, type Key, key } from 'wengert/Random'
import { fieldSvg, lineChartSvg, type Series, sampleField } from 'wengert/show'
import { normal, type Tensor } from 'wengert/Tensor'
import {
  brief,
  count,
  type Found,
  facts,
  figure,
  inParts,
  iterate,
  type Lesson,
  note,
  type Quote,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

const N = 100
const TRUTH = [1.5, 2, 5] as const
const NOISE = 0.5

type Points = { readonly x: Tensor<readonly [number, 3]>; readonly y: Tensor<readonly [number, 1]> }

/** `y = 1.5 + 2 x1 + 5 x2 + noise`; the first column of `x` is 1, so the first coefficient is the intercept. */
const points = (k: Key): Points => {
  const [x1, x2] = [0, 1].map((i) => normal(fold(k, i), [N]).data)
  const noise = normal(fold(k, 2), [N], 0, NOISE).data
  const rows = Array.from({ length: N }, (_, i) => [1, x1[i], x2[i]] as const)
  const y = rows.map((row, i) => [row.reduce<number>((sum, xij, j) => sum + TRUTH[j] * xij, noise[i])] as const)
  return { x: tensor(rows), y: tensor(y) }
}

type Theta = Var<readonly [3, 1]>
type State = { readonly theta: Theta; readonly key: Var<readonly [2], 'int'> }
type Sample = (key: State['key']) => {
  readonly x: Operand<readonly [number, 3]>
  readonly y: Operand<readonly [number, 1]>
}

const all =
  (data: Points): Sample =>
  () =>
    data

const one =
  ({ x, y }: Points): Sample =>
  (k) => {
    const row = convert(floor(mul(uniform(k, [1]), N)), 'int')
    return { x: take(x, row), y: take(y, row) }
  }

const step =
  (sample: Sample, rate: number) =>
  ({ theta, key }: State): Reverse<State> =>
    gen(function* () {
      const { x, y } = sample(key)
      const g = yield* grad((p: Theta) => mean(square(sub(matmul(x, p), y))))(theta)
      return { theta: yield* sub(theta, mul(rate, g)), key: yield* add(key, ints([0, 1])) }
    })

type Coefficients = readonly [number, number, number]

const RATE = 1e-3
const STEPS = 2000
const FIRST: Coefficients = [3, 3, 3]

const path = (sample: Sample, seed: number, steps: number): E.Either<Failure, ReadonlyArray<Coefficients>> =>
  iterate(
    step(sample, RATE),
    { theta: tensor([[FIRST[0]], [FIRST[1]], [FIRST[2]]]), key: ints([seed, 0]) },
    { steps, every: steps / 500, look: ({ theta }): Coefficients => [theta[0], theta[1], theta[2]] },
  )

const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => a.reduce((sum, ai, i) => sum + ai * b[i], 0)

/** The pseudo-inverse of columns of full rank, as rows: `X = Q R` by Gram and Schmidt, and `X+ = R^-1 Q^T`. */
const pseudoInverse = (columns: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<ReadonlyArray<number>> => {
  const q: Array<ReadonlyArray<number>> = []
  const r = columns.map((column) => {
    let rest = column
    const along = q.map((qi) => {
      const c = dot(qi, rest)
      rest = rest.map((xi, i) => xi - c * qi[i])
      return c
    })
    const length = Math.sqrt(dot(rest, rest))
    q.push(rest.map((xi) => xi / length))
    return [...along, length]
  })
  const rows: Array<ReadonlyArray<number>> = []
  for (let i = columns.length - 1; i >= 0; i--) {
    // R x = Q^T from below: what is known of the rows under this one goes over
    const known = q[i].map((qi, n) => r.slice(i + 1).reduce((sum, rj, j) => sum - rj[i] * rows[j][n], qi))
    rows.unshift(known.map((v) => v / r[i][i]))
  }
  return rows
}

const columnsOf = ({ x }: Points): ReadonlyArray<ReadonlyArray<number>> =>
  [0, 1, 2].map((j) => Array.from({ length: N }, (_, i) => x.data[3 * i + j]))

/** Where full-batch descent must be: every step takes the error to `(I - 2 rate X^T X / n)` times it. */
const predicted = (
  columns: ReadonlyArray<ReadonlyArray<number>>,
  solution: ReadonlyArray<number>,
): ReadonlyArray<number> => {
  const h = columns.map((a) => columns.map((b) => dot(a, b) / N))
  let error = FIRST.map((t, i) => t - solution[i])
  for (let i = 0; i < STEPS; i++) error = error.map((e, j) => e - 2 * RATE * dot(h[j], error))
  return error.map((e, i) => e + solution[i])
}

const distance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  Math.hypot(...a.map((ai, i) => ai - b[i]))

const computed = (seed: number) => {
  const data = points(key(seed))
  const columns = columnsOf(data)
  const inverse = pseudoInverse(columns)
  const y = Array.from(data.y.data)
  const solution = inverse.map((row) => dot(row, y))
  return pipe(
    sequenceS(E.Apply)({
      full: path(all(data), seed, STEPS),
      stochastic: path(one(data), seed, STEPS),
      longer: path(one(data), seed, STEPS * N),
    }),
    E.map((paths) => ({ ...paths, columns, inverse, y, solution, expected: predicted(columns, solution) })),
  )
}

type Computed = Found<typeof computed>

const NAMES = ['intercept', 'slope of x1', 'slope of x2']

const drawn = ({ full, stochastic, columns, y, solution }: Computed) => {
  const at = (i: number): number => (i * STEPS) / (full.length - 1)
  const coefficient = (name: string, all: ReadonlyArray<Coefficients>, j: number): Series => ({
    name,
    points: all.map((theta, i) => [at(i), theta[j]] as const),
  })
  const residual = (p: number, q: number): number => {
    const errors = y.map((yi, i) => solution[0] + p * columns[1][i] + q * columns[2][i] - yi)
    return dot(errors, errors) / N
  }
  const way = (name: string, all: ReadonlyArray<Coefficients>): Series => ({
    name,
    points: all.map(([, p, q]) => [p, q] as const),
  })
  return sequenceS(TE.ApplyPar)({
    coefficients: lineChartSvg({
      title: 'The coefficients on their way',
      xLabel: 'steps',
      yLabel: 'coefficient',
      series: NAMES.flatMap((name, j) => [
        coefficient(`${name}, all`, full, j),
        coefficient(`${name}, one`, stochastic, j),
      ]),
    }),
    paths: fieldSvg({
      title: 'The way of both slopes over the loss',
      xLabel: 'slope of x1',
      yLabel: 'slope of x2',
      field: sampleField(residual, [1.4, 3.4], [2.6, 5.4], 60),
      logarithmic: true,
      series: [
        way('all points', full),
        way('one point', stochastic),
        { name: 'pseudo-inverse', points: [[solution[1], solution[2]]], as: 'points' },
      ],
    }),
  })
}

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { full, stochastic, longer, columns, inverse, solution, expected } = found
  const [endFull, endOne, endLonger] = [full, stochastic, longer].map((all) => all[all.length - 1])
  const identity = inverse.flatMap((row, i) =>
    columns.map((column, j) => Math.abs(dot(row, column) - (i === j ? 1 : 0))),
  )
  const tail = longer.slice(longer.length / 2)
  const mean = [0, 1, 2].map((j) => tail.reduce((sum, theta) => sum + theta[j], 0) / tail.length)
  const numbers = {
    intercept: solution[0],
    slope1: solution[1],
    slope2: solution[2],
    inverseGap: Math.max(...identity),
    full: distance(endFull, solution),
    theoryGap: distance(endFull, expected),
    stochastic: distance(endOne, solution),
    longer: distance(endLonger, solution),
    averaged: distance(mean, solution),
  }
  const line = (name: string, read: number, theta: ReadonlyArray<number>): ReadonlyArray<string> => [
    name,
    count(read),
    ...theta.map((t) => t.toFixed(4)),
    brief(distance(theta, solution)),
  ]
  return {
    numbers,
    figures,
    page: {
      title: 'Lesson 6: linear regression in many variables',
      lead: 'Is it worth looking at all the data before taking a step?',
      sections: [
        section(
          'A plane with noise',
          text(
            `A hundred points of \`y = 1.5 + 2 x1 + 5 x2\`, each off by a normal error of ${NOISE}. The best plane through them is not quite the one they came from; it is what the pseudo-inverse gives:`,
          ),
          facts({
            intercept: solution[0].toFixed(4),
            'slope of x1': solution[1].toFixed(4),
            'slope of x2': solution[2].toFixed(4),
          }),
          text(
            `This is the yardstick, from a few lines of Gram and Schmidt that share nothing with the tape (\`X+ X\` is the identity to ${brief(numbers.inverseGap)}).`,
          ),
        ),
        section(
          'One step, two samples',
          text(
            'A step is the same in both cases. What differs is the points that it looks at: all of them, or one that is drawn.',
          ),
          quote('all', 'one', 'step'),
          text(
            'The draw is on the tape as well. A key goes in, a row number comes out, and the next state has the next key; so the step is a pure function of its state, and the same seed gives the same path.',
          ),
          figure(figures.coefficients, `${count(STEPS)} steps at the rate ${RATE}, from ${FIRST.join(', ')}.`),
          figure(
            figures.paths,
            'The same, seen from above. The smooth way reads a hundred points for each step, the rough one reads one.',
          ),
        ),
        section(
          'What it costs and what it gives',
          table(
            ['', 'points read', 'intercept', 'slope 1', 'slope 2', 'distance'],
            [
              line('all points', STEPS * N, endFull),
              line('one point', STEPS, endOne),
              line('one point, longer', STEPS * N, endLonger),
              line('mean of its second half', STEPS * N, mean),
              line('pseudo-inverse', N, solution),
            ],
            'The distance is to the pseudo-inverse.',
          ),
          text(
            `With all points the way can be calculated: every step multiplies the error by \`I - 2 rate X'X / n\`. Carried out ${count(STEPS)} times, that says where descent must be, and it is there to ${brief(numbers.theoryGap)}.`,
          ),
          text(
            `With one point at a time, ${count(STEPS)} steps come within ${brief(numbers.stochastic)}, for a hundredth of the reading. As many readings as above bring it only to ${brief(numbers.longer)}: at a fixed rate the steps go on trembling. The mean of the second half is within ${brief(numbers.averaged)}.`,
          ),
          note(
            'plain',
            'So: far away, look at little and step often. Close by, look at more, step shorter, or average. Lesson 5 and lesson 11 do the first with batches.',
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
  number: 6,
  name: 'regression',
  title: 'Linear regression in many variables',
  run: inParts({
    sources: [import.meta.url],
    computed: ({ seed }) => TE.fromIOEither(() => computed(seed)),
    drawn,
    told,
  }),
}
