import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  bools,
  checkpoint,
  customRule,
  exp,
  flatMap,
  grad,
  mul,
  named,
  type Program,
  peek,
  prune,
  type Reverse,
  record,
  run,
  scalar,
  sin,
  spec,
  sum,
  type Var,
} from 'wengert'
import { passes, passOf, type SimplifyOptions, simplify, simplifyWithOrigins } from 'wengert/compile'
import { programFrom } from '../../../laws/arbitrary/index.js'
import { standard } from '../../../src/Program.js'
import type { Calculus, Primitive } from '../../../src/primitive/index.js'
import { at, equals, type Instruction, instructions, noAttributes } from '../../../src/Tape.js'
import type { AnyVar } from '../../../src/Var.js'

type X = Var<readonly []>

const truth = bools(true)

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

const names = (program: Program): ReadonlyArray<string> => instructions(program.tape).map(({ primitive }) => primitive)

const simple = (program: Program, options: SimplifyOptions = {}): Program => right(simplify(options)(program))

const recorded = (f: (x: X) => Reverse<X>): Program => right(record(f)(spec([])))

describe('where instructions come from', () => {
  it('is told for each, through all rounds', () => {
    const program = programFrom([{ shape: [], dtype: 'real' }], (v, [x]) => {
      const dead = v.exp(x)
      const y = v.sin(v.neg(v.neg(x)))
      return [v.mul(v.add(y, v.like(y, -0)), v.like(y, 1)), dead].slice(0, 1)
    })
    const { program: less, origins } = right(simplifyWithOrigins()(program))
    expect(names(less)).toEqual(['input', 'sin'])
    expect(origins.map((id) => (at(program.tape, id) as Instruction).primitive)).toEqual(['input', 'sin'])
  })

  it('also for what rules have made', () => {
    const program = programFrom([{ shape: [], dtype: 'real' }], (v, [x]) => [v.exp(v.div(x, v.like(x, 8)))])
    const { program: less, origins } = right(simplifyWithOrigins()(program))
    expect(names(less)).toEqual(['input', 'constant', 'mul', 'exp'])
    const before = origins.map((id) => (at(program.tape, id) as Instruction).primitive)
    expect(before.slice(2)).toEqual(['div', 'exp'])
  })
})

describe('calls and markers', () => {
  const odd = customRule<X, X>({ name: 'odd', f: (x) => exp(x), vjp: ({ ct }) => mul(ct, 3) })
  const kept = checkpoint<X, readonly [], 'real'>((x) => sin(mul(mul(x, 1), 2)))
  const program = recorded((x) => add(odd(x), named('here')(kept(x))))

  it('stay unless asked, and what they call is simplified', () => {
    const less = simple(program)
    expect(names(less)).toEqual(['input', 'call', 'call', 'label', 'add'])
    const body = (at(less.tape, 2) as Instruction).attributes.body as Program
    expect(names(body)).toEqual(['input', 'constant', 'mul', 'sin'])
  })

  it('go as far as they are asked to', () => {
    expect(names(simple(program, { inline: 'plain' }))).toEqual([
      'input',
      'call',
      'constant',
      'mul',
      'sin',
      'label',
      'add',
    ])
    const all = simple(program, { inline: 'all', drop: ['label'] })
    expect(names(all)).toEqual(['input', 'exp', 'constant', 'mul', 'sin', 'add'])
  })

  it('the second evaluation of a checkpointed function stays, unless its variables are dropped', () => {
    const gradient = recorded((x) => grad((y: X) => sum(kept(y)))(x) as Reverse<X>)
    const sines = (options: SimplifyOptions) =>
      names(right(simplify({ inline: 'all', ...options })(gradient))).filter((name) => name === 'mul').length
    expect(sines({})).toBeGreaterThanOrEqual(sines({ drop: ['variable'] }))
  })

  it('programs too large to be written out stay calls', () => {
    // each level calls the one before 128 times: 128^3 instructions when written out
    let body = programFrom([{ shape: [], dtype: 'real' }], (v, [x]) => [v.sin(x)])
    for (let level = 0; level < 3; level++) {
      const inner = body
      body = programFrom([{ shape: [], dtype: 'real' }], (v, [x]) => {
        let y: AnyVar = x
        for (let i = 0; i < 128; i++) y = v.emit('call', [y], { name: `level ${level}`, body: inner })
        return [y]
      })
    }
    const less = simple(body, { inline: 'all' })
    expect(names(less)).toContain('call')
    expect(less.tape.length).toBe(129)
  })
})

describe('what stays', () => {
  it('inputs that nothing needs, and statements', () => {
    const program = programFrom(
      [
        { shape: [], dtype: 'real' },
        { shape: [2], dtype: 'int' },
      ],
      (v, [x]) => {
        v.emit('peek', [x], { value: scalar(1) })
        return [v.like(x, 2)]
      },
    )
    expect(names(simple(program))).toEqual(['input', 'input', 'peek', 'constant'])
    const seen = run((x: X) => flatMap(peek(x), () => mul(x, 2)))(scalar(4))
    expect(seen).toEqual({ _tag: 'Right', right: scalar(8) })
  })

  it('a simplified program, the same objects or not', () => {
    const program = recorded((x) => add(exp(x), mul(x, 3)))
    expect(equals(simple(simple(program)).tape, simple(program).tape)).toBe(true)
    expect(equals(simple(program).tape, right(prune(program)).tape)).toBe(true)
  })
})

describe('passes', () => {
  const program = programFrom([{ shape: [], dtype: 'real' }], (v, [x]) => [
    v.add(v.mul(x, v.like(x, 1)), v.exp(v.like(x, 0))),
  ])
  it('do one thing each', () => {
    expect(names(right(passes.arithmetic()(program)))).toEqual(['input', 'constant', 'exp', 'add'])
    expect(names(right(passes.constants()(program)))).toEqual(['input', 'constant', 'mul', 'add'])
    expect(names(right(passes.deadCode()(program)))).toEqual(names(program))
  })

  it('are made of rules, of which one may bring one’s own', () => {
    const fast = passOf({ tanh: [(cx, [x]) => cx.v.emit('sigmoid', [x], noAttributes)] })
    const given = programFrom([{ shape: [], dtype: 'real' }], (v, [x]) => [v.tanh(x)])
    expect(names(right(fast()(given)))).toEqual(['input', 'sigmoid'])
  })
})

describe('rounds', () => {
  const one = [{ shape: [], dtype: 'real' }] as const

  it('end with the first walk where no rule asks for more than operands', () => {
    let asked = 0
    const pass = passOf({
      neg: [(cx, [x]) => (x.primitive === 'neg' ? cx.operands(x)[0] : null)],
      sin: [
        () => {
          asked++
          return null
        },
      ],
    })
    const program = programFrom(one, (v, [x]) => [v.sin(v.neg(v.neg(v.cos(x))))])
    expect(names(right(pass()(program)))).toEqual(['input', 'cos', 'sin'])
    expect(asked).toBe(1)
  })

  it('go on where something is needed by nobody else any more', () => {
    // the quotient is needed twice until the choice is made
    const program = programFrom(one, (v, [x]) => {
      const y = v.div(v.sin(x), v.exp(v.like(x, 1)))
      return [v.neg(y), v.select(v.emit('constant', [], { value: truth }), x, y)]
    })
    const less = simple(program)
    expect(names(less)).not.toContain('neg')
    expect(equals(simple(less).tape, less.tape)).toBe(true)
  })
})

/** How often shapes are computed, once for each new instruction of every walk, while a chain is simplified. */
const recordings = (length: number, more: boolean): number => {
  let count = 0
  const counting = (row: Primitive): Primitive => ({
    ...row,
    spec: (xs, a) => {
      count++
      return row.spec(xs, a)
    },
  })
  const table = Object.fromEntries(
    Object.entries(standard.table).map(([name, row]) => [name, counting(row as Primitive)]),
  )
  const program = programFrom([{ shape: [8], dtype: 'real' }], (v, [x]) => {
    let y: AnyVar = x
    for (let i = 0; i < length; i++) {
      y = v.mul(v.neg(v.sin(y)), v.like(y, i % 7))
      if (more) y = v.reshape(v.permute(v.reshape(v.add(y, x), [2, 4]), [1, 0]), [8])
      if (more && i % 3 === 0)
        y = v.emit('slice', [v.emit('concat', [y, x], { axis: 0 })], { start: [0], stop: [8], stride: [1] })
    }
    return [y]
  })
  right(simplify({ calculus: { ...standard, table } as unknown as Calculus })(program))
  return count
}

describe('the cost', () => {
  it('grows with the tape and no faster', () => {
    for (const more of [false, true]) {
      const [short, long] = [recordings(200, more), recordings(2000, more)]
      expect(long / short).toBeLessThan(10.5)
    }
  })

  it('of lists that grow by one at a time, too', () => {
    const growing = (length: number): number => {
      const program = programFrom([{ shape: [1], dtype: 'real' }], (v, [x]) => {
        let all: AnyVar = x
        let total: AnyVar = x
        for (let i = 0; i < length; i++) {
          all = v.emit('concat', [all, v.sin(x)], { axis: 0 })
          total = v.add(total, v.emit('slice', [v.exp(all)], { start: [i], stop: [i + 1], stride: [1] }))
        }
        return [total]
      })
      return instructions(simple(program).tape).reduce((n, { operands }) => n + operands.length, 0)
    }
    expect(growing(1000) / growing(100)).toBeLessThan(15)
  })
})
