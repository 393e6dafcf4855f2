/**
 * Lesson 2: curves out of lines. Functions that are composed, what a sigmoid is, and what composing random ones gives.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { concatAll, type Monoid } from 'fp-ts/lib/Monoid.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  div,
  exp,
  type Failure,
  flatMap,
  grad,
  map,
  matmul,
  mul,
  neg,
  type Reverse,
  record,
  relu,
  run,
  scalar,
  sigmoid,
  spec,
  sub,
  tensor,
  type Var,
  vmap,
} from 'wengert'
import { fold, type Key, key } from 'wengert/Random'
import { of } from 'wengert/Reverse'
import { lineChartSvg, type Series } from 'wengert/show'
import { linspace, normal } from 'wengert/Tensor'
import {
  brief,
  count,
  type Found,
  figure,
  inParts,
  iterate,
  type Lesson,
  note,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

type Scalar = Var<readonly []>
/** Rows are points, columns are numbers at each point. */
type Rows = Var<readonly [number, number]>
type Layer = (x: Rows) => Reverse<Rows>

const composition: Monoid<Layer> = {
  empty: of,
  concat: (f, g) => (x) => flatMap(f(x), g),
}

const sequence = concatAll(composition)

const randomLinear = (k: Key, inputs: number, outputs: number): Layer => {
  const w = normal(fold(k, 0), [inputs, outputs], 0, 2)
  const b = normal(fold(k, 1), [outputs], 0, 2)
  return (x) => add(matmul(x, w), b)
}

const bends = { relu, sigmoid }

type Word = 'linear' | keyof typeof bends

/** A sequence by its words: every linear map but the last gives `width` numbers, with coefficients of its own. */
const layers = (words: ReadonlyArray<Word>, width: number, k: Key): ReadonlyArray<Layer> => {
  const last = words.lastIndexOf('linear')
  return words.map((word, i) =>
    word === 'linear'
      ? randomLinear(fold(k, i), words.indexOf('linear') === i ? 1 : width, i === last ? 1 : width)
      : bends[word],
  )
}

const written = (x: Scalar): Reverse<Scalar> => div(1, add(1, exp(neg(x))))

const euler =
  (h: number) =>
  ({ f }: { readonly f: Scalar }): Reverse<{ readonly f: Scalar }> =>
    map((next: Scalar) => ({ f: next }))(add(f, mul(h, mul(f, sub(1, f)))))

const EDGE = 6
const POINTS = 401
const xs = Array.from(linspace(-EDGE, EDGE, POINTS).data)
const column = tensor(xs.map((x) => [x]))

const curve = (layer: Layer): E.Either<Failure, ReadonlyArray<number>> =>
  E.map((y: { readonly data: ArrayLike<number> }) => Array.from(y.data))(run(layer)(column))

/** How often a curve changes between rising and falling; what is flat to rounding is neither. */
const turns = (ys: ReadonlyArray<number>): number => {
  const rises = ys.slice(1).map((y, i) => y - ys[i])
  const signs = rises.filter((d) => Math.abs(d) > 1e-12).map(Math.sign)
  return signs.filter((s, i) => i > 0 && s !== signs[i - 1]).length
}

const greatest = (numbers: ReadonlyArray<number>): number => numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 0)

const SEQUENCES: ReadonlyArray<ReadonlyArray<Word>> = [
  ['linear', 'sigmoid'],
  ['linear', 'relu', 'linear', 'sigmoid'],
  ['linear', 'sigmoid', 'linear', 'sigmoid'],
  ['linear', 'relu', 'linear', 'relu', 'linear', 'sigmoid'],
  ['linear', 'sigmoid', 'linear', 'sigmoid', 'linear', 'sigmoid'],
  ['linear', 'relu', 'linear', 'sigmoid', 'linear', 'sigmoid'],
]
const WIDTH = 16

/** The slope that the tape has for a function, at each point of the grid. */
const slopes = (f: (x: Scalar) => Reverse<Scalar>) => run(vmap(grad(f)))(linspace(-EDGE, EDGE, POINTS))

/** Follows the slope from one half at zero, in steps of `h`. */
const followed = (h: number): E.Either<Failure, ReadonlyArray<readonly [x: number, f: number]>> =>
  iterate(euler(h), { f: scalar(0.5) }, { steps: EDGE / h, look: ({ f }, i) => [i * h, f[0]] as const })

const gallery = (width: number, seed: number) =>
  E.traverseArray((words: ReadonlyArray<Word>) => curve(sequence(layers(words, width, key(seed)))))(SEQUENCES)

const computed = (seed: number) => {
  const [f, g, h] = layers(['linear', 'sigmoid', 'linear'], WIDTH, key(seed))
  return sequenceS(E.Apply)({
    sigmoidAt: run((x: Rows) => sigmoid(x))(column),
    slope: slopes(written),
    reluSlope: run(vmap(grad((x: Scalar) => relu(x))))(tensor([-1, 0, 1])),
    coarse: followed(1),
    fine: followed(1 / 16),
    lines: curve(sequence(layers(['linear', 'linear', 'linear', 'linear'], WIDTH, key(seed)))),
    narrow: gallery(1, seed),
    wide: gallery(WIDTH, seed),
    empty: record(sequence([]))(spec([POINTS, 1])),
    left: curve(composition.concat(composition.concat(f, g), h)),
    right: curve(composition.concat(f, composition.concat(g, h))),
  })
}

type Computed = Found<typeof computed>

const series = (name: string, ys: ArrayLike<number>): Series => ({
  name,
  points: Array.from(ys, (y, i) => [xs[i], y] as const),
})

const axes = { xLabel: 'x', yLabel: 'f(x)' }

const drawn = ({ sigmoidAt, coarse, fine, narrow, wide }: Computed) => {
  const curves = (title: string, all: ReadonlyArray<ReadonlyArray<number>>) =>
    lineChartSvg(
      { title, ...axes, series: all.map((ys, i) => series(String.fromCharCode(97 + i), ys)) },
      { width: 560, height: 400 },
    )
  return sequenceS(TE.ApplyPar)({
    sigmoid: lineChartSvg({
      title: 'A function that is its own slope, times what is left to 1',
      ...axes,
      series: [
        series('sigmoid', sigmoidAt.data),
        { name: 'steps of 1', points: coarse, as: 'both' },
        { name: 'steps of 1/16', points: fine },
      ],
    }),
    narrow: curves('One number at a time', narrow),
    wide: curves(`${WIDTH} numbers at a time`, wide),
  })
}

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { sigmoidAt, slope, reluSlope, coarse, fine, lines, narrow, wide, empty, left, right } = found
  const slopeGap = greatest(Array.from(slope.data, (d, i) => d - sigmoidAt.data[i] * (1 - sigmoidAt.data[i])))
  const away = (path: typeof coarse): number => greatest(path.map(([x, f]) => f - 1 / (1 + Math.exp(-x))))
  const bend = greatest(lines.slice(2).map((y, i) => y - 2 * lines[i + 1] + lines[i])) / greatest(lines)
  const [narrowTurns, wideTurns] = [narrow, wide].map((all) => all.map(turns))
  const numbers = {
    slopeGap,
    coarse: away(coarse),
    fine: away(fine),
    bend,
    narrowTurns: Math.max(...narrowTurns),
    wideTurns: Math.max(...wideTurns),
    emptyInstructions: empty.tape.length - 1,
    bracketGap: greatest(left.map((y, i) => y - right[i])),
  }
  return {
    numbers,
    figures,
    page: {
      title: 'Lesson 2: curves out of lines',
      lead: 'A line bends nowhere. What else does it take?',
      sections: [
        section(
          'A curve that knows its own slope',
          text(
            "Something grows in proportion to what there is of it and to what is left to 1: rumours, bacteria, confidence. As an equation, `f' = f (1 - f)`. Start at one half and follow the slope:",
          ),
          quote('euler'),
          figure(
            figures.sigmoid,
            `Steps of 1 are off by up to ${brief(numbers.coarse)}, steps of a sixteenth by ${brief(numbers.fine)}.`,
          ),
          text('The smaller the steps, the nearer they come to a function with a formula, the sigmoid:'),
          quote('written'),
          text(
            `Does it solve the equation? The tape knows its slope. At ${count(POINTS)} points \`grad(written)\` and \`f (1 - f)\` differ by at most ${brief(slopeGap)}, which is rounding.`,
          ),
        ),
        section(
          'A curve with a corner',
          text(
            `The other bend in this lesson is \`relu\`: 0 below 0, and \`x\` above. Its slope at -1, 0 and 1 is ${Array.from(reluSlope.data).join(', ')} on the tape. At the corner there is none; 0 is a convention.`,
          ),
        ),
        section(
          'Composing is a fold',
          text('A layer takes rows of numbers to rows of numbers. Two layers, one after the other, are a layer again:'),
          quote('Layer', 'composition', 'sequence'),
          text(
            `That is a monoid, and a sequence of layers is its fold. So an empty list is the identity, which records ${numbers.emptyInstructions} instructions; and brackets do not matter: \`(f g) h\` and \`f (g h)\` differ by ${numbers.bracketGap} on every point.`,
          ),
          text('The layers here are random linear maps, and the two bends between them.'),
          quote('randomLinear'),
          text(
            `Without bends nothing is gained. Four linear maps, through ${WIDTH} numbers, are a line again: its second difference is ${brief(bend)} of its height.`,
          ),
        ),
        section(
          'A gallery',
          row(
            figure(figures.narrow, 'Each curve composes maps of one number to one.'),
            figure(figures.wide, `The same sequences, with ${WIDTH} numbers between the maps.`),
          ),
          table(
            ['', 'layers', 'turns, one number', `turns, ${WIDTH} numbers`],
            SEQUENCES.map((words, i) => [
              String.fromCharCode(97 + i),
              `\`${words.join(', ')}\``,
              narrowTurns[i],
              wideTurns[i],
            ]),
            'How often each curve turns from rising to falling or back.',
          ),
          note(
            'plain',
            'On the left nothing ever turns: the composition of monotone functions is monotone, however long the list. Depth alone does not make hills. It is the sums inside a wide linear map that do: a rising curve plus a falling one may go both ways.',
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
  number: 2,
  name: 'curves',
  title: 'Curves out of lines',
  run: inParts({
    sources: [import.meta.url],
    computed: ({ seed }) => TE.fromIOEither(() => computed(seed)),
    drawn,
    told,
  }),
}
