/**
 * Lesson 1: a line through houses. Three ways to find the slope and the intercept of a line, and what a gradient is for.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  abs,
  add,
  compile,
  type Failure,
  gen,
  grad,
  hvp,
  mean,
  mul,
  type Reverse,
  record,
  run,
  scalar,
  spec,
  square,
  sub,
  tensor,
  type Var,
  vmap,
} from 'wengert'
import { bostonColumn } from 'wengert/data'
import { fold, key } from 'wengert/Random'
import { fieldSvg, type LineChart, lineChartSvg, type Series, sampleField } from 'wengert/show'
import { item, uniform } from 'wengert/Tensor'
import {
  brief,
  count,
  type Found,
  facts,
  figure,
  inParts,
  iterate,
  type Lesson,
  list,
  note,
  type Quote,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

const rooms = bostonColumn('RM')
const prices = bostonColumn('MEDV')

type Scalar = Var<readonly []>
type Line = { readonly k: Scalar; readonly b: Scalar }

const line = ({ k, b }: Line) => add(mul(k, rooms), b)

const l1 = (p: Line): Reverse<Scalar> => mean(abs(sub(line(p), prices)))
const l2 = (p: Line): Reverse<Scalar> => mean(square(sub(line(p), prices)))

/** A slope and an intercept. */
type Pair = readonly [k: number, b: number]

const x = Array.from(rooms.data)
const y = Array.from(prices.data)
const average = (xs: ReadonlyArray<number>): number => xs.reduce((a, b) => a + b, 0) / xs.length
const middle = average(x)

const leastSquares = (): Pair => {
  const k = average(x.map((xi, i) => (xi - middle) * y[i])) / average(x.map((xi) => (xi - middle) ** 2))
  return [k, average(y) - k * middle]
}

const byHand = {
  l1: ([k, b]: Pair): Pair => {
    const s = x.map((xi, i) => Math.sign(k * xi + b - y[i]))
    return [average(s.map((si, i) => si * x[i])), average(s)]
  },
  l2: ([k, b]: Pair): Pair => {
    const r = x.map((xi, i) => k * xi + b - y[i])
    return [2 * average(r.map((ri, i) => ri * x[i])), 2 * average(r)]
  },
}

/** How far the tape's gradients are from those derived by hand, relative to their size, over twenty lines. */
const handGap = (seed: number): E.Either<Failure, number> => {
  const draw = (i: number) => uniform(fold(key(seed), i), [20], -50, 50)
  const lines = { k: draw(2), b: draw(3) }
  return pipe(
    sequenceS(E.Apply)({ l1: run(vmap(grad(l1)))(lines), l2: run(vmap(grad(l2)))(lines) }),
    E.map((taped) =>
      Math.max(
        ...(['l1', 'l2'] as const).flatMap((name) =>
          Array.from(lines.k.data, (k, i) => {
            const hand = byHand[name]([k, lines.b.data[i]])
            return Math.hypot(taped[name].k.data[i] - hand[0], taped[name].b.data[i] - hand[1]) / Math.hypot(...hand)
          }),
        ),
      ),
    ),
  )
}

const lossesOf = (lines: ReadonlyArray<Pair>): E.Either<Failure, ReadonlyArray<number>> =>
  pipe(
    { k: tensor(lines.map(([k]) => k)), b: tensor(lines.map(([, b]) => b)) },
    run(vmap(l2)),
    E.map(({ data }) => Array.from(data)),
  )

/** A line on the way, by how often the search had asked for a loss or a gradient. */
interface Step {
  readonly asked: number
  readonly line: Pair
  readonly loss: number
}

type Path = ReadonlyArray<Step>

const last = (path: Path): Step => path[path.length - 1]

const randomTries = (n: number, seed: number): E.Either<Failure, Path> => {
  const [k, b] = [0, 1].map((i) => uniform(fold(key(seed), i), [n], -100, 100).data)
  const lines = Array.from({ length: n }, (_, i): Pair => [k[i], b[i]])
  return E.map((losses: ReadonlyArray<number>) => {
    const path: Array<Step> = []
    for (const [i, loss] of losses.entries())
      if (path.length === 0 || loss < last(path).loss) path.push({ asked: i + 1, line: lines[i], loss })
    return path
  })(lossesOf(lines))
}

/** Steps of one length in one of four directions: on as long as it gets better, another direction when it does not. */
const fourDirections = (from: Pair, length: number, steps: number, seed: number): E.Either<Failure, Path> =>
  pipe(
    record(l2)({ k: spec([]), b: spec([]) }),
    E.chain(compile()),
    E.chain((executable) => {
      const draws = uniform(key(seed), [2 * steps + 2]).data
      const direction = (i: number): Pair => [
        draws[2 * i] < 0.5 ? -length : length,
        draws[2 * i + 1] < 0.5 ? -length : length,
      ]
      const path: Array<Step> = []
      let [dk, db] = direction(0)
      for (let i = 0; i <= steps; i++) {
        const [k, b] = path.length === 0 ? from : [last(path).line[0] + dk, last(path).line[1] + db]
        const loss = E.chain(item)(executable.run({ k: scalar(k), b: scalar(b) }))
        if (E.isLeft(loss)) return loss
        if (path.length === 0 || loss.right < last(path).loss)
          path.push({ asked: i + 1, line: [k, b], loss: loss.right })
        else [dk, db] = direction(i)
      }
      return E.right(path)
    }),
  )

const descend =
  (loss: (p: Line) => Reverse<Scalar>, rate: number) =>
  (p: Line): Reverse<Line> =>
    gen(function* () {
      const g = yield* grad(loss)(p)
      return { k: yield* sub(p.k, mul(rate, g.k)), b: yield* sub(p.b, mul(rate, g.b)) }
    })

/** The loss of a line given by its slope and its height above the middle of the cloud. */
const centred = ({ k, b }: Line): Reverse<Scalar> =>
  gen(function* () {
    return yield* l2({ k, b: yield* sub(b, mul(k, middle)) })
  })

const descent = (
  loss: (p: Line) => Reverse<Scalar>,
  lineOf: (p: Pair) => Pair,
  { from, rate, steps }: { readonly from: Pair; readonly rate: number; readonly steps: number },
): E.Either<Failure, Path> =>
  pipe(
    iterate(
      descend(loss, rate),
      { k: scalar(from[0]), b: scalar(from[1]) },
      { steps, look: ({ k, b }, i) => ({ asked: i + 1, line: lineOf([k[0], b[0]]) }) },
    ),
    // the first steps are long, the later ones short
    E.map((seen) => seen.filter(({ asked }) => asked <= 100 || asked % 100 === 1)),
    E.bindTo('seen'),
    E.bind('losses', ({ seen }) => lossesOf(seen.map((step) => step.line))),
    E.map(({ seen, losses }) => seen.map((step, i): Step => ({ ...step, loss: losses[i] }))),
  )

/** How much longer than wide the valley of a loss is: its width goes with the root of an eigenvalue of the Hessian. */
const elongation = (loss: (p: Line) => Reverse<Scalar>): E.Either<Failure, number> => {
  const column = (k: number, b: number) => run((p: Line) => hvp(loss)(p, { k, b }))({ k: scalar(0), b: scalar(0) })
  return pipe(
    sequenceS(E.Apply)({ k: column(1, 0), b: column(0, 1) }),
    E.map((h) => {
      const [kk, kb, bb] = [h.k.k, h.k.b, h.b.b].map((t) => t.data[0])
      const [mean, spread] = [(kk + bb) / 2, Math.hypot((kk - bb) / 2, kb)]
      return Math.sqrt((mean + spread) / (mean - spread))
    }),
  )
}

const TRIES = 5000
const LENGTH = 0.3
const MOVES = 10_000
const START: Pair = [0, 0]
const DESCENT = { from: START, rate: 1e-3, steps: 50_000 }

const computed = (seed: number) =>
  sequenceS(E.Apply)({
    gap: handGap(seed),
    valley: elongation(l2),
    roundValley: elongation(centred),
    tries: randomTries(TRIES, seed),
    moves: fourDirections(START, LENGTH, MOVES, seed),
    steps: descent(l2, (p) => p, DESCENT),
    fromMiddle: descent(centred, ([k, b]) => [k, b - k * middle], DESCENT),
    best: E.map((losses: ReadonlyArray<number>): Step => ({ asked: 1, line: leastSquares(), loss: losses[0] }))(
      lossesOf([leastSquares()]),
    ),
  })

type Computed = Found<typeof computed>

/** About `n` points of a path, evenly on a logarithmic axis, with its first and its last. */
const thinned = (path: Path, n = 150): Path => {
  const most = Math.log(last(path).asked + 1)
  const cell = (s: Step): number => Math.floor((Math.log(s.asked) / most) * n)
  return path.filter((s, i) => i === 0 || i === path.length - 1 || cell(s) !== cell(path[i - 1]))
}

const losses = ({ tries, moves, steps, fromMiddle, best }: Computed): LineChart => {
  const over = (name: string, path: Path, until: number): Series => ({
    name,
    points: [...thinned(path), { ...last(path), asked: until }]
      .map((s) => [s.asked, s.loss - best.loss] as const)
      .filter(([, excess]) => excess > 1e-6),
  })
  return {
    title: 'How far from the best line, by how often was asked',
    xLabel: 'losses or gradients computed',
    yLabel: 'mean squared error above the least one',
    logarithmic: true,
    logarithmicX: true,
    series: [
      over('random tries', tries, TRIES),
      over('four directions', moves, MOVES),
      over('gradient descent', steps, DESCENT.steps),
      over('from the middle', fromMiddle, DESCENT.steps),
    ],
  }
}

const drawn = (found: Computed) => {
  const { tries, moves, steps, fromMiddle, best } = found
  const [left, right] = [Math.min(...x), Math.max(...x)]
  const across = (name: string, { line: [k, b] }: Step): Series => ({
    name,
    points: [left, right].map((at) => [at, k * at + b] as const),
  })
  const way = (name: string, path: Path): Series => ({ name, points: thinned(path).map((s) => s.line) })
  return sequenceS(TE.ApplyPar)({
    scatter: lineChartSvg({
      title: 'Rooms and prices of 506 neighbourhoods',
      xLabel: 'rooms per house',
      yLabel: 'price in $1000',
      series: [
        { name: 'neighbourhoods', points: x.map((xi, i) => [xi, y[i]] as const), as: 'points' },
        across('least squares', best),
        across('best random try', last(tries)),
        across('four directions', last(moves)),
        across('gradient descent', last(steps)),
      ],
    }),
    losses: lineChartSvg(losses(found)),
    valley: fieldSvg({
      title: 'The valley of the loss',
      xLabel: 'slope k',
      yLabel: 'intercept b',
      field: sampleField((k, b) => average(x.map((xi, i) => (k * xi + b - y[i]) ** 2)), [-4, 14], [-50, 30], 80),
      logarithmic: true,
      series: [
        way('four directions', moves),
        way('gradient descent', steps),
        way('from the middle', fromMiddle),
        { name: 'least squares', points: [best.line], as: 'points' },
      ],
    }),
  })
}

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { gap, valley, roundValley, tries, moves, steps, fromMiddle, best } = found
  const after = (n: number): Step => steps.find((s) => s.asked === n + 1) as Step
  const measured = (name: string, asked: number, s: Step): ReadonlyArray<string> => [
    name,
    count(asked),
    s.line[0].toFixed(4),
    s.line[1].toFixed(4),
    s.loss.toFixed(4),
  ]
  return {
    numbers: {
      gap,
      slope: best.line[0],
      intercept: best.line[1],
      mse: best.loss,
      triesMse: last(tries).loss,
      movesMse: last(moves).loss,
      movesStuck: last(moves).asked,
      early: after(10_000).loss,
      stepsMse: last(steps).loss,
      middleSlope: last(fromMiddle).line[0],
      middleIntercept: last(fromMiddle).line[1],
      middleMse: last(fromMiddle).loss,
      valley,
      roundValley,
    },
    figures,
    chart: losses(found),
    page: {
      title: 'Lesson 1: a line through houses',
      lead: 'Three ways to find a line, and why a gradient is worth having.',
      sections: [
        section(
          'A cloud of houses',
          text(
            `Here are ${x.length} neighbourhoods of Boston in 1970: how many rooms a house has there, and what it costs. More rooms, more money; we would like a line that says how much more.`,
          ),
          figure(figures.scatter, 'Each point is a neighbourhood. The lines are what this lesson finds.'),
          text('A line has a slope `k` and an intercept `b`. As a function that records what is to be computed:'),
          quote('line'),
          text(
            'How wrong a line is can be said in many ways. Two of them are the mean of the absolute errors and the mean of their squares:',
          ),
          quote('l1'),
          text(
            'These are plain functions of a line. Nothing in them knows how the line will be looked for. The squares have a minimum that can be written down, which makes a good yardstick:',
          ),
          facts({
            'slope $1000 a room': best.line[0].toFixed(4),
            'intercept $1000': best.line[1].toFixed(4),
            'mean squared error': best.loss.toFixed(4),
          }),
        ),
        section(
          'First way: luck',
          text(
            `Draw ${count(TRIES)} lines at random, with \`k\` and \`b\` between -100 and 100, and keep the best. The loss of one line is written already; the losses of all of them are its map:`,
          ),
          quote('lossesOf'),
          text(
            `The best of them has a loss of ${last(tries).loss.toFixed(1)}. It was try number ${count(last(tries).asked)}; those after it were wasted.`,
          ),
        ),
        section(
          'Second way: four directions',
          text(
            `Stand somewhere, take a step of ${LENGTH} in one of four diagonal directions, and go on as long as it gets better; otherwise choose another direction. From ${START.map(String).join(', ')} this comes down quickly, to a loss of ${last(moves).loss.toFixed(2)} after ${count(last(moves).asked)} looks, and then no direction helps any more: the remaining ${count(MOVES - last(moves).asked)} looks find nothing.`,
          ),
          figure(
            figures.valley,
            'The loss over slope and intercept, and the ways through it. The valley is so narrow that four fixed directions all lead up its walls.',
          ),
        ),
        section(
          'Third way: the gradient',
          text('The derivatives of both losses can be found by hand, with `r` the errors of the line:'),
          list(
            'squares: `dk = 2 mean(r x)` and `db = 2 mean(r)`',
            'absolute values: `dk = mean(sign(r) x)` and `db = mean(sign(r))`',
          ),
          text(
            `Or they can be read off the tape, which is what \`grad\` does. Over twenty random lines and both losses, the two differ by ${brief(gap)} of the gradient's size: the rounding of ${x.length} additions. A step goes against the gradient:`,
          ),
          quote('descend'),
          text(
            `After 10 000 steps with the rate ${DESCENT.rate} the loss is ${after(10_000).loss.toFixed(2)}, and after ${count(DESCENT.steps)} it is ${last(steps).loss.toFixed(2)}. It gets where the four directions stuck, and beyond, but it creeps.`,
          ),
          figure(
            figures.losses,
            'The same axes for all. What is left above the least loss is drawn down to a millionth.',
          ),
        ),
        section(
          'Why it creeps, and what helps',
          text(
            `The second derivative says why. Its columns, by \`hvp(l2)\`, have eigenvalues that make the valley ${valley.toFixed(0)} times as long as it is wide: a step short enough for the width is far too short for the length.`,
          ),
          text(
            'Nobody asked us to measure the intercept at zero rooms, where there are no houses. Let us say instead how high the line is in the middle of the cloud. That is another function around the same loss:',
          ),
          quote('centred'),
          text(
            `Now the ratio is ${roundValley.toFixed(2)}, and the same descent, with the same rate and the same start, arrives: at a slope of ${last(fromMiddle).line[0].toFixed(4)} and an intercept of ${last(fromMiddle).line[1].toFixed(4)}.`,
          ),
          table(
            ['way', 'asked', 'slope', 'intercept', 'loss'],
            [
              measured('random tries', TRIES, last(tries)),
              measured('four directions', MOVES, last(moves)),
              measured('gradient descent', 10_000, after(10_000)),
              measured('gradient descent', DESCENT.steps, last(steps)),
              measured('descent from the middle', DESCENT.steps, last(fromMiddle)),
              measured('least squares', 1, best),
            ],
          ),
          note(
            'good',
            'A gradient costs about as much as a few losses, however many parameters there are. With two parameters luck is a rival. With a thousand it is none.',
          ),
        ),
      ],
      footer: 'Prices and rooms: D. Harrison and D. L. Rubinfeld, 1978, by way of StatLib.',
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 1,
  name: 'line',
  title: 'A line through houses',
  run: inParts({
    sources: [import.meta.url],
    computed: ({ seed, progress }) =>
      TE.fromIOEither(() => {
        const found = computed(seed)
        progress(0.7, 'drawing')
        return found
      }),
    drawn,
    told,
  }),
}
