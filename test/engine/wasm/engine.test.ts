import { afterEach, describe, expect, it, vi } from 'vitest'
import { add, exp, gen, mul, type Program, record, sin, spec, sum, type Var } from 'wengert'
import { showSchedule } from 'wengert/engine'
import { baseline } from '../../../src/engine/wasm/kernels/features.js'
import { lowered } from '../../../src/engine/wasm/lower.js'
import { moduleOf } from '../../../src/engine/wasm/moduleCode.js'
import { right } from '../given.js'

type Vec = Var<readonly [16]>

const moduleBytes = (program: Program): number =>
  moduleOf(right(lowered(program, 'f64', Number.POSITIVE_INFINITY, [], baseline)), 'f64').length

/** A chain whose links are items of their own, since each wants the sum of the one before; `kind` varies the links. */
const chain = (links: number, kind: (i: number, y: Vec) => ReturnType<typeof sin>): Program =>
  right(
    record((x: Vec) =>
      gen(function* () {
        let y: Vec = x
        for (let i = 0; i < links; i++) y = (yield* add(kind(i, y) as never, yield* sum(y))) as Vec
        return y
      }),
    )(spec([16])),
  ) as unknown as Program

describe('the module of a program', () => {
  it('is linear in the length of the program', () => {
    const sizes = [20, 200, 1000].map((links) => moduleBytes(chain(links, (i, y) => mul(y, 1 + i) as never)) / links)
    for (const size of sizes) expect(size).toBeLessThan(1.2 * sizes[0])
  })

  it('holds equal loops once', () => {
    const repeated = (links: number) => moduleBytes(chain(links, (_, y) => sin(y) as never))
    // a call for each link, beside functions that are there already
    expect(repeated(200) - repeated(100)).toBeLessThan(100 * 40)
  })
})

describe('showSchedule', () => {
  it('prints what runs', () => {
    const program = right(record((x: Vec) => sum(exp(x)))(spec([16])))
    expect(right(showSchedule(program))).toBe(
      'for \n  over i < 16\n    t0 = %0[i]\n    t1 = exp(t0)\n  t2 = add of t1\n  %2[0] = t2\n',
    )
  })
})

describe('a host without WebAssembly, or that forbids it', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  const { WebAssembly: real } = globalThis as unknown as { readonly WebAssembly: object }

  it.each([
    ['has none', undefined, /no WebAssembly; use the engine 'reference'/],
    ['has one without vectors', { validate: () => false }, /without vector instructions; use the engine 'reference'/],
    [
      'compiles nothing',
      {
        ...Object.fromEntries(Object.getOwnPropertyNames(real).map((name) => [name, (real as never)[name]])),
        Module: class {
          constructor() {
            throw new Error('blocked by the content security policy')
          }
        },
      },
      /refuses the module: blocked by the content security policy/,
    ],
  ])('%s: is told so, or served by the reference engine', async (_, stub, sentence) => {
    vi.resetModules()
    vi.stubGlobal('WebAssembly', stub)
    const fresh = await import('wengert')
    const program = right(fresh.record((x: Var<readonly []>) => fresh.exp(x))(fresh.spec([])))
    const refused = fresh.compile({ engine: 'wasm' })(program)
    expect(refused).toMatchObject({ _tag: 'Left', left: { _tag: 'Unsupported' } })
    expect(refused).toMatchObject({ left: { message: expect.stringMatching(sentence) } })
    const served = right(fresh.compile()(program))
    expect(served.engine).toBe('reference')
    expect(right(served.run(0)).data[0]).toBe(1)
  })
})
