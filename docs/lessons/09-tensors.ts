/**
 * Lesson 9: tensors. How they are made, shown, typed, stretched and cut; why nobody can change one; and looking inside a
 * model without touching it.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  bools,
  convert,
  type Failure,
  grad,
  ints,
  mean,
  mul,
  named,
  type Reverse,
  run,
  square,
  tensor,
  type Var,
  watch,
} from 'wengert'
import { type Key, key } from 'wengert/Random'
import { heatMapSvg, histogramSvg } from 'wengert/show'
import * as T from 'wengert/Tensor'
import {
  code,
  count,
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

const made = (k: Key) => ({
  zeros: T.zeros([2, 3]),
  ones: T.ones([3]),
  full: T.full([2, 2], 7),
  eye: T.eye(3),
  arange: T.arange(0, 10, 3),
  linspace: T.linspace(0, 1, 5),
  nested: tensor([
    [1, 2],
    [3, 4],
  ]),
  like: T.zerosLike(T.ones([3])),
  integers: ints([1, 2, 3]),
  booleans: bools([true, false]),
  uniform: T.uniform(k, [4]),
  normal: T.normal(k, [4]),
})

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

const parts = {
  row: T.slice(a, 1),
  column: T.slice(a, ':', 0),
  backwards: T.slice(a, -1, { step: -1 }),
  tail: T.slice(a, 0, { start: 1 }),
  reshaped: T.reshape(a, [3, 2]),
  found: T.reshape(a, [3, -1]),
  transposed: T.permute(a, [1, 0]),
  outside: T.slice(a, 2),
  wrong: T.reshape(a, [4]),
}

const SIZES = { column: [3, 1], row: [1, 4], scalar: [], vector: [4], matrix: [3, 4], other: [3] } as const

const PAIRS: ReadonlyArray<readonly [keyof typeof SIZES, keyof typeof SIZES]> = [
  ['matrix', 'scalar'],
  ['matrix', 'vector'],
  ['matrix', 'column'],
  ['column', 'row'],
  ['matrix', 'other'],
]

type Any = Var<ReadonlyArray<number>>

/** The sum of two tensors whose shapes the compiler does not know. */
const sum = (x: T.Tensor, y: T.Tensor): E.Either<Failure, T.AnyTensor> =>
  run((p: { readonly x: Any; readonly y: Any }) => add(p.x, p.y))({ x, y })

const mixed = run((p: { readonly x: Var<readonly [3], 'int'>; readonly y: Var<readonly [3]> }) =>
  // @ts-expect-error an integer and a real do not add up
  add(p.x, p.y),
)({ x: ints([1, 2, 3]), y: tensor([1, 2, 3]) })

const meant = run((p: { readonly x: Var<readonly [3], 'int'>; readonly y: Var<readonly [3]> }) =>
  add(convert(p.x, 'real'), p.y),
)({ x: ints([1, 2, 3]), y: tensor([1, 2, 3]) })

const largest = run((x: Var<readonly [1], 'int'>) => add(x, 1))(ints([2 ** 31 - 1]))

type Square = Var<readonly [2, 2]>

const model = (x: Square): Reverse<Var<readonly []>> => {
  const y = named('y')(add(x, 2))
  const z = named('z')(mul(square(y), 3))
  return mean(z)
}

const looking = (x: Square) => watch(model, ['y', 'z'])(x)

const simple = (x: Square): Reverse<Var<readonly []>> => mean(mul(add(x, 1), 2))

/** What a caller does to an array of their own after making a tensor of it. */
const betrayed = (): number => {
  const mine = [1, 2, 3]
  const t = tensor(mine)
  mine[0] = 99
  return t.data[0]
}

const DRAWS = 10_000

const computed = (seed: number) =>
  pipe(
    sequenceS(E.Apply)({
      meant,
      largest,
      reshaped: parts.reshaped,
      out: run(model)(T.ones([2, 2])),
      gradient: run(grad(model))(T.ones([2, 2])),
      simple: run(grad(simple))(T.ones([2, 2])),
      looked: run(looking)(T.ones([2, 2])),
      outer: sum(tensor([[0], [10], [20]]), tensor([[0, 1, 2, 3]])),
    }),
    E.map((found) => ({ ...found, seed })),
  )

type Computed = Found<typeof computed>

const drawn = ({ outer, seed }: Computed) => {
  const grid = (title: string, values: ReadonlyArray<ReadonlyArray<number>>) =>
    heatMapSvg(
      {
        title,
        rowLabel: '',
        columnLabel: '',
        rows: values.map((_, i) => String(i)),
        columns: values[0].map((_, j) => String(j)),
        values,
        range: [0, 23],
        text: String,
      },
      { width: 300, height: 240 },
    )
  const draws = (title: string, values: T.AnyTensor) =>
    histogramSvg({ title, xLabel: 'value', values: Array.from(values.data) }, { width: 480, height: 320 })
  return sequenceS(TE.ApplyPar)({
    column: grid('a column [3, 1]', [[0], [10], [20]]),
    row: grid('a row [1, 4]', [[0, 1, 2, 3]]),
    outer: grid('their sum [3, 4]', T.toNested(outer) as never),
    uniform: draws(`${count(DRAWS)} uniform draws`, T.uniform(key(seed), [DRAWS])),
    normal: draws(`${count(DRAWS)} normal draws`, T.normal(key(seed), [DRAWS])),
  })
}

const said = (e: E.Either<Failure, T.AnyTensor>): string =>
  `\`${E.isLeft(e) ? e.left.message : T.show(e.right).replaceAll('\n', ' ')}\``

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { out, gradient, simple: slope, looked, reshaped, largest: wrapped, seed } = found
  const { y, z } = looked.watched
  const all = made(key(seed))
  const listed = (t: T.AnyTensor): string => `\`${T.show(t).replaceAll('\n', ' ')}\``
  const numbers = {
    out: out.data[0],
    gradient: gradient.data[0],
    simple: slope.data[0],
    y: y.value.data[0],
    yCotangent: y.cotangent.data[0],
    z: z.value.data[0],
    zCotangent: z.cotangent.data[0],
    betrayed: betrayed(),
    shared: reshaped.data === a.data ? 1 : 0,
    wrapped: wrapped.data[0],
    again: T.equals(T.normal(key(seed), [4]), all.normal) ? 1 : 0,
  }
  return {
    numbers,
    figures,
    page: {
      title: 'Lesson 9: tensors',
      lead: 'Boxes of numbers with a shape and a type, which nobody can change.',
      sections: [
        section(
          'Making them',
          quote('made'),
          table(
            ['', 'shape', 'type', 'printed'],
            Object.entries<T.AnyTensor>(all).map(([name, t]) => [name, `[${t.shape.join(', ')}]`, t.dtype, listed(t)]),
          ),
          text(
            'Random ones need a key, and the same key gives the same numbers, today and in ten years. There is no hidden state that somebody else might have drawn from.',
          ),
          row(
            figure(figures.uniform, 'Between 0 and 1, evenly.'),
            figure(figures.normal, 'Around 0, mostly within 1.'),
          ),
          text('Large ones are printed by their edges:'),
          code(T.show(T.normal(key(seed), [100, 100]), { precision: 3 })),
        ),
        section(
          'Three types, and no guessing',
          text(
            'Elements are `real`, `int` or `bool`. A plain number takes the type of the tensor beside it. Two tensors of different types do not add up: the compiler refuses, and so does the library when the compiler could not know.',
          ),
          quote('mixed', 'meant'),
          table(
            ['', 'is'],
            [
              ['`mixed`', said(mixed)],
              ['`meant`', said(E.right(found.meant))],
              ['the largest integer plus 1', `\`${wrapped.data[0]}\``],
            ],
          ),
        ),
        section(
          'Stretching',
          text(
            'Shapes are compared from the last dimension on. Where one has length 1, or none at all, it is repeated to fit the other; otherwise they must agree.',
          ),
          row(figure(figures.column, 'Three rows,'), figure(figures.row, 'four columns,')),
          figure(figures.outer, 'and every pair of them.'),
          table(
            ['left', 'right', 'sum'],
            PAIRS.map(([left, right]) => {
              const made = sum(T.ones(SIZES[left]), T.ones(SIZES[right]))
              const shape = (s: ReadonlyArray<number>): string => `[${s.join(', ')}]`
              return [
                shape(SIZES[left]),
                shape(SIZES[right]),
                E.isLeft(made) ? made.left.message : shape(made.right.shape),
              ]
            }),
          ),
        ),
        section(
          'Cutting and rearranging',
          quote('a', 'parts'),
          table(
            ['', 'is'],
            Object.entries<E.Either<Failure, T.AnyTensor>>(parts).map(([name, part]) => [name, said(part)]),
          ),
        ),
        section(
          'Nobody can change one',
          text(
            `In many libraries \`reshape\` gives another view of the same memory, and writing to one writes to both. Here \`reshaped\` and \`a\` ${numbers.shared === 1 ? 'share' : 'do not share'} their memory too, and it does not matter: the type of what a tensor holds has no way to write.`,
          ),
          text(
            `Even whoever made a tensor of an array of their own cannot reach in through it afterwards. This gives ${numbers.betrayed}:`,
          ),
          quote('betrayed'),
          text(
            'What other libraries do in place is a new value here, and inside a compiled program the engine finds out by itself when it may reuse the memory of the old one.',
          ),
        ),
        section(
          'Into a model and back',
          text(
            'Tensors are what goes in and what comes out; computing is what programs do. Add 1, double, take the mean:',
          ),
          quote('simple'),
          text(
            `Of its four elements each moves the mean by a quarter of 2, so the gradient is ${Array.from(slope.data).join(', ')}. A little longer, with names:`,
          ),
          quote('model'),
          text(`At ones it gives ${out.data[0]}, and the gradient is ${Array.from(gradient.data).join(', ')}.`),
        ),
        section(
          'Looking inside',
          text(
            'What is `y` on the way, and what comes back to it? Elsewhere one hangs hooks into a model and takes them out again. Here one asks for what one wants to see, and the model does not know:',
          ),
          quote('looking'),
          table(
            ['', 'value', 'cotangent'],
            [
              ['y', listed(y.value), listed(y.cotangent)],
              ['z', listed(z.value), listed(z.cotangent)],
            ],
          ),
          note(
            'plain',
            'What is watched comes along with the value of the model, from one program. So one can train a network and look into it in the same step.',
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
  number: 9,
  name: 'tensors',
  title: 'Tensors',
  run: inParts({
    sources: [import.meta.url],
    computed: ({ seed }) => TE.fromIOEither(() => computed(seed)),
    drawn,
    told,
  }),
}
