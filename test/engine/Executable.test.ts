import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  broadcastTo,
  compile,
  constant,
  type EngineOptions,
  exp,
  flatMap,
  gen,
  ints,
  jit,
  log,
  mul,
  peek,
  record,
  scalar,
  spec,
  sub,
  sum,
  tensor,
  type Var,
} from 'wengert'
import { load, save } from 'wengert/engine'
import { right } from './given.js'

type Vec = Var<readonly [2]>
type State = { readonly p: { readonly a: Vec; readonly b: Vec }; readonly x: Vec }

/** The halves change places, and the old one is kept beside: in-place updates must not read what they overwrote. */
const swapping = right(
  record(({ p, x }: State) =>
    gen(function* () {
      return { p: { a: p.b, b: yield* add(p.a, x) }, old: p.a, total: yield* sum(p.b) }
    }),
  )({ p: { a: spec([2]), b: spec([2]) }, x: spec([2]) }),
)

const given = { p: { a: tensor([1, 2]), b: tensor([3, 4]) }, x: tensor([10, 20]) }

const engines: ReadonlyArray<NonNullable<EngineOptions['engine']>> = ['reference', 'wasm']

describe.each(engines)('an executable of the %s engine', (engine) => {
  it('steps from state to state, as if nothing were in place', () => {
    const running = right(right(compile({ engine, donate: ['p'] })(swapping)).start(given))
    let [a, b] = [
      [1, 2],
      [3, 4],
    ]
    for (let i = 0; i < 5; i++) {
      expect(Array.from(running.inputs.p.a)).toEqual(a)
      expect(Array.from(running.inputs.p.b)).toEqual(b)
      running.inputs.x.set([i, 1])
      right(running.step())
      expect(Array.from(running.outputs.old)).toEqual(a)
      expect(running.outputs.total[0]).toBe(b[0] + b[1])
      ;[a, b] = [b, [a[0] + i, a[1] + 1]]
      expect(Array.from(running.outputs.p.a)).toEqual(a)
      expect(Array.from(running.outputs.p.b)).toEqual(b)
    }
  })

  it('keeps what is not donated', () => {
    const running = right(right(compile({ engine })(swapping)).start(given))
    right(running.step())
    right(running.step())
    expect(Array.from(running.inputs.p.a)).toEqual([1, 2])
    expect(Array.from(running.outputs.p.b)).toEqual([11, 22])
  })

  it('starts states that never meet', () => {
    const executable = right(compile({ engine, donate: ['p'] })(swapping))
    const [one, two] = [right(executable.start(given)), right(executable.start(given))]
    right(one.step())
    right(executable.run({ ...given, x: tensor([7, 7]) }))
    expect(Array.from(two.inputs.p.a)).toEqual([1, 2])
    right(two.step())
    expect(Array.from(two.inputs.p.b)).toEqual([11, 22])
  })

  it('refuses everything after its release', () => {
    const executable = right(compile({ engine })(swapping))
    const running = right(executable.start(given))
    executable.release()
    const refused = { _tag: 'Left', left: { _tag: 'Released' } }
    expect(executable.run(given)).toMatchObject(refused)
    expect(executable.start(given)).toMatchObject(refused)
    expect(running.step()).toMatchObject(refused)
  })

  it('refuses donated fields that do not fit', () => {
    const donate = (field: string) => compile({ engine, donate: [field] })(swapping)
    expect(donate('x')).toMatchObject({ left: { _tag: 'StructureMismatch', path: 'x' } })
    expect(donate('nothing')).toMatchObject({ left: { _tag: 'StructureMismatch' } })
    const narrowing = right(
      record(({ p }: { readonly p: Vec }) =>
        gen(function* () {
          return { p: yield* sum(p) }
        }),
      )({ p: spec([2]) }),
    )
    expect(compile({ engine, donate: ['p'] })(narrowing)).toMatchObject({ left: { _tag: 'ShapeMismatch', path: 'p' } })
  })

  it('names what does not fit', () => {
    const { run, start } = right(compile({ engine })(swapping))
    for (const use of [run, start]) {
      expect(use({ p: given.p } as never)).toMatchObject({ left: { _tag: 'StructureMismatch' } })
      expect(use(null as never)).toMatchObject({ left: { _tag: 'StructureMismatch' } })
      expect(use({ ...given, x: tensor([1]) } as never)).toMatchObject({ left: { _tag: 'ShapeMismatch', path: 'x' } })
      expect(use({ ...given, x: ints([1, 2]) } as never)).toMatchObject({ left: { _tag: 'TypeMismatch', path: 'x' } })
    }
  })

  it('refuses what it cannot hold before allocating it', () => {
    expect(compile({ engine, limit: 3 })(swapping)).toMatchObject({ left: { _tag: 'TooLarge' } })
    const wide = right(record((x: Var<readonly [1]>) => exp(broadcastTo(x, [2 ** 30])))(spec([1])))
    expect(compile({ engine })(wide)).toMatchObject({ left: { _tag: 'TooLarge' } })
  })

  it('holds a tape to the values that it was recorded for', () => {
    const program = right(
      record(
        (x: Var<readonly []>) =>
          gen(function* () {
            const seen = yield* peek(x)
            return yield* mul(x, seen.data[0])
          }),
        { peek: () => E.right(scalar(2)) },
      )(spec([])),
    )
    const { run } = right(compile({ engine })(program))
    expect(right(run(2)).data[0]).toBe(4)
    expect(run(3)).toMatchObject({ left: { _tag: 'Specialised' } })
    expect(right(run(2)).data[0]).toBe(4)

    const never = record((x: Var<readonly []>) => flatMap(peek(add(constant(1), 1)), (seen) => mul(x, seen.data[0])), {
      peek: () => E.right(scalar(3)),
    })
    expect(compile({ engine })(right(never(spec([]))))).toMatchObject({ left: { _tag: 'Specialised' } })
  })

  it('names the instruction that made a number infinite', () => {
    const program = right(
      record(({ p }: { readonly p: Vec }) =>
        gen(function* () {
          return { p: yield* add(log(p), 1) }
        }),
      )({ p: spec([2]) }),
    )
    const running = right(right(compile({ engine, finite: true, donate: ['p'] })(program)).start({ p: tensor([1, 2]) }))
    right(running.step())
    running.inputs.p[0] = 0
    const refused = running.step()
    expect(refused).toMatchObject({ left: { _tag: 'NonFinite', operation: 'log' } })
    expect(refused).toMatchObject({
      left: { message: 'step: %1 = log(%0), [2], is -Infinity at element 0 from 0' },
    })
  })

  it('is saved and loaded without recording', () => {
    const text = JSON.stringify(save({ engine, scalar: 'f32', donate: ['p'] })(swapping))
    const again = right(load(JSON.parse(text)))
    expect(again.engine).toBe(engine)
    const expected = right(right(compile({ engine, scalar: 'f32' })(swapping)).run(given))
    expect(right(again.run(given as never))).toEqual(expected)
  })

  it('holds at least what must be alive at once', () => {
    const { footprint } = right(compile({ engine })(swapping))
    expect(footprint.bytes).toBeGreaterThanOrEqual(footprint.bound)
    // three inputs of two
    expect(footprint.bound).toBeGreaterThanOrEqual(3 * 16)
  })
})

describe('what is no saved executable', () => {
  it('is refused with the place', () => {
    const { options, ...rest } = save()(swapping)
    expect(load(null)).toMatchObject({ left: { _tag: 'MalformedTape' } })
    expect(load(rest)).toMatchObject({ left: { _tag: 'MalformedTape', path: 'options' } })
    expect(load({ ...rest, options: { scalar: 'f16' } })).toMatchObject({ left: { path: 'options.scalar' } })
    expect(load({ ...rest, options, program: {} })).toMatchObject({ left: { _tag: 'MalformedTape' } })
  })
})

describe('jit', () => {
  it('records once for each structure and shapes', () => {
    let recordings = 0
    const f = jit((x: Var<readonly [number]>) => {
      recordings++
      return sum(mul(x, sub(x, 1)))
    })
    expect(right(f(tensor([2, 3]))).data[0]).toBe(8)
    expect(right(f(tensor([4, 5]))).data[0]).toBe(32)
    expect(recordings).toBe(1)
    expect(right(f(tensor([4]))).data[0]).toBe(12)
    expect(recordings).toBe(2)
  })

  it('gives what the model refuses', () => {
    const f = jit((x: Var<readonly [number]>) => add(x, tensor([1, 2, 3])))
    expect(f(tensor([1, 2]) as never)).toMatchObject({ left: { _tag: 'ShapeMismatch' } })
    expect(f(null as never)).toMatchObject({ left: { _tag: 'StructureMismatch' } })
  })
})
