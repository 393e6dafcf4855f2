/**
 * Lesson 12: looking inside. What a network that reads digits looks at, what it dreams of, and how it is deceived.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  clip,
  crossEntropy,
  type Failure,
  grad,
  jit,
  logSoftmax,
  map,
  mul,
  type Reverse,
  sign,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  type Var,
  valueAndGrad,
} from 'wengert'
import { batches, datasetRows } from 'wengert/data'
import { metrics } from 'wengert/nn'
import { key } from 'wengert/Random'
import { type Image, imageGridSvg, lineChartSvg } from 'wengert/show'
import * as T from 'wengert/Tensor'
import {
  brief,
  count,
  type Found,
  figure,
  inParts,
  iterate,
  type Lesson,
  type LessonOptions,
  note,
  type Quote,
  section,
  type Told,
  text,
} from './lesson.js'
import { answer, made, schooled, scoresOf } from './parts/classifier.js'
import { feedsOf, type Task, taskOf } from './parts/digits.js'
import { convolutional, inOneCycle, type Weights } from './parts/networks.js'

type Images = Var<readonly [number, 1, 28, 28]>
type Chosen = Var<readonly [number, 10]>
type Asked = { readonly x: Images; readonly y: Chosen }

/** The scores of images, by what has been learnt. */
type Scores = (x: Images) => Reverse<Chosen>

const scoresBy =
  ({ parameters, state }: Weights): Scores =>
  (input) =>
    answer(convolutional, { parameters, state, input } as never)

/** How the score of a class changes with each pixel: no image depends on another, so one gradient of the sum tells of all. */
const saliency =
  (scores: Scores) =>
  ({ x, y }: Asked): Reverse<Images> =>
    grad((at: Images) => sum(mul(scores(at), y)))(x)

const loss =
  (scores: Scores) =>
  ({ x, y }: Asked): Reverse<Var<readonly []>> =>
    crossEntropy(scores(x), y)

const lossAndGradient =
  (scores: Scores) =>
  ({ x, y }: Asked): Reverse<readonly [Var<readonly []>, Images]> =>
    valueAndGrad((at: Images) => loss(scores)({ x: at, y }))(x)

/** Lowest and highest brightness, in the numbers that the network sees. */
const bounds = ({ mean, deviation }: Task): readonly [paper: number, ink: number] => [
  -mean / deviation,
  (1 - mean) / deviation,
]

/** The image that the loss rises fastest to, when every pixel may change by as much as `size`. */
const deceiving =
  (scores: Scores, [paper, ink]: readonly [number, number]) =>
  ({ x, y, size }: Asked & { readonly size: Var<readonly []> }): Reverse<Images> =>
    clip(add(x, mul(size, sign(grad((at: Images) => loss(scores)({ x: at, y }))(x)))), paper, ink)

/** Uphill in the log-probability of a class, and a little back towards paper. */
const dreaming =
  (scores: Scores, y: Digit['y'], [paper, ink]: readonly [number, number]) =>
  ({ x }: { readonly x: Images }): Reverse<{ readonly x: Images }> => {
    const liked = (at: Images) => sub(sum(mul(logSoftmax(scores(at)), y)), mul(0.001, sum(square(sub(at, paper)))))
    return map((next: Images) => ({ x: next }))(clip(add(x, grad(liked)(x)), paper, ink))
  }

// ------------------------------------------------------------------------------------------------------- asking

interface Digit {
  readonly x: Tensor<readonly [number, 1, 28, 28]>
  readonly y: Tensor<readonly [number, 10]>
}

const PIXELS = 784

/** The first digit of each class that the network reads. */
const examples = (task: Task, taken: ReadonlyArray<number>): E.Either<Failure, Digit> => {
  const labels = Array.from(task.test.columns.labels.data)
  return pipe(
    task.test,
    datasetRows(
      Array.from({ length: 10 }, (_, digit) => labels.findIndex((l, i) => l === digit && taken[i] === digit)),
    ),
    E.chain(batches({ size: 10, feeds: feedsOf(task) })),
    E.map(({ at }) => ({ x: at(0).input, y: at(0).target })),
  )
}

/** Side of the piece of paper that is laid on a digit. */
const PATCH = 7
const PLACES = 28 - PATCH + 1

/** A digit, covered in turn at each place. */
const covered = (pixels: ArrayLike<number>, paper: number): Tensor<readonly [number, 1, 28, 28]> => {
  const n = PLACES * PLACES
  const inPatch = (place: number, pixel: number): boolean => {
    const down = Math.floor(pixel / 28) - Math.floor(place / PLACES)
    const across = (pixel % 28) - (place % PLACES)
    return down >= 0 && down < PATCH && across >= 0 && across < PATCH
  }
  const data = Float64Array.from({ length: n * PIXELS }, (_, i) =>
    inPatch(Math.floor(i / PIXELS), i % PIXELS) ? paper : pixels[i % PIXELS],
  )
  return { _tag: 'Tensor', shape: [n, 1, 28, 28], dtype: 'real', data }
}

const SIZES = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]

/** Digits that are covered. */
const COVERED = [2, 4, 7, 9]

/** A change so small that the loss is as good as straight over it, in single numbers of the network. */
const TINY = 1e-6

/** The size of change that is shown. */
const SHOWN = 0.2

const trained = ({ full, seed, progress }: LessonOptions, task: Task) => {
  const [epochs, batchSize] = task.source === 'MNIST' && full ? [1, 64] : [6, 50]
  return pipe(
    schooled(convolutional, task, {
      optimiser: inOneCycle(epochs * Math.floor(task.train.rows / batchSize)),
      epochs,
      batchSize,
      shift: 2,
      seed,
    }),
    E.chain((school) => made(school, (fraction, what) => progress(0.7 * fraction, what))),
    E.bindTo('run'),
    E.bind('read', ({ run }) => scoresOf(convolutional, task)(task.test)(run.learnt)),
    E.let('taken', ({ read }) => metrics.classOf(read)),
    E.bind('accuracy', ({ taken }) => metrics.accuracy(taken, task.test.columns.labels)),
    E.bind('digits', ({ taken }) => examples(task, taken)),
    E.map(({ run, accuracy, digits }) => ({ scores: scoresBy(run.learnt), accuracy, digits })),
  )
}

/** How certain the network is of its classes. */
const certain = (scores: Scores) => jit((x: Images): Reverse<Chosen> => softmax(scores(x)) as Reverse<Chosen>)

const STEPS = 200

const dreamt = (scores: Scores, { x, y }: Digit, range: readonly [number, number]) => {
  const blank = T.map(() => range[0])(x)
  return pipe(
    iterate(
      dreaming(scores, y, range),
      { x: blank },
      { steps: STEPS, every: STEPS, look: (state) => ({ ...blank, data: Float64Array.from(state.x) }) },
    ),
    E.map((looks) => looks[looks.length - 1]),
    E.bindTo('images'),
    E.bind('certainties', ({ images }) => certain(scores)(images)),
  )
}

/** For each place of the paper, how certain the network still is of what the digit shows. */
const hidden = (
  scores: Scores,
  { x }: Digit,
  paper: number,
): E.Either<Failure, ReadonlyArray<ReadonlyArray<number>>> => {
  const ask = certain(scores)
  return E.traverseArray((digit: number) =>
    pipe(
      ask(covered(Array.from(x.data).slice(digit * PIXELS, (digit + 1) * PIXELS), paper)),
      E.map(({ data }) => Array.from({ length: PLACES * PLACES }, (_, place) => data[10 * place + digit])),
    ),
  )(COVERED)
}

interface Attack {
  readonly size: number
  /** the part of the digits that are still read when changed against the gradient */
  readonly deceived: number
  /** and when changed as much at random */
  readonly noisy: number
}

const attacked = (scores: Scores, task: Task, seed: number, n: number): E.Either<Failure, ReadonlyArray<Attack>> => {
  const [paper, ink] = bounds(task)
  const labels = Array.from(task.test.columns.labels.data).slice(0, n)
  const deceive = jit(deceiving(scores, [paper, ink]))
  const ask = jit(scores)
  const right = (x: Digit['x']): E.Either<Failure, number> =>
    E.chain((answers: Digit['y']) => metrics.accuracy(metrics.classOf(answers), labels))(ask(x))
  return pipe(
    task.test,
    datasetRows(labels.map((_, i) => i)),
    E.chain(batches({ size: n, feeds: feedsOf(task) })),
    E.map(({ at }) => ({ x: at(0).input, y: at(0).target })),
    E.chain(({ x, y }) => {
      const noise = T.uniform(key(seed), x.shape, -1, 1)
      return E.traverseArray((size: number) => {
        const most = size / task.deviation
        const changed = T.map((v: number, i: number) =>
          Math.min(ink, Math.max(paper, v + Math.sign(noise.data[i]) * most)),
        )(x)
        return sequenceS(E.Apply)({
          size: E.right(size),
          deceived: E.chain(right)(deceive({ x, y, size: T.scalar(most) })),
          noisy: right(changed),
        })
      })(SIZES)
    }),
  )
}

/** How much of what the gradient promises of a tiny step the loss keeps, where no two pixels are equal. */
const kept = (scores: Scores, { x, y }: Digit, seed: number): E.Either<Failure, number> => {
  const noise = T.uniform(key(seed), x.shape, -0.05, 0.05).data
  const uneven = T.map((v: number, i: number) => v + noise[i])(x)
  return pipe(
    jit(lossAndGradient(scores))({ x: uneven, y }),
    E.chain(([before, { data }]) =>
      pipe(
        jit(loss(scores))({ x: T.map((v: number, i: number) => v + TINY * Math.sign(data[i]))(uneven), y }),
        E.map(
          (after) =>
            (after.data[0] - before.data[0]) / (TINY * Array.from(data).reduce((total, g) => total + Math.abs(g), 0)),
        ),
      ),
    ),
  )
}

const computed = (options: LessonOptions, task: Task) => {
  const range = bounds(task)
  return pipe(
    trained(options, task),
    E.bindTo('network'),
    E.bind('saliencies', ({ network: { scores, digits } }) => jit(saliency(scores))(digits)),
    E.bind('dreams', ({ network: { scores, digits } }) => {
      options.progress(0.75, 'dreaming')
      return dreamt(scores, digits, range)
    }),
    E.bind('covers', ({ network: { scores, digits } }) => {
      options.progress(0.85, 'covering')
      return hidden(scores, digits, range[0])
    }),
    E.bind('attacks', ({ network: { scores } }) => {
      options.progress(0.9, 'deceiving')
      return attacked(scores, task, options.seed, Math.min(1000, task.test.rows))
    }),
    E.bind('fooled', ({ network: { scores, digits } }) =>
      jit(deceiving(scores, range))({ ...digits, size: T.scalar(SHOWN / task.deviation) }),
    ),
    E.bind('fooledScores', ({ network: { scores }, fooled }) => jit(scores)(fooled)),
    E.bind('kept', ({ network: { scores, digits } }) => kept(scores, digits, options.seed)),
  )
}

type Computed = Found<typeof computed>

const imageOf = (data: ArrayLike<number>, i: number, caption?: string): Image => ({
  width: 28,
  height: 28,
  values: Array.from({ length: PIXELS }, (_, pixel) => data[i * PIXELS + pixel]),
  ...(caption === undefined ? {} : { caption }),
})

const ten = Array.from({ length: 10 }, (_, digit) => digit)

const drawn = (found: Computed) => {
  const { network, saliencies, dreams, covers, attacks, fooled, fooledScores } = found
  const { x } = network.digits
  const taken = metrics.classOf(fooledScores)
  const curve = (name: string, of: (attack: Attack) => number) => ({
    name,
    as: 'both' as const,
    points: attacks.map((attack) => [attack.size, 100 * of(attack)] as const),
  })
  return sequenceS(TE.ApplyPar)({
    digits: imageGridSvg({ title: 'One digit of each class', images: ten.map((i) => imageOf(x.data, i)), columns: 10 }),
    saliencies: imageGridSvg({
      title: 'Which pixels matter for the score of the class',
      images: ten.map((i) => imageOf(saliencies.data, i)),
      columns: 10,
      scale: 'diverging',
    }),
    dreams: imageGridSvg({
      title: 'What the network would like best',
      images: ten.map((i) => imageOf(dreams.images.data, i, String(i))),
      columns: 10,
    }),
    covered: imageGridSvg({
      title: 'Digits, and how certain the network is when a place is covered',
      images: [
        ...COVERED.map((digit) => imageOf(x.data, digit)),
        ...covers.map((values) => ({
          width: PLACES,
          height: PLACES,
          values,
          caption: `at least ${Math.min(...values).toFixed(2)}`,
        })),
      ],
      columns: COVERED.length,
    }),
    fooled: imageGridSvg({
      title: 'The same digits, a little changed',
      images: ten.map((i) => imageOf(fooled.data, i, `${i} as ${taken[i]}`)),
      columns: 10,
    }),
    changes: imageGridSvg({
      title: 'The changes',
      images: ten.map((i) =>
        imageOf(
          Array.from(fooled.data, (v, j) => v - x.data[j]),
          i,
        ),
      ),
      columns: 10,
      scale: 'diverging',
    }),
    attacks: lineChartSvg(
      {
        title: 'Digits still read, by how much each pixel is changed',
        xLabel: 'change of a pixel, of the way from paper to ink',
        yLabel: 'read, of 100',
        series: [curve('against the gradient', (a) => a.deceived), curve('at random', (a) => a.noisy)],
      },
      { height: 360 },
    ),
  })
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

const told = (task: Task, found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { network, dreams, covers, attacks, fooledScores } = found
  const certainties = ten.map((i) => dreams.certainties.data[10 * i + i])
  const fooled = metrics.classOf(fooledScores).filter((taken, i) => taken !== i).length
  const shown = attacks.find(({ size }) => size === SHOWN) as Attack
  const least = covers.map((values) => Math.min(...values))
  return {
    numbers: {
      accuracy: network.accuracy,
      certainty: Math.min(...certainties),
      leastCovered: Math.min(...least),
      kept: found.kept,
      untouched: attacks[0].deceived,
      deceived: shown.deceived,
      noisy: shown.noisy,
      fooled,
    },
    figures,
    page: {
      title: 'Lesson 12: looking inside',
      lead: 'A gradient need not be of the weights. By the pixels it says what a network looks at, and what would change its mind.',
      sections: [
        section(
          'What it looks at',
          text(
            `This is the convolutional network of lesson 11, ${task.source === 'MNIST' ? 'after one epoch of MNIST' : 'taught the digits that come along'}. It reads ${percent(network.accuracy)} of the digits it has never seen. So far gradients told how to change weights. Now the weights stay, and the question is how a score changes with each pixel:`,
          ),
          quote('saliency'),
          figure(figures.digits, 'The first digit of each class that the network reads.'),
          figure(
            figures.saliencies,
            'Red: more ink here, and the network is surer of the class. Blue: less ink. Gaps matter as much as strokes do.',
          ),
          text(
            'No image in a batch depends on another, so the gradient of the sum of all scores holds the gradient of each.',
          ),
        ),
        section(
          'What happens when it cannot see',
          text(
            `Another way to ask, without gradients: cover ${PATCH} by ${PATCH} pixels with paper, at each of ${count(PLACES * PLACES)} places, and see how certain the network still is.`,
          ),
          figure(figures.covered, 'Dark is where covering hurts; each map has colours of its own range.'),
        ),
        section(
          'What it dreams of',
          text(
            `Start from a blank sheet and go uphill in the logarithm of the probability of a class, ${STEPS} steps, with the pixels kept between paper and ink:`,
          ),
          quote('dreaming'),
          figure(figures.dreams, 'Digits, says the network.'),
          note(
            'plain',
            `It is certain of every one of them: the least of the ten probabilities is ${brief(Math.min(...certainties))}. Of what is no digit at all it has learnt nothing, for it was never shown any.`,
          ),
        ),
        section(
          'How it is deceived',
          text(
            'The gradient of the loss by the pixels points to where the network is most wrong. Let every pixel move by the same small amount in that direction (the fast gradient sign method of I. Goodfellow, J. Shlens and C. Szegedy, 2014):',
          ),
          quote('deceiving'),
          figure(
            figures.fooled,
            `Each pixel has moved by ${SHOWN} of the way from paper to ink. We can still read them.`,
          ),
          figure(figures.changes, 'What was added.'),
          text(
            `The network takes ${fooled} of these ten for others. Of ${count(Math.min(1000, task.test.rows))} digits it still reads ${percent(shown.deceived)}, where the same amount of change at random leaves it ${percent(shown.noisy)}.`,
          ),
          figure(figures.attacks, 'Noise is harmless, because it is hardly ever in the one direction that hurts.'),
          text(
            `Why it works: ${PIXELS} small changes, all of them in the direction that hurts, add up in the loss. The gradient promises by how much, and for a tiny step the loss keeps ${percent(found.kept)} of the promise. (That was measured on digits with a little noise: on blank paper neighbouring pixels are exactly equal, and where a pooling window has no single largest one, a maximum has a corner and not a gradient.)`,
          ),
        ),
      ],
      footer: 'Digits: MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, of data by NIST.',
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 12,
  name: 'inside',
  title: 'Looking inside',
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
