/**
 * Lesson 7: gates out of neurons, and a forward pass by hand.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  type Failure,
  gen,
  matmul,
  mul,
  type Operand,
  type Reverse,
  run,
  sigmoid,
  softmax,
  tensor,
  type Var,
} from 'wengert'
import { type Field, fieldSvg } from 'wengert/show'
import { type AnyTensor, linspace, toNested } from 'wengert/Tensor'
import {
  type Found,
  figure,
  inParts,
  type Lesson,
  note,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

type Bit = Operand<readonly [number]>
type Gate = (p: Bit, q: Bit) => Reverse<Var<readonly [number]>>

const neuron =
  (w1: number, w2: number, b: number): Gate =>
  (p, q) =>
    sigmoid(add(add(mul(p, w1), mul(q, w2)), b))

const or = neuron(20, 20, -10)
const nand = neuron(-10, -10, 14)
const and = neuron(10, 10, -19)

const xor: Gate = (p, q) => and(or(p, q), nand(p, q))

const GATES = {
  or: { gate: or, truth: [0, 1, 1, 1] },
  nand: { gate: nand, truth: [1, 1, 1, 0] },
  and: { gate: and, truth: [0, 0, 0, 1] },
  xor: { gate: xor, truth: [0, 1, 1, 0] },
}

const NAMES = ['or', 'nand', 'and', 'xor'] as const

const at = (gate: Gate, p: ReadonlyArray<number>, q: ReadonlyArray<number>): E.Either<Failure, ReadonlyArray<number>> =>
  E.map(({ data }: AnyTensor) => Array.from(data))(
    run((x: { readonly p: Var<readonly [number]>; readonly q: Var<readonly [number]> }) => gate(x.p, x.q))({
      p: tensor(p),
      q: tensor(q),
    }),
  )

const P = [0, 0, 1, 1]
const Q = [0, 1, 0, 1]

const W1 = tensor([
  [2, -1, 1, 4],
  [-1, 2, -3, 1],
  [3, -2, -1, 5],
])
const W2 = tensor([
  [3, 1, -2, 1],
  [-2, 4, 1, -4],
  [-1, -3, 2, -5],
  [3, 1, 1, 1],
])
const W3 = tensor([
  [-1, 3, -2],
  [1, -1, -3],
  [3, -2, 2],
  [1, 2, 1],
])

const ROWS = tensor([
  [0.5, 0.8, 0.2],
  [0.1, 0.9, 0.6],
  [0.2, 0.2, 0.3],
  [0.6, 0.1, 0.9],
  [0.5, 0.5, 0.4],
  [0.9, 0.1, 0.9],
  [0.1, 0.8, 0.7],
])

const layers = (x: Var<readonly [7, 3]>) =>
  gen(function* () {
    const z1 = yield* matmul(x, W1)
    const a1 = yield* sigmoid(z1)
    const z2 = yield* matmul(a1, W2)
    const a2 = yield* sigmoid(z2)
    const z3 = yield* matmul(a2, W3)
    return { z1, a1, z2, a2, z3, output: yield* softmax(z3) }
  })

/** How fine the squares over which gates are drawn. */
const SIDE = 41
const [LOW, HIGH] = [-0.5, 1.5]

const fieldOf = (gate: Gate): E.Either<Failure, Field> => {
  const line = Array.from(linspace(LOW, HIGH, SIDE).data)
  const values = at(
    gate,
    line.flatMap(() => line),
    line.flatMap((q) => line.map(() => q)),
  )
  return E.map((all: ReadonlyArray<number>) => ({
    x: [LOW, HIGH] as const,
    y: [LOW, HIGH] as const,
    values: line.map((_, i) => all.slice(i * SIDE, (i + 1) * SIDE)),
  }))(values)
}

const computed = () =>
  sequenceS(E.Apply)({
    truths: E.traverseArray((name: (typeof NAMES)[number]) => at(GATES[name].gate, P, Q))(NAMES),
    fields: E.traverseArray((name: (typeof NAMES)[number]) => fieldOf(GATES[name].gate))(NAMES),
    passes: run(layers)(ROWS),
  })

type Computed = Found<typeof computed>

const drawn = ({ fields }: Computed) => {
  const picture = (i: number) => {
    const { truth } = GATES[NAMES[i]]
    const ones = P.flatMap((p, n) => (truth[n] === 1 ? [[p, Q[n]] as const] : []))
    return fieldSvg(
      {
        title: NAMES[i].toUpperCase(),
        xLabel: 'p',
        yLabel: 'q',
        field: fields[i],
        range: [0, 1],
        levels: [0.5],
        scale: 'diverging',
        series: [{ name: 'should be 1', points: ones, as: 'points' }],
      },
      { width: 420, height: 380 },
    )
  }
  return sequenceS(TE.ApplyPar)({ or: picture(0), nand: picture(1), and: picture(2), xor: picture(3) })
}

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { truths, passes } = found
  const wrong = NAMES.map((name, i) => truths[i].filter((v, n) => Math.round(v) !== GATES[name].truth[n]).length)
  const rowsOf = (t: AnyTensor): ReadonlyArray<ReadonlyArray<number>> => toNested(t) as never
  const outputs = rowsOf(passes.output)
  const printed = (xs: ReadonlyArray<number>, digits: number): ReadonlyArray<string> => xs.map((x) => x.toFixed(digits))
  const first = (name: string, t: AnyTensor): ReadonlyArray<string> => [
    name,
    `\`${printed(rowsOf(t)[0], 5).join('  ')}\``,
  ]
  return {
    numbers: {
      wrong: wrong.reduce((a, b) => a + b, 0),
      ...Object.fromEntries(outputs.flatMap((row, i) => row.map((v, j) => [`output${i + 1}${j + 1}`, v] as const))),
    },
    figures,
    page: {
      title: 'Lesson 7: gates, and a forward pass by hand',
      lead: 'Three numbers make a gate, three gates make the one that three numbers cannot.',
      sections: [
        section(
          'A neuron is a soft gate',
          text(
            'Weigh two inputs, add a number, and squash it between 0 and 1. With weights that are large enough, the result is nearly a bit:',
          ),
          quote('neuron', 'or', 'xor'),
          text(
            'XOR is written as one would say it: or, and not both. There is no new machinery in that line. Gates are functions, so gates of gates are functions too.',
          ),
          table(
            ['p, q', ...NAMES.map((name) => name.toUpperCase())],
            P.map((p, n) => [`${p}, ${Q[n]}`, ...truths.map((values) => values[n].toFixed(5))]),
            'What the neurons say at the four corners.',
          ),
          text(`Rounded, ${16 - wrong.reduce((a, b) => a + b, 0)} of the 16 values are what logic wants.`),
        ),
        section(
          'What a neuron can see',
          row(
            figure(figures.or, 'One line cuts off one corner.'),
            figure(figures.nand, 'Another line, the other corner.'),
          ),
          row(
            figure(figures.and, `The same again, but less sure: ${truths[2][3].toFixed(2)} at its corner.`),
            figure(figures.xor, 'Two lines: between them it is true.'),
          ),
          text(
            'Where a neuron changes its mind is a line, and no line separates the corners of XOR. Two lines do, and a third neuron that puts them together. That is what a hidden layer is for.',
          ),
        ),
        section(
          'Forward by hand',
          text(
            'Now three layers with weights that somebody made up: sigmoid, sigmoid, and a softmax that makes probabilities of three numbers.',
          ),
          quote('layers'),
          text(
            `Seven examples go through at once, since a batch is only more rows. Of the first, ${rowsOf(ROWS)[0].join(', ')}, every stage:`,
          ),
          table(
            ['stage', 'first row'],
            [
              first('x W1', passes.z1),
              first('sigmoid', passes.a1),
              first('a1 W2', passes.z2),
              first('sigmoid', passes.a2),
              first('a2 W3', passes.z3),
              ['softmax', `\`${printed(outputs[0], 8).join('  ')}\``],
            ],
          ),
          text('And the answers for all seven:'),
          table(
            ['input', 'first', 'second', 'third'],
            rowsOf(ROWS).map((x, i) => [x.join(', '), ...printed(outputs[i], 8)]),
          ),
          note('plain', 'Each row sums to 1, and the third class never has a chance: nobody has trained this network.'),
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
  number: 7,
  name: 'gates',
  title: 'Gates, and a forward pass by hand',
  run: inParts({
    sources: [import.meta.url],
    computed: () => TE.fromIOEither(computed),
    drawn,
    told,
  }),
}
