/**
 * Lesson 11: handwritten digits. A dense network and a convolutional one learn to read, from files of bytes to checkpoints.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, relu, run, spec, type Tensor, type Var } from 'wengert'
import { batches, type Digits } from 'wengert/data'
import { readIdx, writeIdx } from 'wengert/formats'
import { flatten, input, linear, metrics, predict, sequential, showSummary, summary } from 'wengert/nn'
import { adam, cosine } from 'wengert/optim'
import { key } from 'wengert/Random'
import {
  code,
  count,
  type Found,
  facts,
  figure,
  inParts,
  type Lesson,
  type LessonOptions,
  note,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'
import { made, type Schooled, schooled, scoresOf } from './parts/classifier.js'
import { feedsOf, firstDigits, type Task, taskOf } from './parts/digits.js'
import { interrupted } from './parts/interrupted.js'
import { losses, mistakes, pictures } from './parts/mnistPictures.js'
import { convolutional, eye, inOneCycle, type Weights } from './parts/networks.js'

const dense = sequential(input([1, 28, 28]), flatten, linear(784, 128), relu, linear(128, 10))

const slowing = (steps: number) => adam({ rate: cosine({ initial: 2e-3, steps }) })

const firstSight = ({ parameters: [kernels, scale], state: [running] }: Weights) =>
  run((image: Var<readonly [number, 1, 28, 28]>) => predict(eye)([kernels, scale], [running])(image))

/** A digit, as the feeds give it in the first epochs. */
const inEpochs = (digits: Digits, task: Task, shift: number, seed: number, epochs: number) =>
  pipe(
    firstDigits(1)(digits),
    E.chain(batches({ size: 1, key: key(seed), feeds: feedsOf(task, shift) })),
    E.map(({ at }) => Array.from({ length: epochs }, (_, i) => at(i).input)),
  )

/** What is said of a file of ten images that was cut off. */
const refusal = (digits: Digits): E.Either<Failure, string> =>
  pipe(
    firstDigits(10)(digits),
    E.chain(({ columns }) => writeIdx(columns.images)),
    E.map((bytes) => readIdx('images.idx')(bytes.subarray(0, 2000))),
    E.map(
      E.match(
        ({ message }) => message,
        () => 'accepted',
      ),
    ),
  )

interface Length {
  readonly epochs: number
  readonly batchSize: number
}

/** How long to learn, by what there is to learn from. */
const lengths = ({ source }: Task, full: boolean): { readonly dense: Length; readonly convolutional: Length } =>
  source === 'MNIST'
    ? { dense: { epochs: full ? 5 : 3, batchSize: 64 }, convolutional: { epochs: full ? 5 : 1, batchSize: 64 } }
    : { dense: { epochs: 20, batchSize: 50 }, convolutional: { epochs: full ? 20 : 6, batchSize: 50 } }

/** What the run that is interrupted learns from, for two epochs. */
const FEW = { digits: 250, batchSize: 25, epochs: 2, stop: 15 }

const SHIFT = 2

const computed = ({ full, seed, progress }: LessonOptions, task: Task) => {
  const length = lengths(task, full)
  const labels = task.test.columns.labels
  const stepsOf = ({ epochs, batchSize }: Length, { rows }: Digits): number => epochs * Math.floor(rows / batchSize)
  const part = (from: number, to: number, name: string) => (fraction: number, what: string) =>
    progress(from + (to - from) * fraction, `${name}, ${what}`)
  return pipe(
    E.Do,
    E.bind('dense', () =>
      pipe(
        schooled(dense, task, { ...length.dense, optimiser: slowing(stepsOf(length.dense, task.train)), seed }),
        E.chain((school) => made(school, part(0, 0.1, 'dense network'))),
      ),
    ),
    E.bind('convolutional', () =>
      pipe(
        schooled(convolutional, task, {
          ...length.convolutional,
          optimiser: inOneCycle(stepsOf(length.convolutional, task.train)),
          shift: SHIFT,
          seed,
        }),
        E.chain((school) => made(school, part(0.1, 0.95, 'convolutional network'))),
      ),
    ),
    E.bind('interruption', () =>
      pipe(
        firstDigits(FEW.digits)(task.train),
        E.chain((train) =>
          schooled(
            convolutional,
            { ...task, train },
            { ...FEW, optimiser: inOneCycle(stepsOf(FEW, train)), shift: SHIFT, seed },
          ),
        ),
        E.chain(({ options }) => interrupted(options, FEW.stop)),
      ),
    ),
    E.bind('denseScores', (found) => scoresOf(dense, task)(task.test)(found.dense.learnt)),
    E.bind('scores', (found) => scoresOf(convolutional, task)(task.test)(found.convolutional.learnt)),
    E.bind('denseAccuracy', ({ denseScores }) => metrics.accuracy(metrics.classOf(denseScores), labels)),
    E.bind('accuracy', ({ scores }) => metrics.accuracy(metrics.classOf(scores), labels)),
    E.bind('confusion', ({ scores }) => metrics.confusionMatrix(10)(metrics.classOf(scores), labels)),
    E.bind('still', () => inEpochs(task.test, task, 0, seed, 1)),
    E.bind('features', (found) => firstSight(found.convolutional.learnt)(found.still[0])),
    E.bind('moved', () => inEpochs(task.train, task, SHIFT, seed, 8)),
    E.bind('denseSummary', () => summary(dense, spec([1, 28, 28]))),
    E.bind('summary', () => summary(convolutional, spec([1, 28, 28]))),
    E.bind('refusal', () => refusal(task.train)),
  )
}

type Computed = Found<typeof computed>

const drawn = ({ train, test }: Task, found: Computed) =>
  pictures({
    ...found,
    train,
    test,
    weights: found.dense.learnt.parameters[0].w,
    kernels: found.convolutional.learnt.parameters[0].w as Tensor<readonly [number, number, number, number]>,
  })

/** What a run was like. */
type Pace = Pick<Schooled<unknown, unknown>, 'steps' | 'seconds' | 'loading'>

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`

const told = (task: Task, found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { interruption, denseAccuracy, accuracy } = found
  const epochs = (learning: { readonly tested: ReadonlyArray<unknown> }): number => learning.tested.length
  const pace = (name: string, parameters: number, learning: Pace, right: number) => [
    name,
    count(parameters),
    count(learning.steps),
    (learning.steps / learning.seconds).toFixed(1),
    learning.seconds.toFixed(1),
    percent(learning.loading),
    percent(right),
  ]
  const wrong = mistakes(found.scores, task.test)
  return {
    numbers: {
      train: task.train.rows,
      test: task.test.rows,
      mean: task.mean,
      deviation: task.deviation,
      denseParameters: found.denseSummary.parameters,
      parameters: found.summary.parameters,
      denseAccuracy,
      accuracy,
      compared: interruption.numbers,
      differing: interruption.differing,
      denseStepsPerSecond: found.dense.steps / found.dense.seconds,
      stepsPerSecond: found.convolutional.steps / found.convolutional.seconds,
      seconds: found.convolutional.seconds,
    },
    figures,
    chart: losses(found),
    page: {
      title: 'Lesson 11: handwritten digits',
      lead: 'Two networks learn to read: from files of bytes to what they have learnt, in pictures.',
      sections: [
        section(
          'Bytes that are digits',
          ...(task.source === 'MNIST'
            ? [
                text(
                  'MNIST is four files: images and labels of 60 000 digits to learn from, and of 10 000 to be tested on, written by other people. `readMnist` reads them, compressed or not, and believes nothing it has not checked: how large they are, what type they have, and that a label is a digit.',
                ),
              ]
            : [
                note(
                  'plain',
                  `Here are only the ${count(task.train.rows + task.test.rows)} digits that come along, ${count(task.train.rows)} to learn from and ${count(task.test.rows)} to be tested on. So few teach less than 60 000 do, and the numbers below are lower for it. With the four files of MNIST in a folder, \`wengert lesson 11 --data FOLDER\` tells the whole story.`,
                ),
              ]),
          text(
            'A file that was cut off after 2000 bytes is answered with a sentence, not with an exception or with zeros:',
          ),
          code(found.refusal),
          figure(figures.digits, 'The first of the digits to learn from.'),
          text(
            `A pixel is a byte. A network likes numbers around 0, so the mean of all pixels to learn from (${task.mean.toFixed(4)}, with white ink as 1) is subtracted and their deviation (${task.deviation.toFixed(4)}) divided by. A label becomes a row of ten numbers with a single 1. Labels are unfolded while a batch is filled; pixels are put there as they are, and the step that learns from them begins with the subtraction. The data stay bytes.`,
          ),
          quote('rawFeeds', 'standardised'),
        ),
        section(
          'A dense network',
          text('The plainest network that works: 784 pixels, 128 hidden units, ten scores.'),
          quote('dense', 'slowing'),
          code(showSummary(found.denseSummary)),
          text(
            `Adam, batches in a new order each epoch, and a rate that falls along a cosine. After ${epochs(found.dense)} epochs it reads **${percent(denseAccuracy)}** of the digits it has never seen.`,
          ),
          figure(
            figures.weights,
            'Weights between the pixels and twenty of the hidden units, red for ink and blue against it. Each looks at the whole image, for a pattern that lies just there.',
          ),
        ),
        section(
          'A convolutional network',
          text(
            'A digit that is moved by two pixels is the same digit in other pixels. A convolution looks for the same small pattern everywhere, and pooling forgets a little of where it was. Two rounds of that, and then a dense network:',
          ),
          quote('eye', 'convolutional', 'inOneCycle'),
          code(showSummary(found.summary)),
          text(
            `It has about as many parameters as the dense network, and does ${(found.summary.operations / found.denseSummary.operations).toFixed(1)} times as much with them, for a kernel is used at every place. And it is given more digits than there are: in each epoch an image is moved by up to ${SHIFT} pixels, drawn from the seed, the epoch and the image.`,
          ),
          figure(
            figures.moved,
            'Nothing of this is stored. Batch number `i` depends on the data, the key and `i` alone.',
          ),
          text(
            `After ${epochs(found.convolutional)} epochs it reads **${percent(accuracy)}** of the digits it has never seen. It takes ${count(wrong.length)} of ${count(task.test.rows)} for others, the dense network ${count(Math.round((1 - denseAccuracy) * task.test.rows))}.`,
          ),
          row(
            figure(
              figures.losses,
              'Means over a hundredth of the steps. The convolutional network has a harder time, for its digits move and a quarter of its units are dropped.',
            ),
            figure(figures.tested, 'On digits never seen nothing moves and nothing is dropped.'),
          ),
          figure(figures.rate, 'One rate only falls; the other warms up first.'),
        ),
        section(
          'What it gets wrong',
          figure(figures.confusion, 'Rows are what was written, columns what was read.'),
          figure(figures.mistakes, '`4 as 9` is a 4 that was read as 9. Some of them you may want to argue about.'),
        ),
        section(
          'What it has learnt',
          text('Nobody told the network what to look for. These are its first kernels, five by five weights each:'),
          figure(
            figures.kernels,
            'Red and blue weights are for and against ink. A kernel that is red on one side and blue on the other answers to an edge.',
          ),
          text(
            'A model is a list of layers, so its first four are a model too. Asked about a digit, with the weights that the whole has learnt, they say where each kernel has found something:',
          ),
          quote('firstSight'),
          figure(figures.features, 'Bright is where the kernel of the same place answers.'),
        ),
        section(
          'Stopped, and resumed',
          text(
            'A long run is stopped sometimes, by a power cut or by you. What it draws (the order of the digits, their shifts, the units that are dropped) depends on the seed and on the number of the step alone, and a checkpoint has the rest: parameters, the moments of Adam, running statistics.',
          ),
          quote('stoppedAfter', 'resumed'),
          text(
            `For a proof, ${count(FEW.digits)} digits were learnt for ${FEW.epochs} epochs in one go; and again, stopped after ${FEW.stop} steps in the middle of an epoch, and resumed from the file of ${count(interruption.bytes)} bytes.`,
          ),
          note(
            interruption.differing === 0 ? 'good' : 'bad',
            `Of ${count(interruption.numbers)} numbers learnt, ${count(interruption.differing)} differ in any bit.`,
          ),
        ),
        section(
          'How long it took',
          facts({ 'dense network': percent(denseAccuracy), 'convolutional network': percent(accuracy) }),
          table(
            ['network', 'parameters', 'steps', 'steps a second', 'seconds', 'making batches', 'right'],
            [
              pace('dense', found.denseSummary.parameters, found.dense, denseAccuracy),
              pace('convolutional', found.summary.parameters, found.convolutional, accuracy),
            ],
          ),
          text(
            'A step (forward, backward, Adam) is one program, compiled to WebAssembly over single precision and run on one thread. Making batches is the part of the time that it took to bring the rows into order, and to copy and shift the images.',
          ),
        ),
      ],
      footer:
        'Digits: MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, of data by NIST. The times are those of one run on one computer.',
    },
  }
}

const PARTS = ['./parts/digits.ts', './parts/interrupted.ts', './parts/networks.ts']

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 11,
  name: 'mnist',
  title: 'Handwritten digits',
  run: inParts({
    sources: [import.meta.url, ...PARTS.map((part) => new URL(part, import.meta.url).href)],
    computed: (options) =>
      pipe(
        taskOf(options),
        TE.bindTo('task'),
        TE.bind('found', ({ task }) => TE.fromEither(computed(options, task))),
      ),
    drawn: ({ task, found }) => drawn(task, found),
    told: ({ task, found }, figures, quote) => told(task, found, figures, quote),
  }),
}
