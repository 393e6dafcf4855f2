import { pipe } from 'fp-ts/lib/function.js'
import * as O from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'
import { add, exp, mul, record, run, type Shape, spec, sub, tensor, type Var } from 'wengert'
import { failure } from 'wengert/Failure'
import * as R from 'wengert/Reverse'
import { equals, instructions, type Program } from 'wengert/Tape'

type Scalar = Var<readonly []>

const recorded = (f: (x: Scalar) => R.Reverse<Scalar>): Program<Scalar, Scalar> => {
  const program = record(f)(spec([]))
  if (program._tag === 'Left') throw new Error(program.left.message)
  return program.right
}

const primitivesOf = (f: (x: Scalar) => R.Reverse<Scalar>): ReadonlyArray<string> =>
  instructions(recorded(f).tape).map((i) => i.primitive)

const value = (f: (x: Scalar) => R.Reverse<Scalar>, x: number): number => {
  const result = run(f)(x)
  if (result._tag === 'Left') throw new Error(result.left.message)
  return result.right.data[0]
}

describe('recording', () => {
  test('a recording used twice is recorded once', () => {
    const f = (x: Scalar) => {
      const y = exp(x)
      return add(mul(y, y), y)
    }
    expect(primitivesOf(f)).toEqual(['input', 'exp', 'mul', 'add'])
  })

  test('the same expression written twice is recorded once', () => {
    expect(primitivesOf((x) => add(exp(x), exp(x)))).toEqual(['input', 'exp', 'add'])
  })

  test('y = add(y, y) fifty times over records fifty instructions', () => {
    const f = (x: Scalar) => {
      let y: R.Reverse<Scalar> = R.of(x)
      for (let i = 0; i < 50; i++) y = add(y, y)
      return y
    }
    expect(recorded(f).tape.length).toBe(51)
    expect(value(f, 1)).toBe(2 ** 50)
  })

  test('a tensor used twice is one constant', () => {
    const c = tensor([1, 2])
    const program = record((x: Var<readonly [2]>) => add(mul(x, c), c))(spec([2]))
    expect(program._tag === 'Right' && instructions(program.right.tape).map((i) => i.primitive)).toEqual([
      'input',
      'constant',
      'mul',
      'add',
    ])
  })

  test('the same Reverse value in two runs belongs to each of them', () => {
    const constant = add(tensor([1]), 1)
    const once = run((_: Scalar) => constant)(1)
    expect(run((_: Scalar) => constant)(1)).toEqual(once)
  })
})

describe('do notation', () => {
  test('gen', () => {
    const f = (x: Scalar) =>
      R.gen(function* () {
        const y = yield* mul(x, x)
        const z = yield* exp(y)
        return yield* sub(z, y)
      })
    expect(value(f, 1)).toBeCloseTo(Math.E - 1, 15)
  })

  test('bind, let, apS', () => {
    const f = (x: Scalar) =>
      pipe(
        R.Do,
        R.bind('y', () => mul(x, x)),
        R.apS('z', exp(x)),
        R.let('name', () => 'w'),
        R.flatMap(({ y, z }) => add(y, z)),
      )
    expect(value(f, 0)).toBe(1)
    expect(
      primitivesOf((x) =>
        pipe(
          exp(x),
          R.bindTo('y'),
          R.map(({ y }) => y),
        ),
      ),
    ).toEqual(['input', 'exp'])
  })

  test('a failure ends the run, with its sentence', () => {
    let reached = false
    const f = (x: Scalar) =>
      R.gen(function* () {
        const y = yield* exp(x)
        yield* R.raise('the model refuses')
        reached = true
        return y
      })
    expect(run(f)(1)).toMatchObject({ _tag: 'Left', left: { _tag: 'Raised', message: 'the model refuses' } })
    expect(reached).toBe(false)
    const none = R.fromOption(() => failure('Raised', 'nothing there'))(O.none) as R.Reverse<Scalar>
    expect(run((_: Scalar) => none)(1)).toMatchObject({ left: { message: 'nothing there' } })
  })

  test('what is no recording is refused with a sentence', () => {
    expect(run((() => 3) as never)(1)).toMatchObject({
      left: { message: 'a model must give a recording (Reverse), not a number' },
    })
    expect(run(((x: Scalar) => add(x, 'y' as never)) as never)(1)._tag).toBe('Left')
  })
})

describe('traversing', () => {
  test('the order of the tape is the order of the array', () => {
    const f = (x: Scalar) =>
      pipe(
        [1, 2, 3],
        R.traverseArray((k) => mul(x, k)),
        R.map((ys) => ys[2]),
      )
    expect(primitivesOf(f)).toEqual(['input', 'constant', 'mul', 'constant', 'mul', 'constant', 'mul'])
  })

  test('100 000 recordings in sequence', () => {
    const many = (x: Scalar) =>
      pipe(
        R.sequenceArray(Array.from({ length: 100_000 }, (_, i) => add(x, i))),
        R.map((ys) => ys[ys.length - 1]),
      )
    expect(value(many as (x: Scalar) => R.Reverse<Scalar>, 1)).toBe(100_000)
  })
})

describe('depth', () => {
  const deep = 200_000

  test('left-nested, right-nested and generated chains do not overflow', () => {
    let left: R.Reverse<number> = R.of(0)
    for (let i = 0; i < deep; i++) left = R.flatMap(left, (n) => R.of(n + 1))
    const right = (n: number): R.Reverse<number> => (n === deep ? R.of(n) : R.flatMap(R.of(n), (m) => right(m + 1)))
    const generated = R.gen(function* () {
      let n = 0
      while (n < deep) n = yield* R.of(n + 1)
      return n
    })
    const check = (ma: R.Reverse<number>) => value((x) => R.flatMap(ma, (n) => mul(x, n)), 1)
    expect([check(left), check(right(0)), check(generated)]).toEqual([deep, deep, deep])
  })

  test('an expression nested 100 000 deep', () => {
    let y: R.Reverse<Var<Shape>> | Scalar | undefined
    const f = (x: Scalar) => {
      y = x
      for (let i = 0; i < 100_000; i++) y = add(y as Scalar, x)
      return y as R.Reverse<Scalar>
    }
    expect(value(f, 1)).toBe(100_001)
  })
})

test('recording twice gives equal tapes', () => {
  const f = (x: Scalar) => add(exp(mul(x, x)), 3)
  expect(equals(recorded(f).tape, recorded(f).tape)).toBe(true)
})
