/**
 * `npm run bench:verify`: how often the verifier is right, beside the checkers in common use. `--quick` runs a tenth of it,
 * `--programs N`, `--mutants N` and `--seed S` set the sizes and where everything random comes from, `--json` prints the
 * figures as data, and `--examples` lists on the error stream one program of each kind that was misjudged.
 *
 * A corpus of random tensor programs, correct ones first. Then single rules of primitives that a program uses are made wrong
 * by a relative error, and accumulation is made to overwrite or to drop. A mutant counts only if it matters at the point:
 * by double-double some entry of the gradient must change by more than 2^-45 of the bound on its float64 rounding error
 * (about 2^-98 of what flows into it), which is what double-double itself can tell from rounding. Whatever a checker says
 * besides "correct" about such a mutant counts as noticed; VACUOUS does not.
 */
import * as fc from 'fast-check'
import type { Either } from 'fp-ts/lib/Either.js'
import {
  type AnyTensor,
  type AnyVar,
  abs,
  add,
  cos,
  div,
  exp,
  flatMap,
  gen,
  jvp,
  log,
  matmul,
  mean,
  mul,
  type Program,
  type Reverse,
  record,
  relu,
  type Shape,
  sigmoid,
  softmax,
  spec,
  square,
  sub,
  sum,
  tensor,
  type Var,
  valueAndGrad,
  vjp,
} from 'wengert'
import { type Algebra, Complex, DoubleDouble, ErrorBound, F64, Interval } from 'wengert/algebra'
import { evaluate } from 'wengert/engine'
import { Arbitrary, factor, library, type Model } from 'wengert/laws'
import { type Calculus, needed, type PrimitiveName } from 'wengert/primitive'
import { bits, fold, key, uniform01 } from 'wengert/Random'
import { unsafeMake, zeros } from 'wengert/Tensor'
import { leaves } from 'wengert/Tree'
import {
  type Blame,
  complexSteps,
  directionOf,
  missProbability,
  problemOf,
  type Report,
  refute,
  type Taken,
  type Verdict,
  verifyGradient,
} from 'wengert/verify'
import { type Case, type Checker, checkers, type Draws, type Numbers } from './checkers.js'
import { atMost, exactly, type Figure, median, milliseconds, report, reported } from './report.js'

type Vars = ReadonlyArray<AnyVar>
type Flat = Program<Vars, Vars>
type Mapping = (xs: Vars) => Reverse<Vars>

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  const given = at < 0 ? fallback : Number(process.argv[at + 1])
  if (!Number.isSafeInteger(given) || given < 0) {
    console.error(`--${name} needs a whole number, such as --${name} ${fallback}`)
    process.exit(3)
  }
  return given
}

const QUICK = process.argv.includes('--quick')
const PROGRAMS = option('programs', QUICK ? 300 : 3000)
const MUTANTS = option('mutants', QUICK ? 30 : 300)
const SEED = option('seed', 2026)
const EXAMPLES = process.argv.includes('--examples')

const ERRORS: ReadonlyArray<readonly [string, number]> = [
  ['1', 1],
  ['1e-2', 1e-2],
  ['1e-4', 1e-4],
  ['1e-6', 1e-6],
  ['1e-9', 1e-9],
  ['1e-12', 1e-12],
]

const right = <A>(either: Either<{ readonly message: string }, A>): A => {
  if (either._tag === 'Left') throw new Error(either.left.message)
  return either.right
}

const progress = (what: string, done: number, of: number): void => {
  if (process.stderr.isTTY && (done % 10 === 0 || done === of))
    process.stderr.write(`\r\x1b[K${what}: ${done} of ${of}`)
}

// Programs and their derivatives

const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)

const recorded = (calculus: Calculus, shapes: ReadonlyArray<Shape>, f: Mapping): Flat =>
  right(record<Vars, Vars>(f, { calculus })(shapes.map((shape) => spec(shape)) as never))

/** A program over an algebra; NaN where it refuses the numbers. */
const over = <N>(
  algebra: Algebra<N>,
  program: Flat,
): ((inputs: ReadonlyArray<Numbers>) => ReadonlyArray<ReadonlyArray<N>>) => {
  const run = right(evaluate(algebra, library.calculus.table)(program))
  return (inputs) => {
    const result = run(inputs.map((xs) => xs.map(algebra.literal)))
    return result._tag === 'Left'
      ? program.outputs.map(({ shape }) => new Array<N>(sizeOf(shape)).fill(algebra.literal(Number.NaN)))
      : result.right.outputs.map((y) => Array.from(y as ArrayLike<N>))
  }
}

interface Sample {
  readonly model: Model
  readonly program: Flat
  readonly kinked: boolean
  readonly seed: number
  readonly drawn: Arbitrary.Drawn
}

/** The gradient by a calculus, as a program of the point and a cotangent for each result. */
const pullback = ({ model: { inputs, f }, program }: Sample, calculus: Calculus): Flat =>
  recorded(calculus, [...inputs, ...program.outputs.map(({ shape }) => shape)], (all) =>
    flatMap(vjp(f)(all.slice(0, inputs.length)), ([, pull]) => pull(all.slice(inputs.length))),
  )

const pushforward = ({ model: { inputs, f } }: Sample, calculus: Calculus): Flat =>
  recorded(calculus, [...inputs, ...inputs], (all) => jvp(f)(all.slice(0, inputs.length), all.slice(inputs.length)))

const cotangentOf = ({ program, seed }: Sample): ReadonlyArray<Numbers> =>
  program.outputs.map(({ shape }, i) => directionOf(seed, 2001 + 2 * i, [sizeOf(shape)])[0])

const gradientOver = <N>(algebra: Algebra<N>, sample: Sample, calculus: Calculus): ReadonlyArray<N> =>
  over(algebra, pullback(sample, calculus))([...sample.model.point, ...cotangentOf(sample)]).flat()

const caseOf = (sample: Sample, calculus: Calculus): Case => {
  const { point } = sample.model
  const [pull, push] = [over(F64, pullback(sample, calculus)), over(F64, pushforward(sample, calculus))]
  return {
    point,
    f: over(F64, sample.program),
    pull: (cotangents) => pull([...point, ...cotangents]),
    push: (tangents) => push([...point, ...tangents]),
  }
}

const verified = ({ model, seed }: Sample, calculus: Calculus): Either<{ readonly message: string }, Report> =>
  verifyGradient(model.f as never, { calculus, seed })(
    model.inputs.map((shape, i) => unsafeMake(shape, 'real', Float64Array.from(model.point[i]))) as never,
  )

const BATCH = 256

/** Random programs of which value and gradient at the point are finite in float64; smooth and kinked ones in turn. */
function* samples(salt: number): Generator<Sample> {
  const palettes = ['smooth', 'tensor'] as const
  for (let batch = 0; ; batch++) {
    const [smooth, kinked] = palettes.map((palette, i) =>
      fc.sample(Arbitrary.programs(palette), { seed: SEED + 1_000_003 * salt + 2 * batch + i, numRuns: BATCH }),
    )
    for (let i = 0; i < 2 * BATCH; i++) {
      const drawn = (i % 2 === 0 ? smooth : kinked)[i >> 1]
      const model = Arbitrary.drawnModel(drawn)
      const program = recorded(library.calculus, model.inputs, model.f)
      const seed = 1 + ((SEED + salt * 7919 + batch * 2 * BATCH + i) % 2 ** 30)
      const sample: Sample = { model, program, kinked: i % 2 === 1, seed, drawn }
      const values = over(F64, program)(model.point).flat()
      const gradient = gradientOver(F64, sample, library.calculus)
      if ([...values, ...gradient].every(Number.isFinite) && gradient.length > 0) yield sample
    }
  }
}

const take = function* <A>(count: number, from: Iterable<A>): Generator<A> {
  let left = count
  if (left === 0) return
  for (const x of from) {
    yield x
    if (--left === 0) return
  }
}

/** Random numbers for the published checkers. */
const drawsFrom = (seed: number): Draws => {
  const root = key(seed)
  let block = 0
  let words: Int32Array = new Int32Array(0)
  let next = 0
  const uniform = (): number => {
    if (next === words.length) {
      words = bits(fold(root, block++), 128)
      next = 0
    }
    return uniform01(words[next++])
  }
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) }
}

// What is counted

interface Column {
  readonly name: string
  readonly of: number
  /** how many each published checker accepted, in order */
  readonly accepted: ReadonlyArray<number>
  readonly verdicts: ReadonlyMap<Verdict | 'refused', number>
}

const counter = (name: string) => {
  const accepted = checkers.map(() => 0)
  const verdicts = new Map<Verdict | 'refused', number>()
  let of = 0
  return {
    add: (sample: Sample, calculus: Calculus, verdict: Verdict | 'refused'): void => {
      of++
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
      const given = caseOf(sample, calculus)
      for (const [i, [, accepts]] of checkers.entries())
        if ((accepts as Checker)(given, drawsFrom(sample.seed))) accepted[i]++
    },
    column: (): Column => ({ name, of, accepted, verdicts }),
  }
}

const some = ({ verdicts }: Column, ...which: ReadonlyArray<Verdict | 'refused'>): number =>
  which.reduce((sum, v) => sum + (verdicts.get(v) ?? 0), 0)

const WRONG = ['WRONG_RULE', 'WRONG_SWEEP'] as const
const ACCEPTED = ['PASS', 'VACUOUS'] as const

const shown = new Set<string>()

/** One example of each kind of misjudgement, for people to look into. */
const example = (kind: string, { drawn, seed, model }: Sample, said: string): void => {
  if (!EXAMPLES || shown.has(kind)) return
  shown.add(kind)
  const text = JSON.stringify({ drawn, point: model.point, seed })
  console.error(`\n== ${kind}\n${said}\ndrawn: ${text}`)
}

/** Whether intervals prove that the sweep is not that of the function, along two directions. */
const refuted = (sample: Sample, calculus: Calculus): boolean => {
  const { program, model, seed } = sample
  const paths = model.inputs.map((_, i) => String(i))
  const problem = right(problemOf(calculus, program, paths, model.point, cotangentOf(sample)))
  const sizes = model.inputs.map(sizeOf)
  return [0, 1].some((which) => {
    const found = refute(problem, directionOf(seed, which, sizes))
    return found._tag === 'Right' && found.right.proof !== null
  })
}

const proofs = { falsely: 0, programs: 0, whole: 0, either: 0, mutants: 0 }

/** The relative error at which proofs are counted. */
const PROVED = 'rule off by 1e-4'

// Correct programs

const times = { verify: [] as number[], gradient: [] as number[] }

const correct = (): ReadonlyArray<Column> => {
  const columns = [counter('correct, smooth'), counter('correct, kinked')]
  let done = 0
  for (const sample of take(PROGRAMS, samples(1))) {
    progress('correct programs', ++done, PROGRAMS)
    let found: ReturnType<typeof verified> | undefined
    times.verify.push(
      milliseconds(() => {
        found = verified(sample, library.calculus)
      }),
    )
    const gradient = over(F64, pullback(sample, library.calculus))
    const at = [...sample.model.point, ...cotangentOf(sample)]
    gradient(at)
    times.gradient.push(milliseconds(() => gradient(at)))
    const report = found as ReturnType<typeof verified>
    const verdict = report._tag === 'Left' ? 'refused' : report.right.verdict
    if (report._tag === 'Left') example('refused', sample, report.left.message)
    else if (verdict.startsWith('WRONG')) example(`false ${verdict}`, sample, report.right.message)
    proofs.programs++
    if (refuted(sample, library.calculus)) {
      proofs.falsely++
      example('falsely refuted', sample, '')
    }
    columns[sample.kinked ? 1 : 0].add(sample, library.calculus, verdict)
  }
  return columns.map((c) => c.column())
}

// Mutants

/** Whether the gradient by another calculus differs by more than double-double rounds. */
const matters = (sample: Sample, calculus: Calculus): { readonly changed: boolean; readonly relative: number } => {
  const good = gradientOver(DoubleDouble, sample, library.calculus)
  const bad = gradientOver(DoubleDouble, sample, calculus)
  const bounds = gradientOver(ErrorBound, sample, library.calculus)
  const differences = good.map((x, j) => Math.abs(DoubleDouble.sub(bad[j], x).hi))
  const largest = good.reduce((sum, x) => sum + Math.abs(x.hi), 0)
  return {
    changed: differences.every(Number.isFinite) && differences.some((d, j) => d > 2 ** -45 * bounds[j].error),
    relative: differences.reduce((sum, d) => sum + d, 0) / largest,
  }
}

/** The derivatives that a program uses: a primitive and one of its real operands. */
const derivatives = ({ program }: Sample): ReadonlyArray<readonly [PrimitiveName, number]> => {
  const all = needed(program)
  const real = new Set(all.filter(({ dtype }) => dtype === 'real').map(({ id }) => id))
  const found = new Map<string, readonly [PrimitiveName, number]>()
  for (const { primitive, operands, dtype } of all) {
    const name = primitive as PrimitiveName
    if (dtype !== 'real' || library.calculus.table[name].derivative === null) continue
    for (const [k, id] of operands.entries()) if (real.has(id)) found.set(`${name} ${k}`, [name, k])
  }
  return [...found.values()]
}

const innermost = (blame: Blame): Blame => (blame.within === null ? blame : innermost(blame.within))

interface Power {
  readonly column: Column
  readonly blamed: number
  readonly exact: number
  readonly operand: number
  readonly small: number
  /** accepted although the gradient changes by more than 2^-41 of its size, which a PASS promises to exclude */
  readonly broken: number
}

type Planted = { readonly calculus: Calculus; readonly exact: (blame: Blame) => readonly [boolean, boolean] }

/** Judges mutants of random programs, as many as wanted. */
const power = (name: string, salt: number, plant: (sample: Sample, index: number) => ReadonlyArray<Planted>): Power => {
  const count = counter(name)
  let [done, blamed, exact, operand, small, broken] = [0, 0, 0, 0, 0, 0]
  for (const sample of samples(salt)) {
    if (done === MUTANTS) break
    const found = plant(sample, done)
      .map((planted) => ({ planted, ...matters(sample, planted.calculus) }))
      .find(({ changed }) => changed)
    if (found === undefined) continue
    progress(name, ++done, MUTANTS)
    const { planted, relative } = found
    const report = verified(sample, planted.calculus)
    if (name === PROVED) {
      proofs.mutants++
      const whole = refuted(sample, planted.calculus)
      if (whole) proofs.whole++
      if (whole || (report._tag === 'Right' && report.right.proof !== null)) proofs.either++
    }
    if (report._tag === 'Left') {
      example(`${name}: refused`, sample, report.left.message)
      count.add(sample, planted.calculus, 'refused')
      continue
    }
    const { verdict, blame, minimal, message } = report.right
    count.add(sample, planted.calculus, verdict)
    if (verdict === 'PASS' || verdict === 'VACUOUS') {
      if (relative > 2 ** -41) broken++
      example(`${name}: ${verdict}`, sample, `relative change ${relative}\n${message}`)
    }
    if (!verdict.startsWith('WRONG')) continue
    blamed++
    const [same, place] = blame === null ? [false, false] : planted.exact(blame)
    if (same) exact++
    else example(`${name}: blame`, sample, message)
    if (place) operand++
    if (minimal !== null && minimal.instructions <= 3) small++
    else example(`${name}: shrunk`, sample, message)
  }
  return { column: count.column(), blamed, exact, operand, small, broken }
}

const singleRules = (name: string, d: number, salt: number): Power =>
  power(`rule off by ${name}`, salt, (sample) => {
    const all = derivatives(sample)
    const start = Arbitrary.bitsOf(sample.seed, salt) % Math.max(1, all.length)
    return [...all.slice(start), ...all.slice(0, start)].map(([primitive, operand]) => ({
      calculus: factor(d).apply(library, { primitive, operand }).calculus,
      exact: (blame: Blame) => {
        const inner = innermost(blame)
        const same = inner.verdict === 'WRONG_RULE' && inner.primitive === primitive
        return [same, same && inner.operand?.index === operand] as const
      },
    }))
  })

/** How often each instruction is used. */
const uses = ({ program }: Sample): ReadonlyMap<number, number> => {
  const count = new Map<number, number>()
  for (const id of [...needed(program).flatMap(({ operands }) => operands), ...program.outputs.map((y) => y.id)])
    count.set(id, (count.get(id) ?? 0) + 1)
  return count
}

const fanOut = (name: string, accumulate: Calculus['accumulate'], salt: number): Power =>
  power(name, salt, (sample) => [
    {
      calculus: { ...library.calculus, accumulate },
      exact: (blame: Blame) => {
        const inner = innermost(blame)
        const joins = inner !== blame || (uses(sample).get(blame.id) ?? 0) > 1
        const same = inner.verdict === 'WRONG_SWEEP' && joins
        return [same, same] as const
      },
    },
  ])

// Kinks

/** `f(x + relu(x - x0))` or `f(x + |x - x0|)` at `x0`, for a smooth `f`: a kink at the point itself, in every entry. */
const planted = (sample: Sample, index: number): Sample => {
  const { model } = sample
  const points = model.point.map((xs, i) => unsafeMake(model.inputs[i], 'real', Float64Array.from(xs)))
  const bend = index % 2 === 0 ? relu : abs
  const f: Mapping = (xs) =>
    flatMap(
      gen(function* () {
        const bent: Array<AnyVar> = []
        for (const [i, x] of xs.entries())
          bent.push((yield* add(x as Var, bend(sub(x as Var, points[i] as never)))) as unknown as AnyVar)
        return bent
      }),
      model.f,
    )
  const kinked = { ...model, f }
  return { ...sample, kinked: true, model: kinked, program: recorded(library.calculus, model.inputs, f) }
}

/** Slopes differ along every direction that does not lie across the gradient: by `<g, |u|>`. */
const bends = (sample: Sample): boolean => {
  const g = gradientOver(DoubleDouble, sample, library.calculus).map((x) => x.hi)
  const all = g.reduce((sum, x) => sum + Math.abs(x), 0)
  return all > 0 && g.every((x) => Math.abs(x) > 2 ** -30 * all) && g.every((x) => Math.sign(x) === Math.sign(g[0]))
}

const kinks = (): Column => {
  const count = counter('planted kinks')
  let done = 0
  for (const sample of samples(90)) {
    if (done === MUTANTS) break
    if (sample.kinked || !bends(sample)) continue
    const one = planted(sample, done)
    progress('planted kinks', ++done, MUTANTS)
    const report = verified(one, library.calculus)
    const verdict = report._tag === 'Left' ? 'refused' : report.right.verdict
    if (verdict !== 'KINK')
      example(`planted kink: ${verdict}`, one, report._tag === 'Left' ? report.left.message : report.right.message)
    count.add(one, library.calculus, verdict)
  }
  return count.column()
}

// Known cases and the network

type X = Var<readonly []>

const classics: ReadonlyArray<
  readonly [string, ReadonlyArray<Verdict>, () => Either<{ readonly message: string }, Report>]
> = [
  [
    '(1 - cos x) / x^2 at 1e-5',
    ['ILL_CONDITIONED'],
    () => verifyGradient((x: X) => div(sub(1, cos(x)), square(x)))(1e-5),
  ],
  ['log(1 + e^x) at -40', ['ILL_CONDITIONED'], () => verifyGradient((x: X) => log(add(1, exp(x))))(-40)],
  [
    'saturated softmax',
    ['ILL_CONDITIONED'],
    () => verifyGradient((x: Var<readonly [3]>) => sum(mul(softmax(x), tensor([1, 0, 0]))))(tensor([40, 0, -3])),
  ],
  [
    '1e12 + x^2 - 1e12 at 1.3',
    ['PASS', 'ILL_CONDITIONED', 'INCONCLUSIVE'],
    () => verifyGradient((x: X) => sub(add(1e12, square(x)), 1e12))(1.3),
  ],
]

const known = (): ReadonlyArray<Figure> =>
  classics.map(([name, expected, run]) => {
    const { verdict } = right(run())
    return exactly(`${name}: ${verdict}`, expected.includes(verdict) ? 1 : 0, 'as it should be', 1)
  })

type Net = {
  readonly w1: Var<readonly [12, 10]>
  readonly b1: Var<readonly [10]>
  readonly w2: Var<readonly [10, 1]>
  readonly b2: Var<readonly [1]>
}

const EXAMPLES_OF_NET = 16

/** How many numbers of all algebras are put into buffers while something runs: counted, since nothing else repeats. */
const buffered = (f: () => unknown): number => {
  const algebras = [F64, DoubleDouble, ErrorBound, Complex, Interval] as ReadonlyArray<{ buffer: unknown }>
  const own = algebras.map(({ buffer }) => buffer as (length: number) => unknown)
  let count = 0
  for (const [i, algebra] of algebras.entries())
    algebra.buffer = (length: number) => {
      count += length
      return own[i](length)
    }
  f()
  for (const [i, algebra] of algebras.entries()) algebra.buffer = own[i]
  return count
}

const memory = (): ReadonlyArray<Figure> => {
  type Fifty = Var<readonly [50]>
  const at = tensor(Array.from({ length: 50 }, (_, i) => 0.1 + i / 64) as never) as never
  const chain = (length: number) => (x: Fifty) =>
    flatMap(
      Array.from({ length }).reduce<Reverse<Fifty>>((y) => flatMap(y, (z) => cos(z)) as never, cos(x) as never),
      (y) => sum(y) as Reverse<X>,
    )
  const [short, long] = [20, 200].map((length) =>
    buffered(() => right(verifyGradient(chain(length) as never, { directions: 1 })(at))),
  )
  return [atMost('memory: numbers in buffers of a tape 10 times as long', long / short, 'times', 10)]
}

const random = (salt: number, shape: readonly [number] | readonly [number, number]) =>
  unsafeMake(
    shape,
    'real',
    Float64Array.from(directionOf(SEED, 2 * salt + 1, [sizeOf(shape)])[0], (x) => x / 2),
  )

const network = (): ReadonlyArray<Figure> => {
  const x = random(1, [EXAMPLES_OF_NET, 12]) as never
  const y = zeros([EXAMPLES_OF_NET, 1])
  const loss = (p: Net) =>
    mean(square(sub(add(matmul(sigmoid(add(matmul(x, p.w1), p.b1)), p.w2), p.b2), y))) as Reverse<X>
  const point = { w1: random(2, [12, 10]), b1: random(3, [10]), w2: random(4, [10, 1]), b2: random(5, [1]) } as never
  const broken = factor(1e-6).apply(library, { primitive: 'sigmoid', operand: 0 }).calculus
  const verdicts: Array<Verdict> = []
  const timed = (options: object): number =>
    median(
      [1, 2, 3].map((seed) =>
        milliseconds(() => {
          verdicts.push(right(verifyGradient(loss, { seed, ...options })(point)).verdict)
        }),
      ),
    )
  const judgedOnce = timed({ directions: 1 })
  const wrong = timed({ calculus: broken })
  const gradientOf = right(record(valueAndGrad(loss))(point))
  const run = right(evaluate(F64, library.calculus.table)(gradientOf as Program))
  const at = leaves<AnyTensor>(point).map(({ data }) => data as Float64Array)
  right(run(at))
  const evaluation = median(Array.from({ length: 9 }, () => milliseconds(() => run(at))))
  const listed = (program: Program): Flat => ({
    ...program,
    inputs: leaves<AnyVar>(program.inputs),
    outputs: leaves<AnyVar>(program.outputs),
  })
  const given = at.map((xs) => Array.from(xs))
  const plain = listed(right(record(loss)(point)) as Program)
  const problem = right(problemOf(library.calculus, plain, ['b1', 'b2', 'w1', 'w2'], given, [[1]]))
  const probes = [0, 1, 2, 3].map((which) =>
    directionOf(
      SEED,
      which,
      given.map((xs) => xs.length),
    ),
  )
  const withBounds = over(ErrorBound, listed(gradientOf as Program))
  const repeated = (f: () => unknown): number => {
    f()
    return median(Array.from({ length: 15 }, () => milliseconds(() => void f())))
  }
  const steps = repeated(() => right(complexSteps(problem, probes)))
  const bounds = repeated(() => withBounds(given))
  return [
    atMost('classification of one direction', judgedOnce / 1000, 's', 3),
    atMost('a wrong rule found, blamed and shrunk', wrong / 1000, 's', 15),
    exactly(
      'wrong verdicts',
      verdicts.filter((v, i) => v !== (i >= 3 && i < 6 ? 'WRONG_RULE' : 'PASS')).length,
      'verdicts',
      0,
    ),
    reported('one gradient in float64', evaluation, 'ms'),
    atMost('first tier, by time: 4 complex steps with their bounds', steps / evaluation, 'gradients', 10),
    reported('the sweep with error bounds that they are held against', bounds / evaluation, 'gradients'),
    ...memory(),
  ]
}

/** How often an error in one entry is missed: simulated over printed. */
const misses = (): ReadonlyArray<Figure> => {
  const { normal } = drawsFrom(SEED)
  const RUNS = 100_000
  const kinds: ReadonlyArray<readonly [string, Taken]> = [
    ['one normal direction, one result', { rademacher: 0, normal: 1, weighed: false }],
    ['one normal direction, several results', { rademacher: 0, normal: 1, weighed: true }],
    ['one direction of each kind, several results', { rademacher: 1, normal: 1, weighed: true }],
  ]
  return kinds.flatMap(([name, taken]) =>
    [0.1, 0.01, 0.001].map((s) => {
      let missed = 0
      for (let i = 0; i < RUNS; i++) {
        const c = taken.weighed ? normal() : 1
        const seen = [...(taken.rademacher > 0 ? [c] : []), c * normal()]
        if (seen.every((x) => Math.abs(x) < s)) missed++
      }
      const printed = missProbability(s, taken)
      const deviations = Math.abs(missed / RUNS - printed) / Math.sqrt((printed * (1 - printed)) / RUNS)
      return atMost(
        `${name}: missed at ${s} of the error, ${missed / RUNS} simulated, ${printed.toPrecision(4)} printed`,
        deviations,
        'standard errors',
        4,
      )
    }),
  )
}

// What is printed

const columns: Array<Column> = []
const powers: Array<Power> = []
const once = <A>(keep: Array<A>, found: ReadonlyArray<A>): ReadonlyArray<A> => {
  keep.push(...found)
  return found
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole)

const atLeast = (name: string, value: number, unit: string, bound: number): Figure => ({
  name,
  value,
  unit,
  target: `>= ${bound}`,
  holds: value >= bound,
})

const verdictFigures = (column: Column): ReadonlyArray<Figure> =>
  [...column.verdicts].sort(([, a], [, b]) => b - a).map(([v, n]) => reported(`${column.name}: ${v}`, n, 'programs'))

const published = (column: Column, what: string, count: (accepted: number) => number): ReadonlyArray<Figure> =>
  checkers.map(([name], i) =>
    reported(`${name}: ${what} of ${column.of} ${column.name}`, count(column.accepted[i]), 'programs'),
  )

const correctFigures = (): ReadonlyArray<Figure> =>
  once(columns, correct()).flatMap((c) => [
    exactly(`ours: WRONG of ${c.of} ${c.name}`, some(c, ...WRONG), 'programs', 0),
    ...verdictFigures(c),
    ...published(c, 'rejected', (accepted) => c.of - accepted),
  ])

const powerFigures = (found: ReadonlyArray<Power>): ReadonlyArray<Figure> =>
  found.flatMap(({ column, broken }) => [
    exactly(`ours: missed of ${column.of} ${column.name}`, some(column, ...ACCEPTED), 'mutants', 0),
    exactly(`ours: missed although it changes the gradient by 2^-41: ${column.name}`, broken, 'mutants', 0),
    ...verdictFigures(column),
    ...published(column, 'missed', (accepted) => accepted),
  ])

const kept = (found: ReadonlyArray<Power>): ReadonlyArray<Power> => {
  columns.push(...found.map(({ column }) => column))
  return once(powers, found)
}

const kinkFigures = (): ReadonlyArray<Figure> => {
  const [c] = once(columns, [kinks()])
  return [
    exactly(`ours: KINK of ${c.of} planted kinks`, some(c, 'KINK'), 'programs', c.of),
    exactly('ours: WRONG', some(c, ...WRONG), 'programs', 0),
    ...published(c, 'rejected', (accepted) => c.of - accepted),
  ]
}

const blameFigures = (): ReadonlyArray<Figure> => {
  const all = (of: (p: Power) => number): number => powers.reduce((sum, p) => sum + of(p), 0)
  const blamed = all((p) => p.blamed)
  return [
    reported('mutants called WRONG', blamed, 'mutants'),
    atLeast(
      'the guilty instruction is named',
      percent(
        all((p) => p.exact),
        blamed,
      ),
      '%',
      99.5,
    ),
    reported(
      'the guilty operand is named',
      percent(
        all((p) => p.operand),
        blamed,
      ),
      '%',
    ),
    atLeast(
      'shrunk to at most 3 instructions',
      percent(
        all((p) => p.small),
        blamed,
      ),
      '%',
      95,
    ),
  ]
}

const proofFigures = (): ReadonlyArray<Figure> => [
  exactly(`correct programs refuted, of ${proofs.programs}`, proofs.falsely, 'programs', 0),
  reported(`${PROVED}: proved on the whole program, of ${proofs.mutants}`, percent(proofs.whole, proofs.mutants), '%'),
  atLeast(`${PROVED}: proved on the whole or on the smallest program`, percent(proofs.either, proofs.mutants), '%', 95),
]

const costFigures = (): ReadonlyArray<Figure> => {
  const quantile = (xs: ReadonlyArray<number>, q: number): number =>
    [...xs].sort((a, b) => a - b)[Math.min(xs.length - 1, Math.floor(q * xs.length))]
  return [
    reported('one verification of a random program, median', median(times.verify), 'ms'),
    reported('one verification of a random program, 99th percentile', quantile(times.verify, 0.99), 'ms'),
    reported('over one gradient in float64, median', median(times.verify.map((t, i) => t / times.gradient[i])), 'x'),
    ...network(),
  ]
}

/** Checkers down, groups across: how many programs were misjudged. */
const comparison = (): string => {
  const rows: ReadonlyArray<readonly [string, (c: Column) => number]> = [
    ['wengert/verify', (c) => (isMutant(c) ? some(c, ...ACCEPTED) : some(c, ...WRONG))],
    ...checkers.map(
      ([name], i) => [name, (c: Column) => (isMutant(c) ? c.accepted[i] : c.of - c.accepted[i])] as const,
    ),
  ]
  const head = ['misjudged', ...columns.map((c) => `${c.name} (${c.of})`)]
  return [head, head.map(() => '---'), ...rows.map(([name, of]) => [name, ...columns.map((c) => String(of(c)))])]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const mutantNames = new Set<string>()
const isMutant = ({ name }: Column): boolean => mutantNames.has(name)

const json = process.argv.includes('--json')

await report([
  [
    'what is run',
    () => [
      reported('seed', SEED, ''),
      reported('correct programs', PROGRAMS, 'programs'),
      reported('mutants of each kind', MUTANTS, 'mutants'),
    ],
  ],
  ['correct programs', correctFigures],
  [
    'one rule wrong',
    () => {
      const found = kept(ERRORS.map(([name, d], i) => singleRules(name, d, 10 + i)))
      for (const { column } of found) mutantNames.add(column.name)
      return powerFigures(found)
    },
  ],
  [
    'accumulation wrong',
    () => {
      const found = kept([
        fanOut('overwritten fan-out', (_, __, later) => later, 30),
        fanOut('dropped fan-out', (_, earlier) => earlier, 31),
      ])
      for (const { column } of found) mutantNames.add(column.name)
      return powerFigures(found)
    },
  ],
  ['blame', blameFigures],
  ['proofs by intervals', proofFigures],
  ['kinks at the point', kinkFigures],
  ['known cases', known],
  ['chances of missing', misses],
  ['cost', costFigures],
  ['time', () => [atMost('all of this', performance.now() / 1000, 's', 900)]],
])

if (!json)
  console.log(
    `\nSide by side: false alarms on correct programs and on planted kinks, misses of mutants\n\n${comparison()}`,
  )
