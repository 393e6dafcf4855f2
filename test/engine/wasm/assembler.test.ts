import { describe, expect, it } from 'vitest'
import {
  assemble,
  block,
  branch,
  branchIf,
  call,
  choose,
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  forEach,
  func,
  i8x16,
  i32,
  i32x4,
  i64,
  i64x2,
  imported,
  type Label,
  letting,
  local,
  loop,
  memory,
  type Statement,
  select,
  sequence,
  set,
  tee,
  v128,
  when,
  whilst,
} from '../../../src/engine/wasm/assembler.js'
import { type HostMemory, host, instantiate } from './support.js'

describe('assemble', () => {
  it('gives a module with nothing in it', () => {
    expect(host.validate(assemble({ exports: {} }))).toBe(true)
  })

  it('writes integers of any size as LEB128', () => {
    const values = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)]
    const exports = Object.fromEntries(values.map((v, i) => [`f${i}`, func('f', [], 'i32', () => [i32.const(v)])]))
    const f = instantiate({ exports })
    expect(values.map((_, i) => f[`f${i}`]())).toEqual(values)
    const longs = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 33n]
    const wide = Object.fromEntries(longs.map((v, i) => [`f${i}`, func('f', [], 'i64', () => [i64.const(v)])]))
    const g = instantiate({ exports: wide })
    expect(longs.map((_, i) => g[`f${i}`]())).toEqual(longs)
  })

  it('writes floats to the bit', () => {
    const values = [0, -0, 1.5, -Math.PI, 5e-324, Number.MAX_VALUE, Infinity, NaN]
    const exports = Object.fromEntries(values.map((v, i) => [`f${i}`, func('f', [], 'f64', () => [f64.const(v)])]))
    const f = instantiate({ exports })
    values.forEach((v, i) => {
      expect(Object.is(f[`f${i}`](), v)).toBe(true)
    })
  })

  it('takes only the functions that exports reach, and each once', () => {
    const used = func('used', ['f64'], 'f64', (x) => [f64.add(x, 1)])
    const exports = {
      a: func('a', ['f64'], 'f64', (x) => [call(used, call(used, x))]),
      b: func('b', ['f64'], 'f64', (x) => [call(used, x)]),
    }
    const all = instantiate({ exports })
    expect(all.a(1)).toBe(3)
    expect(all.b(1)).toBe(2)
    const one = assemble({ exports: { a: exports.a } })
    expect(one.length).toBeLessThan(assemble({ exports }).length)
  })

  it('calls what the host gives', () => {
    const host = imported('env', 'twice', ['f64'], 'f64')
    const f = func('f', ['f64'], 'f64', (x) => [f64.add(call(host, x), 1)])
    expect(instantiate({ exports: { f } }, { env: { twice: (x: number) => 2 * x } }).f(4)).toBe(9)
  })

  it('is deterministic', () => {
    const make = () =>
      assemble({ exports: { f: func('f', ['f64', 'i32'], 'f64', (x, i) => [select('f64', i, x, f64.mul(x, x))]) } })
    expect(make()).toEqual(make())
  })

  it('has a memory of its own with data in it, or that of the host', () => {
    const f = func('f', ['i32'], 'i32', (p) => [i32.load8_u(p, 1)])
    const data = [{ address: 8, bytes: Uint8Array.of(1, 2, 200) }]
    expect(instantiate({ exports: { f }, memory: { pages: 1 }, data }).f(8)).toBe(2)
    const own = new host.Memory({ initial: 1 })
    const g = instantiate(
      { exports: { f }, memory: { pages: 1, from: ['env', 'memory'] }, data },
      { env: { memory: own } },
    )
    expect(g.f(9)).toBe(200)
    expect(new Uint8Array(own.buffer)[8]).toBe(1)
    const shared = new host.Memory({ initial: 1, maximum: 2, shared: true })
    const spec = { pages: 1, most: 2, shared: true, from: ['env', 'memory'] } as const
    expect(instantiate({ exports: { f }, memory: spec, data }, { env: { memory: shared } }).f(9)).toBe(200)
  })

  it('is linear in the size of the code, and takes any depth of nesting', () => {
    const x = local('f64')
    let deep: Expr<'f64'> = x
    for (let i = 0; i < 200_000; i++) deep = f64.add(deep, 1)
    const f = func('f', [], 'f64', () => [set(x, 0.5), deep])
    expect(instantiate({ exports: { f } }).f()).toBe(200_000.5)
    const statements = Array.from({ length: 200_000 }, () => set(x, f64.add(x, 1)))
    const g = func('g', [], 'f64', () => [...statements, x])
    expect(instantiate({ exports: { g } }).g()).toBe(200_000)
  })
})

describe('control', () => {
  it('counts', () => {
    const sum = (from: number, step: number) =>
      func('sum', ['i32'], 'i32', (n) => {
        const [i, s] = [local('i32'), local('i32')]
        return [forEach(i, from, n, step, [set(s, i32.add(s, i))]), s]
      })
    const f = instantiate({ exports: { a: sum(0, 1), b: sum(3, 2) } })
    expect([f.a(10), f.a(0), f.a(-1), f.b(10), f.b(3)]).toEqual([45, 0, 0, 24, 0])
  })

  it('counts between literals', () => {
    const f = func('f', [], 'i32', () => {
      const [i, s] = [local('i32'), local('i32')]
      return [forEach(i, 2, 5, 1, [set(s, i32.add(s, i))]), forEach(i, 5, 5, 1, [set(s, 1000)]), s]
    })
    expect(instantiate({ exports: { f } }).f()).toBe(9)
  })

  it('branches out of nested blocks, loops and choices', () => {
    const f = func('f', ['i32'], 'i32', (n) => {
      const r = local('i32')
      return [
        block((outer) => [
          block((inner) => [
            when(i32.eq(n, 1), [set(r, 10), branch(inner)]),
            loop((again) => [
              set(n, i32.sub(n, 1)),
              when(i32.eq(n, 5), [set(r, 20), branch(outer)], [set(r, i32.add(r, 1))]),
              branchIf(again, i32.gt_s(n, 0)),
            ]),
          ]),
          set(r, i32.add(r, 100)),
        ]),
        r,
      ]
    })
    const { f: g } = instantiate({ exports: { f } })
    expect([g(1), g(3), g(9)]).toEqual([110, 103, 20])
  })

  it('chooses values, with and without a branch', () => {
    const f = func('f', ['f64'], 'f64', (x) => [choose('f64', f64.lt(x, 0), [f64.neg(x)], [x])])
    const g = func('g', ['f64'], 'f64', (x) => [select('f64', f64.lt(x, 0), f64.neg(x), x)])
    const h = func('h', ['i32'], 'i32', (n) => {
      const bits = local('i32')
      return [whilst(n, [set(bits, i32.add(bits, 1)), set(n, i32.shr_u(n, 1))]), bits]
    })
    const m = instantiate({ exports: { f, g, h } })
    expect([m.f(-2), m.f(3), m.g(-2), m.g(3), m.h(0), m.h(255)]).toEqual([2, 3, 2, 3, 0, 8])
  })

  it('lets a value have its own statements', () => {
    const f = func('f', ['f64'], 'f64', (x) => {
      const t = local('f64')
      return [f64.add(letting([set(t, f64.mul(x, x))], f64.add(t, t)), tee(t, 1))]
    })
    expect(instantiate({ exports: { f } }).f(3)).toBe(19)
  })

  it('refuses a branch from outside', () => {
    let stray: Label | null = null
    const leaky = block((label) => {
      stray = label
      return []
    })
    const f = func('f', [], 'void', () => [leaky, branch(stray as unknown as Label)])
    expect(() => assemble({ exports: { f } })).toThrow('label')
  })
})

describe('instructions', () => {
  it('compute on scalars as JavaScript does', () => {
    const exports = {
      hypot: func('hypot', ['f64', 'f64'], 'f64', (x, y) => [f64.sqrt(f64.add(f64.mul(x, x), f64.mul(y, y)))]),
      round: func('round', ['f64'], 'f64', (x) => [f64.nearest(x)]),
      single: func('single', ['f64'], 'f64', (x) => [f64.promote_f32(f32.demote_f64(x))]),
      toInt: func('toInt', ['f64'], 'i32', (x) => [i32.trunc_sat_f64_s(x)]),
      mulhi: func('mulhi', ['i32', 'i32'], 'i32', (x, y) => [
        i32.wrap_i64(i64.shr_u(i64.mul(i64.extend_i32_u(x), i64.extend_i32_u(y)), 32n)),
      ]),
      bits: func('bits', ['f64'], 'i64', (x) => [i64.reinterpret_f64(x)]),
    }
    const f = instantiate({ exports })
    expect(f.hypot(3, 4)).toBe(5)
    expect(f.round(2.5)).toBe(2)
    expect(f.single(0.1)).toBe(Math.fround(0.1))
    expect(f.toInt(-3.9)).toBe(-3)
    expect(f.toInt(1e300)).toBe(2 ** 31 - 1)
    expect(f.mulhi(-1, -1) >>> 0).toBe(2 ** 32 - 2)
    expect(f.bits(1)).toBe(0x3ff0000000000000n)
  })

  it('compute on vectors lane by lane', () => {
    const make = (e: (x: Expr<'v128'>, y: Expr<'v128'>) => Expr<'v128'>) =>
      func('f', ['i32', 'i32', 'i32'], 'void', (x, y, out) => [v128.store(out, e(v128.load(x), v128.load(y)))])
    const exports = {
      doubles: make((x, y) => f64x2.div(f64x2.add(x, 1), y)),
      floats: make((x, y) => f32x4.mul(f32x4.sub(x, y), 0.5)),
      chosen: make((x, y) => v128.bitselect(x, y, f32x4.lt(x, y))),
      ints: make((x, y) => i32x4.add(i32x4.shl(x, 3), i32x4.mul(y, 2))),
      longs: make((x, y) => i64x2.sub(i64x2.shr_u(x, 1), y)),
      turned: make((x, y) => i8x16.shuffle(x, y, [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 16, 17, 18, 19])),
      lanes: make((x) => f64x2.replace_lane(f64x2.splat(f64x2.extract_lane(x, 1)), 0, 7)),
      consts: make(() => i32x4.const(1, -2, 3, -4)),
    }
    const f = instantiate({ exports, memory: { pages: 1, as: 'memory' } })
    const { buffer } = f.memory as unknown as HostMemory
    const doubles = new Float64Array(buffer, 0, 6)
    const floats = new Float32Array(buffer, 0, 12)
    const ints = new Int32Array(buffer, 0, 12)
    const longs = new BigInt64Array(buffer, 0, 6)
    doubles.set([1, 2, 3, 4])
    f.doubles(0, 16, 32)
    expect([...doubles.subarray(4)]).toEqual([2 / 3, 3 / 4])
    f.lanes(0, 16, 32)
    expect([...doubles.subarray(4)]).toEqual([7, 2])
    floats.set([1, 2, 3, 4, 4, 3, 2, 1])
    f.floats(0, 16, 32)
    expect([...floats.subarray(8)]).toEqual([-1.5, -0.5, 0.5, 1.5])
    f.chosen(0, 16, 32)
    expect([...floats.subarray(8)]).toEqual([1, 2, 2, 1])
    f.turned(0, 16, 32)
    expect([...floats.subarray(8)]).toEqual([4, 3, 2, 4])
    ints.set([1, 2, 3, 4, -1, -2, -3, -4])
    f.ints(0, 16, 32)
    expect([...ints.subarray(8)]).toEqual([6, 12, 18, 24])
    f.consts(0, 16, 32)
    expect([...ints.subarray(8)]).toEqual([1, -2, 3, -4])
    longs.set([-2n, 10n, 1n, 2n])
    f.longs(0, 16, 32)
    expect([...longs.subarray(4)]).toEqual([2n ** 63n - 2n, 3n])
  })

  it('name the opcode that they mean', () => {
    // Every instruction of these tables in one function, so that a host checks that the operands are of its types.
    const v = local('v128')
    const of = (table: Readonly<Record<string, unknown>>): ReadonlyArray<Statement> =>
      Object.entries(table).flatMap(([name, f]) => {
        if (name === 'const' || /load|store|lane|splat|shuffle|shl|shr|relaxed/.test(name)) return []
        const e = (f as (...xs: ReadonlyArray<unknown>) => Expr)(v, v, v)
        return [e.type === 'v128' ? set(v, e as Expr<'v128'>) : set(local(e.type as 'i32'), e as Expr<'i32'>)]
      })
    const f = func('f', [], 'void', () => [v128, i8x16, i32x4, i64x2, f32x4, f64x2].flatMap((t) => of(t as never)))
    expect(host.validate(assemble({ exports: { f } }))).toBe(true)
  })

  it('copy and fill memory', () => {
    const f = func('f', [], 'i32', () => [memory.fill(0, 7, 10), memory.copy(20, 4, 10), i32.load8_u(25)])
    const g = func('g', [], 'i32', () => [i32.load8_u(26)])
    const m = instantiate({ exports: { f, g }, memory: { pages: 1 } })
    expect(m.f()).toBe(7)
    expect(m.g()).toBe(0)
  })

  it('refuse literals that are none', () => {
    expect(() => i32.const(0.5)).toThrow('i32')
    expect(() => i32.const(2 ** 32)).toThrow('i32')
    expect(() => f64.load(0, -8)).toThrow('offset')
  })
})

describe('types', () => {
  it('rule out what does not fit', () => {
    const x = local('f64')
    const i = local('i32')
    // @ts-expect-error an i32 is not an f64
    f64.add(x, i)
    // @ts-expect-error an f64 is no condition
    when(x, [])
    // @ts-expect-error a value is not a statement
    sequence(f64.add(x, 1))
    // @ts-expect-error the local holds an i32
    set(i, x)
    const f = func('f', ['f64', 'i32'], 'f64', (a) => [a])
    // @ts-expect-error an argument is missing
    call(f, x)
    // @ts-expect-error the arguments are the other way round
    call(f, i, x)
    // @ts-expect-error the body ends without its value
    func('g', [], 'f64', () => [set(x, 1)])
    // @ts-expect-error a vector has no literal of its own
    v128.and(1, v128.load(0))
    // @ts-expect-error 64-bit literals are bigints
    expect(() => i64.add(i64.const(1n), 1)).not.toThrow()
  })
})
