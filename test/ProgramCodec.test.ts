import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { compile, run } from '../src/engine/index.js'
import type { Failure } from '../src/Failure.js'
import { record, spec, standard } from '../src/Program.js'
import { type DecodeOptions, decode, encode, ProgramCodec, parse, stringify } from '../src/ProgramCodec.js'
import { recorderOn } from '../src/primitive/Recorder.js'
import { type Reverse, step } from '../src/Reverse.js'
import * as Structure from '../src/Structure.js'
import * as Tape from '../src/Tape.js'
import { type AnyTensor, scalar, tensor, unsafeMake } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import { checkpoint, customRule, grad } from '../src/transform/index.js'
import { inline } from '../src/transform/inline.js'
import type { AnyVar, Var } from '../src/Var.js'
import { random, randomProgram, SPECIAL, tensorOf } from './ProgramCodec.support.js'

const SEED = 20260731

const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const left = <A>(e: E.Either<Failure, A>): Failure => {
  if (E.isRight(e)) throw new Error('expected a failure')
  return e.left
}

/** Records with the words that rules are written in. */
const model =
  <Q extends Tree.VarTree>(
    f: (v: ReturnType<typeof recorderOn>['vocabulary'], xs: ReadonlyArray<AnyVar>) => Q,
  ): ((p: Tree.VarTree) => Reverse<Q>) =>
  (p) =>
    step(Tree.leaves<AnyVar>(p), (recorder, xs) => E.right(f(recorder.vocabulary, xs)))

const same = (a: Tape.Program, b: Tape.Program): void => {
  expect(Tape.equals(a.tape, b.tape)).toBe(true)
  expect(Structure.equals(a.inputs, b.inputs)).toBe(true)
  expect(Structure.equals(a.outputs, b.outputs)).toBe(true)
  expect(Tape.instructions(a.tape).map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    Tape.instructions(b.tape).map(({ shape, dtype }) => ({ shape, dtype })),
  )
}

const roundTrips = (program: Tape.Program): void => {
  same(right(decode(encode(program))), program)
  same(right(decode(JSON.parse(JSON.stringify(encode(program, { shapes: true }))))), program)
  const text = stringify(program)
  const read = right(parse(text))
  same(read, program)
  expect(stringify(read)).toBe(text)
}

// ------------------------------------------------------------------------------------------------- round trips

describe('a round trip', () => {
  it(`gives 300 random programs again (seed ${SEED})`, () => {
    const met = new Set<string>()
    for (let i = 0; i < 300; i++) {
      const program = randomProgram(random(SEED + i), { length: 16 })
      for (const { primitive } of Tape.instructions(program.tape)) met.add(primitive)
      roundTrips(program)
    }
    // the random programs mean something: they use every primitive
    expect(Object.keys(standard.table).filter((name) => !met.has(name))).toEqual([])
  })

  it('keeps NaN, the infinities, -0 and subnormals in constants, pads and peeks', () => {
    for (const x of SPECIAL) {
      const program = right(
        record(
          model((v, [a]) => {
            const padded = v.emit('pad', [a], { low: [1], high: [0], interior: [0], value: x })
            const c = v.emit('constant', [], { value: scalar(x) })
            const d = v.emit('constant', [], { value: unsafeMake([2], 'real', Float64Array.of(x, 1)) })
            return [padded, v.emit('peek', [c], { value: scalar(x) }), d]
          }),
        )(spec([2]) as never),
      )
      roundTrips(program)
      const values = right(
        right(compile()(right(parse(stringify(program))))).run(tensor([7, 8]) as never),
      ) as unknown as ReadonlyArray<AnyTensor>
      expect(values.map(({ data }) => data[0])).toEqual([x, x, x])
      expect(values.map(({ data }) => Object.is(data[0], x))).toEqual([true, true, true])
    }
  })

  it('keeps strings whatever they hold', () => {
    for (const name of ['', '"', '\\', '\n\u2028', '\ud800', '__proto__', 'é', '😀', 'constructor'])
      roundTrips(
        right(
          record(model((v, [a]) => v.emit('label', [a], { name })))({
            [name === '__proto__' ? 'p' : name]: spec([]),
          } as never),
        ),
      )
  })

  it('keeps positions where equal instructions stand beside each other', () => {
    const builder = Tape.extend(Tape.empty)
    const s = () => E.right({ shape: [], dtype: 'real' as const })
    const push = (fresh: boolean) => right(builder.append<Failure>('constant', [], { value: scalar(2) }, s, fresh))
    const twice = [push(false), push(true), push(true)]
    const sum = right(builder.append<Failure>('add', [1, 2], Tape.noAttributes, s, false))
    const program: Tape.Program = { _tag: 'Program', tape: builder.tape(), inputs: [], outputs: [...twice, sum] }
    expect(program.tape.length).toBe(4)
    roundTrips(program)
  })

  it('leaves a tape that recording goes on with, without repeating itself', () => {
    const program = right(record(model((v, [x]) => v.mul(x, v.exp(x))))(spec([3]) as never))
    const read = right(parse(stringify(program)))
    const { vocabulary: v, builder } = recorderOn(read.tape, standard)
    const x = read.inputs as AnyVar
    expect(v.mul(x, v.exp(x))).toBe(read.outputs)
    expect(builder.length()).toBe(3)
  })

  it('keeps calls with rules, nested ones too', () => {
    type S = Var<readonly []>
    const inner = customRule<S, S>({
      name: 'inner',
      f: model((v, [x]) => v.exp(x)) as never,
      vjp: ({ y, ct }) => step([y, ct], (r, [a, b]) => E.right(r.vocabulary.mul(a, b) as S)),
      jvp: ({ y, dx }) => step([y, dx], (r, [a, b]) => E.right(r.vocabulary.mul(a, b) as S)),
    })
    const f = checkpoint<S, readonly [], 'real'>((x) => inner(x))
    for (const g of [f, grad(f), grad(grad(f))]) {
      const program = right(record(g)(spec([])))
      roundTrips(program)
      const value = right(run(g)(scalar(0.7)))
      expect(right(right(compile()(right(decode(encode(program))))).run(scalar(0.7) as never))).toEqual(value)
    }
  })

  it('keeps an input that nobody needs and that is not listed', () => {
    const other = right(record(model((v, [x]) => v.exp(x)))(spec([2]) as never))
    const program = right(
      record(
        model((v, [x]) => v.sin(x)),
        { tape: other.tape },
      )(spec([3]) as never),
    )
    expect(program.tape.length).toBe(4)
    roundTrips(program)
  })

  it('gives a program whose gradient is the same to the last bit', () => {
    let compared = 0
    for (let i = 0; i < 150; i++) {
      const r = random(SEED - i)
      const program = randomProgram(r, { length: 12, peeks: false })
      const decoded = right(parse(stringify(program)))
      const reals = Tree.leaves<AnyVar>(program.inputs)
      if (reals.length === 0 || reals.some(({ dtype }) => dtype !== 'real')) continue
      const loss =
        (p: Tape.Program) =>
        (xs: Tree.VarTree): Reverse<Var<readonly []>> =>
          step(Tree.leaves<AnyVar>(xs), (recorder, given) => {
            const ys = inline(recorder, p, given)
            if (E.isLeft(ys)) return ys
            const { vocabulary: v } = recorder
            const zero = v.emit('constant', [], { value: scalar(0) })
            const sums = ys.right.map((y) =>
              v.sum(
                v.convert(y, 'real'),
                y.shape.map((_, d) => d),
              ),
            )
            return E.right(sums.reduce((a, b) => v.add(a, b), zero) as Var<readonly []>)
          })
      const at = reals.map(({ shape }) => tensorOf(r, shape, 'real'))
      const gradient = (p: Tape.Program) => run((xs: Tree.VarTree) => grad(loss(p))(xs))(at as never)
      const [a, b] = [gradient(program), gradient(decoded)]
      expect(Structure.equals(a, b)).toBe(true)
      if (E.isRight(a)) compared++
    }
    expect(compared).toBeGreaterThan(30)
  })
})

// -------------------------------------------------------------------------------------------------- by hand

describe('a document by hand', () => {
  const page = readFileSync(new URL('../docs/tape-format.md', import.meta.url), 'utf8')
  const [, example] = /```json\n([\s\S]*?)```/.exec(page) ?? []

  it('is the example of docs/tape-format.md', () => {
    const program = right(parse(example))
    const value = right(right(compile()(program)).run({ w: tensor([1, 2, 3]), x: tensor([10, 20, 30]) } as never))
    expect(value).toEqual({ loss: scalar(142) })
  })

  it('need not say what follows', () => {
    const program = right(
      decode({
        format: 'wengert-tape',
        version: 1,
        comment: 'a comment',
        instructions: [
          { op: 'input', with: { shape: [2] } },
          {
            op: 'constant',
            with: {
              value: [
                [1, 'NaN'],
                ['-0', 4],
              ],
            },
            comment: ['another'],
          },
          { op: 'constant', with: { value: '-Infinity' } },
          { op: 'exp', in: [0], with: {} },
        ],
        inputs: { layers: [{ w: 0 }] },
        outputs: [3, 1, 2],
      }),
    )
    const [input] = Tape.instructions(program.tape)
    expect(input.attributes).toEqual({ path: 'layers.0.w', shape: [2], dtype: 'real' })
    const values = right(right(compile()(program)).run({ layers: [{ w: tensor([0, 0]) }] } as never))
    expect(values).toEqual([
      tensor([1, 1]),
      tensor([
        [1, Number.NaN],
        [-0, 4],
      ]),
      scalar(Number.NEGATIVE_INFINITY),
    ])
  })

  it('is not touched', () => {
    const document = {
      format: 'wengert-tape',
      version: 1,
      instructions: [
        { op: 'input', with: { shape: [2], path: 'x', dtype: 'real' } },
        { op: 'constant', with: { value: { shape: [1], dtype: 'int', data: [3] } } },
        { op: 'sum', in: [0], with: { axes: [0] } },
      ],
      inputs: [0],
      outputs: [2],
    }
    const before = structuredClone(document)
    right(decode(document))
    expect(document).toEqual(before)
    const frozen = (u: unknown): boolean =>
      typeof u === 'object' && u !== null && (Object.isFrozen(u) || Object.values(u).some(frozen))
    expect(frozen(document)).toBe(false)
  })

  it('may repeat an instruction, and its positions keep their meaning', () => {
    const program = right(
      decode({
        format: 'wengert-tape',
        version: 1,
        instructions: [
          { op: 'input', with: { shape: [] } },
          { op: 'exp', in: [0] },
          { op: 'exp', in: [0] },
          { op: 'add', in: [1, 2] },
        ],
        inputs: 0,
        outputs: 3,
      }),
    )
    expect(program.tape.length).toBe(4)
    expect(program.outputs).toBe(Tape.at(program.tape, 3))
    roundTrips(program)
  })
})

// ------------------------------------------------------------------------------------------------- refusals

const base = {
  format: 'wengert-tape',
  version: 1,
  instructions: [
    { op: 'input', with: { path: 'x', shape: [2, 3] } },
    { op: 'sum', in: [0], with: { axes: [1] } },
    { op: 'mul', in: [1, 1] },
  ],
  inputs: { x: 0 },
  outputs: { y: 2 },
} as const

/** The document with another instruction at the end, which is the output. */
const ending = (line: unknown, before: ReadonlyArray<unknown> = []): unknown => ({
  ...base,
  instructions: [...base.instructions, ...before, line],
  outputs: 3 + before.length,
})

const body = {
  format: 'wengert-tape',
  version: 1,
  instructions: [
    { op: 'input', with: { shape: [2] } },
    { op: 'exp', in: [0] },
  ],
  inputs: [0],
  outputs: [1],
} as const

const call = (change: object, more: object = {}): unknown =>
  ending({ op: 'call', in: [1], with: { name: 'f', body: { ...body, ...change }, ...more } })

const called = (line: unknown): unknown => call({ instructions: [...body.instructions, line], outputs: [2] })

const refusals: ReadonlyArray<readonly [what: string, document: unknown, tag: string, path: string, sentence: string]> =
  [
    ['nothing', null, 'MalformedTape', '', 'the document must be a record, not null'],
    ['a list', [base], 'MalformedTape', '', 'the document must be a record, not an array of 1'],
    [
      'another format',
      { ...base, format: 'tape' },
      'MalformedTape',
      'format',
      'format must be "wengert-tape", not "tape"',
    ],
    ['another version', { ...base, version: 2 }, 'MalformedTape', 'version', 'version must be 1, not 2'],
    ['no version', { ...base, version: undefined }, 'MalformedTape', 'version', 'version is missing'],
    [
      'a misspelt key',
      { ...base, output: 1 },
      'MalformedTape',
      'output',
      'output is not known; there are only format, version, instructions, inputs, outputs',
    ],
    [
      'no instructions',
      { ...base, instructions: {} },
      'MalformedTape',
      'instructions',
      'instructions must be a list, not a record',
    ],
    ['a line that is none', ending(7), 'MalformedTape', 'instructions[3]', 'instructions[3] must be a record, not 7'],
    ['a line without op', ending({}), 'MalformedTape', 'instructions[3].op', 'instructions[3].op is missing'],
    [
      'a misspelt key of a line',
      ending({ op: 'exp', In: [0] }),
      'MalformedTape',
      'instructions[3].In',
      'instructions[3].In is not known; there are only op, in, with, shape, dtype',
    ],
    [
      'an unknown primitive',
      ending({ op: 'constructor' }),
      'MalformedTape',
      'instructions[3].op',
      'instructions[3].op is "constructor", and there is no such primitive',
    ],
    [
      'a forward reference',
      ending({ op: 'add', in: [0, 3] }),
      'MalformedTape',
      'instructions[3].in[1]',
      'instructions[3].in[1] is 3, but there are only the positions below 3 to refer to',
    ],
    [
      'a position that is none',
      ending({ op: 'add', in: [0, -1] }),
      'MalformedTape',
      'instructions[3].in[1]',
      'instructions[3].in[1] must be an integer from 0 to 2147483647, not -1',
    ],
    [
      'the wrong arity',
      ending({ op: 'add', in: [0] }),
      'MalformedTape',
      'instructions[3].in',
      'instructions[3].in has 1, but add takes 2 operands',
    ],
    [
      'operands of a source',
      ending({ op: 'iota', in: [0] }),
      'MalformedTape',
      'instructions[3].in',
      'instructions[3].in has 1, but iota takes 0 operands',
    ],
    [
      'nothing to concatenate',
      ending({ op: 'concat', with: { axis: 0 } }),
      'MalformedTape',
      'instructions[3].in',
      'instructions[3].in has 0, but concat takes one operand or more',
    ],
    [
      'a fraction as an axis',
      ending({ op: 'sum', in: [0], with: { axes: [0, 1.5] } }),
      'MalformedTape',
      'instructions[3].with.axes[1]',
      'instructions[3].with.axes[1] must be an integer from 0 to 2147483647, not 1.5',
    ],
    [
      'an attribute that is missing',
      ending({ op: 'sum', in: [0] }),
      'MalformedTape',
      'instructions[3].with.axes',
      'instructions[3].with.axes is missing',
    ],
    [
      'an attribute that is no list',
      ending({ op: 'sum', in: [0], with: { axes: 1 } }),
      'MalformedTape',
      'instructions[3].with.axes',
      'instructions[3].with.axes must be a list, not 1',
    ],
    [
      'an attribute too many',
      ending({ op: 'sum', in: [0], with: { axes: [1], keepDims: true } }),
      'MalformedTape',
      'instructions[3].with.keepDims',
      'instructions[3].with.keepDims is not known',
    ],
    [
      'attributes of a primitive that has none',
      ending({ op: 'exp', in: [0], with: { base: 2 } }),
      'MalformedTape',
      'instructions[3].with',
      'instructions[3].with is refused: this primitive has no attributes',
    ],
    [
      'the key __proto__ among attributes',
      ending({ op: 'sum', in: [0], with: JSON.parse('{"axes":[1],"__proto__":{"axes":[0]}}') }),
      'MalformedTape',
      'instructions[3].with.__proto__',
      'instructions[3].with.__proto__ is not known',
    ],
    [
      'an element type that is none',
      ending({ op: 'convert', in: [0], with: { dtype: 'float' } }),
      'MalformedTape',
      'instructions[3].with.dtype',
      'instructions[3].with.dtype must be one of "real", "int", "bool", not "float"',
    ],
    [
      'a word that is none of the words',
      ending({ op: 'reduceWindow', in: [0], with: { window: [], strides: [], dilation: [], kind: 'min' } }),
      'MalformedTape',
      'instructions[3].with.kind',
      'instructions[3].with.kind must be one of "max", "mean", not "min"',
    ],
    [
      'half a pair',
      ending({ op: 'contract', in: [0, 0], with: { contract: [[1]], batch: [[], []] } }),
      'MalformedTape',
      'instructions[3].with.contract[1]',
      'instructions[3].with.contract[1] is missing',
    ],
    [
      'a pair of three',
      ending({ op: 'contract', in: [0, 0], with: { contract: [[1], [1], [1]], batch: [[], []] } }),
      'MalformedTape',
      'instructions[3].with.contract[2]',
      'instructions[3].with.contract[2] is one too many',
    ],
    [
      'a tensor with too few elements',
      ending({ op: 'constant', with: { value: { shape: [3], dtype: 'int', data: [1, 2] } } }),
      'MalformedTape',
      'instructions[3].with.value',
      'instructions[3].with.value is refused: a tensor of shape [3] has 3 elements, not 2',
    ],
    [
      'nested lists of different lengths',
      ending({ op: 'constant', with: { value: [[1, 2], [3]] } }),
      'ShapeMismatch',
      'instructions[3].with.value',
      'instructions[3].with.value: the value: expected an array of 2 at [1], found an array of 1',
    ],
    [
      'more than 16 dimensions',
      ending({ op: 'iota', with: { shape: Array.from({ length: 17 }, () => 1), axis: 0 } }),
      'MalformedTape',
      'instructions[3].with.shape',
      'instructions[3].with.shape must have at most 16 entries, not an array of 17',
    ],
    [
      'a size beyond the limit',
      ending({ op: 'iota', with: { shape: [1e9, 1e9], axis: 0 } }),
      'TooLarge',
      'instructions[3]',
      'instructions[3]: iota: shape [1000000000, 1000000000]',
    ],
    [
      'a tensor whose shape is beyond the limit',
      ending({ op: 'constant', with: { value: { shape: [1e9, 1e9], dtype: 'int', data: [] } } }),
      'MalformedTape',
      'instructions[3].with.value',
      'instructions[3].with.value is refused: tensor: shape [1000000000, 1000000000]',
    ],
    [
      'axes that the operand does not have',
      ending({ op: 'sum', in: [0], with: { axes: [5] } }),
      'InvalidAxis',
      'instructions[3]',
      'instructions[3]: sum: axes [5] must be ascending and below the rank 2',
    ],
    [
      'operands of different shapes',
      ending({ op: 'add', in: [0, 1] }),
      'ShapeMismatch',
      'instructions[3]',
      'instructions[3]: add: shapes [2, 3] and [2] differ',
    ],
    [
      'operands of the wrong type',
      ending({ op: 'not', in: [0] }),
      'TypeMismatch',
      'instructions[3]',
      'instructions[3]: not: takes bool operands, not real [2, 3]',
    ],
    [
      'a shape that is not so',
      ending({ op: 'exp', in: [0], shape: [3, 2] }),
      'ShapeMismatch',
      'instructions[3].shape',
      'instructions[3].shape is [3, 2], but exp gives [2, 3] here',
    ],
    [
      'an element type that is not so',
      ending({ op: 'exp', in: [0], dtype: 'int' }),
      'TypeMismatch',
      'instructions[3].dtype',
      'instructions[3].dtype is int, but exp gives real here',
    ],
    [
      'an output out of range',
      { ...base, outputs: { y: [3] } },
      'MalformedTape',
      'outputs.y.0',
      'outputs.y.0 is 3, but there are only the positions below 3 to refer to',
    ],
    [
      'an output that is none',
      { ...base, outputs: { y: 'x' } },
      'MalformedTape',
      'outputs',
      'outputs: a string at y is no part of a tree; trees are records and arrays of tensors, handles and numbers',
    ],
    ['no outputs', { ...base, outputs: undefined }, 'MalformedTape', 'outputs', 'outputs is missing'],
    [
      'a leaf that pretends',
      { ...base, outputs: { _tag: 'Tensor', shape: [], dtype: 'real', data: [1] } },
      'MalformedTape',
      'outputs',
      'outputs must be an integer from 0 to 2147483647, not a record',
    ],
    [
      'the key __proto__ in a tree',
      { ...base, outputs: JSON.parse('{"__proto__": 1}') },
      'MalformedTape',
      'outputs',
      'outputs: the record at the root has the key __proto__, which is not allowed',
    ],
    [
      'an input that is none',
      { ...base, inputs: { x: 0, z: 1 } },
      'MalformedTape',
      'inputs.z',
      'inputs.z is 1, but instruction 1 is sum, not input',
    ],
    [
      'an input twice',
      { ...base, inputs: { x: 0, z: 0 } },
      'MalformedTape',
      'inputs.z',
      'inputs.z is 0, which is listed twice',
    ],
    [
      'an input that is missing',
      { ...base, inputs: {} },
      'MalformedTape',
      'instructions[0]',
      'instructions[0] is an input that the outputs need; "inputs" must list it',
    ],
    [
      'a fault in a called program',
      called({ op: 'sum', in: [0], with: { axes: [-1] } }),
      'MalformedTape',
      'instructions[3].with.body.instructions[2].with.axes[0]',
      'instructions[3].with.body.instructions[2].with.axes[0] must be an integer from 0 to 2147483647, not -1',
    ],
    [
      'a peek in a called program',
      called({ op: 'peek', in: [0], with: { value: [1, 2] } }),
      'MalformedTape',
      'instructions[3].with.body.instructions[2].op',
      'instructions[3].with.body.instructions[2].op is "peek", which a called program cannot have',
    ],
    [
      'a called program that does not fit',
      ending({ op: 'call', in: [0], with: { name: 'f', body } }),
      'ShapeMismatch',
      'instructions[3]',
      'instructions[3]: call f: the operands should be (real [2]), not (real [2, 3])',
    ],
    [
      'a called program that is missing',
      ending({ op: 'call', in: [1], with: { name: 'f' } }),
      'MalformedTape',
      'instructions[3].with.body',
      'instructions[3].with.body is missing',
    ],
    [
      'a called program that is none',
      call({}, { body: 3 }),
      'MalformedTape',
      'instructions[3].with.body',
      'instructions[3].with.body must be a record, not 3',
    ],
    [
      'another attribute of a call',
      call({}, { rule: 3 }),
      'MalformedTape',
      'instructions[3].with.rule',
      'instructions[3].with.rule is not known',
    ],
    [
      'a rule that does not fit',
      call({}, { vjp: body }),
      'ShapeMismatch',
      'instructions[3]',
      'instructions[3]: call f: its vjp: the arguments should be',
    ],
  ]

const nested = (depth: number): unknown => {
  let program: any = body
  for (let i = 0; i < depth; i++)
    program = {
      ...body,
      instructions: [body.instructions[0], { op: 'call', in: [0], with: { name: 'f', body: program } }],
    }
  return program
}

const deepArray = (depth: number): unknown => {
  let u: unknown = 0
  for (let i = 0; i < depth; i++) u = [u]
  return u
}

const deepRecord = (depth: number, key: string): unknown => {
  let u: unknown = 0
  for (let i = 0; i < depth; i++) u = { [key]: u }
  return u
}

describe('a refusal', () => {
  for (const [what, document, tag, path, sentence] of refusals)
    it(what, () => {
      const failed = left(decode(document))
      expect(failed.message).toContain(`decode: ${sentence}`)
      expect({ tag: failed._tag, path: failed.path, operation: failed.operation !== undefined }).toEqual({
        tag,
        path,
        operation: true,
      })
      const position = /^instructions\[(\d+)\]/.exec(path)?.[1]
      if (position !== undefined && !what.includes('input')) expect(failed.position).toBe(Number(position))
      if (document !== null && JSON.stringify(document) !== undefined && !what.includes('missing'))
        expect(left(parse(JSON.stringify(document)))._tag).toBe(tag)
    })

  it('of text that is not JSON', () => {
    expect(left(parse('{"format": ')).message).toMatch(/^decode: the text is not JSON: /)
    expect(left(parse('')).message).toMatch(/^decode: the text is not JSON: /)
  })

  it('of more than is allowed', () => {
    const refused = (document: unknown, options: DecodeOptions) => left(decode(document, options))
    expect(refused(base, { instructions: 2 })).toMatchObject({
      _tag: 'TooLarge',
      message: 'decode: instructions has more instructions than the 2 that are allowed in all',
    })
    // those of called programs count
    expect(E.isRight(decode(call({}), { instructions: 6 }))).toBe(true)
    expect(refused(call({}), { instructions: 5 })).toMatchObject({
      _tag: 'TooLarge',
      path: 'instructions[3].with.body.instructions',
    })
    expect(E.isRight(decode(nested(64)))).toBe(true)
    expect(refused(nested(65), {})._tag).toBe('TooLarge')
    expect(E.isRight(decode(nested(2), { nesting: 2 }))).toBe(true)
    expect(refused(nested(3), { nesting: 2 }).message).toMatch(/ is nested deeper than 2 called programs$/)
    // whatever is asked for, the stack is not at risk
    expect(refused(nested(10_000), { nesting: 1e9 })._tag).toBe('TooLarge')
    const text = JSON.stringify(base)
    expect(E.isRight(parse(text, { characters: text.length }))).toBe(true)
    expect(left(parse(text, { characters: text.length - 1 }))).toMatchObject({ _tag: 'TooLarge' })
  })

  it('of what is nested too deeply, as a value and as text', () => {
    const n = 100_000
    for (const u of [deepArray(n), deepRecord(n, 'a'), deepRecord(n, 'body')])
      for (const document of [
        u,
        { ...base, inputs: u },
        { ...base, outputs: u },
        { ...base, instructions: u },
        { ...base, version: u },
        ending(u),
        ending({ op: 'exp', in: u }),
        ending({ op: u }),
        ending({ op: 'sum', in: [0], with: u }),
        ending({ op: 'sum', in: [0], with: { axes: u } }),
        ending({ op: 'constant', with: { value: u } }),
        ending({ op: 'constant', with: { value: { shape: u, dtype: 'real', data: u } } }),
        ending({ op: 'call', in: [0], with: { name: 'f', body: u } }),
        ending({ op: 'call', in: [0], with: { name: u, body } }),
        ending({ op: 'exp', in: [0], shape: u }),
        call({ outputs: u }),
      ])
        expect(left(decode(document)).message.length).toBeLessThan(1_000)
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const)
      for (const text of [
        open.repeat(n) + (open === '[' ? '' : '0') + close.repeat(n),
        open.repeat(n),
        `{"format":"wengert-tape","version":1,"instructions":[],"inputs":[],"outputs":${open.repeat(n)}0${close.repeat(n)}}`,
      ])
        expect(E.isLeft(parse(text))).toBe(true)
  })

  it('of a document that holds itself', () => {
    const tree: Array<unknown> = []
    tree.push(tree)
    expect(left(decode({ ...base, outputs: tree }))._tag).toBe('TooLarge')
    expect(left(decode(ending({ op: 'sum', in: [0], with: { axes: tree } })))._tag).toBe('TooLarge')
  })

  it('of what JSON cannot hold', () => {
    const odd = [() => 0, Symbol('s'), 1n]
    for (const u of odd) {
      expect(E.isLeft(decode(u))).toBe(true)
      expect(E.isLeft(decode({ ...base, outputs: u }))).toBe(true)
      expect(left(decode(ending({ op: 'sum', in: [0], with: { axes: [u] } }))).message).toMatch(
        / is no JSON|which is no JSON/,
      )
    }
  })
})

// ---------------------------------------------------------------------------------------------------- memory

describe('sizes', () => {
  const broad = (n: number, m: number) => ({
    ...base,
    instructions: [
      { op: 'constant', with: { value: 1 } },
      { op: 'broadcast', in: [0], with: { shape: [n, m], axes: [] } },
      { op: 'sum', in: [1], with: { axes: [0, 1] } },
    ],
    inputs: [],
    outputs: 2,
  })

  it('that a tape may hold, and that nobody can allocate, are refused by compile', () => {
    const program = right(decode(broad(2 ** 15, 2 ** 16 - 1)))
    expect(Tape.at(program.tape, 1)?.shape).toEqual([2 ** 15, 2 ** 16 - 1])
    expect(left(compile()(program))._tag).toBe('TooLarge')
    expect(left(decode(broad(2 ** 15, 2 ** 16)))._tag).toBe('TooLarge')
  })

  it('of called programs count too', () => {
    const document = {
      ...base,
      instructions: [{ op: 'call', with: { name: 'f', body: broad(2 ** 15, 2 ** 16 - 1) } }],
      inputs: [],
      outputs: 0,
    }
    expect(left(compile()(right(decode(document))))._tag).toBe('TooLarge')
    const small = { ...document, instructions: [{ op: 'call', with: { name: 'f', body: broad(10, 10) } }] }
    // the reference engine holds every value; the other needs less
    const within = (limit: number) => compile({ engine: 'reference', limit })(right(decode(small)))
    expect(E.isRight(within(103))).toBe(true)
    expect(left(within(102))._tag).toBe('TooLarge')
  })
})

// -------------------------------------------------------------------------------------------------- the codec

describe('the codec', () => {
  it('composes', () => {
    const Checkpoint = t.type({ name: t.string, model: ProgramCodec })
    const program = right(decode(base))
    const encoded = Checkpoint.encode({ name: 'a', model: program })
    const decoded = Checkpoint.decode(JSON.parse(JSON.stringify(encoded)))
    if (E.isLeft(decoded)) throw new Error('refused')
    same(decoded.right.model, program)
    expect(ProgramCodec.is(program)).toBe(true)
    expect(ProgramCodec.is(base)).toBe(false)
    const refused = Checkpoint.decode({ name: 'a', model: { ...base, version: 3 } })
    if (E.isRight(refused)) throw new Error('accepted')
    expect(refused.left.map(({ message, context }) => [context.map(({ key }) => key).join('/'), message])).toEqual([
      ['/model', 'decode: version must be 1, not 3'],
    ])
  })
})
