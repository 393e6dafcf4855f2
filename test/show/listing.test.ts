import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/Failure.js'
import { record, spec } from '../../src/Program.js'
import type { Vocabulary } from '../../src/primitive/Primitive.js'
import { statisticsOf } from '../../src/primitive/statistics.js'
import { primitives } from '../../src/primitive/table.js'
import { type Reverse, step } from '../../src/Reverse.js'
import { showStatistics, showTape } from '../../src/show/index.js'
import type { Program } from '../../src/Tape.js'
import { scalar, tensor, unsafeMake } from '../../src/Tensor.js'
import * as Tree from '../../src/Tree.js'
import { checkpoint, customRule } from '../../src/transform/index.js'
import type { AnyVar, Var } from '../../src/Var.js'
import { random, randomProgram } from '../ProgramCodec.support.js'

const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const recorded = (specs: unknown, f: (v: Vocabulary, xs: ReadonlyArray<AnyVar>) => Tree.VarTree): Program =>
  right(
    record(
      (p: Tree.VarTree): Reverse<Tree.VarTree> =>
        step(Tree.leaves<AnyVar>(p), (recorder, xs) => E.right(f(recorder.vocabulary, xs))),
    )(specs as never),
  )

const rows = (text: string): ReadonlyArray<string> => text.split('\n')

describe('showTape', () => {
  it('calls inputs by their paths and labelled values by their labels', () => {
    const program = recorded({ layers: [{ w: spec([3]) }], x: spec([3]) }, (v, [w, x]) => {
      const hidden = v.emit('label', [v.mul(w, x)], { name: 'hidden' })
      return { loss: v.sum(v.exp(hidden), [0]), hidden }
    })
    expect(rows(showTape(program))).toEqual([
      '%0 = input layers.0.w : real [3]',
      '%1 = input x : real [3]',
      '%2 = layers.0.w * x : real [3]',
      '%3 = label(%2, "hidden") : real [3]',
      '%4 = exp(hidden) : real [3]',
      '%5 = sum(%4, axes=[0]) : real []',
      'gives hidden = %3, loss = %5',
    ])
    expect(showTape(program.tape)).toBe(showTape(program).replace(/\ngives.*$/, ''))
  })

  it('uses no name that two values have, or that is no word', () => {
    const program = recorded({ a: spec([]), 'b c': spec([]), '': spec([]) }, (v, [e, a, b]) => {
      const l = v.emit('label', [b], { name: 'a' })
      const m = v.emit('label', [b], { name: '%1' })
      return v.add(v.add(v.add(e, a), v.add(b, l)), m)
    })
    expect(rows(showTape(program))).toEqual([
      '%0 = input "\\"\\"" : real []',
      '%1 = input a : real []',
      '%2 = input "b c" : real []',
      '%3 = label(%2, "a") : real []',
      '%4 = label(%2, "%1") : real []',
      '%5 = %0 + %1 : real []',
      '%6 = %2 + %3 : real []',
      '%7 = %5 + %6 : real []',
      '%8 = %7 + %4 : real []',
      'gives %8',
    ])
  })

  it('abbreviates constants and peeks, and writes scalars where they are used', () => {
    const program = recorded(spec([]), (v, [x]) => {
      const minus = v.emit('constant', [], { value: scalar(-0) })
      const long = v.emit('constant', [], { value: tensor(Array.from({ length: 100 }, (_, i) => i / 2)) })
      const square = v.emit('constant', [], {
        value: tensor([
          [1, Number.NaN],
          [Number.POSITIVE_INFINITY, 4],
        ]),
      })
      const flags = v.emit('constant', [], { value: unsafeMake([2], 'bool', Uint8Array.of(1, 0)) })
      const none = v.emit('constant', [], { value: unsafeMake([0], 'int', new Int32Array(0)) })
      return [v.pow(x, minus), v.emit('peek', [long], { value: tensor(new Array(100).fill(7)) }), square, flags, none]
    })
    expect(rows(showTape(program)).slice(1, -1)).toEqual([
      '%1 = -0 : real []',
      '%2 = [0, 0.5, 1, 1.5, 2, 2.5, ... 94 more] : real [100]',
      '%3 = [1, NaN, Infinity, 4] : real [2, 2]',
      '%4 = [true, false] : bool [2]',
      '%5 = [] : int [0]',
      '%6 = %0 ** -0 : real []',
      '%7 = peek(%2) is [7, 7, 7, 7, 7, 7, ... 94 more] : real [100]',
    ])
    expect(showTape(program, { elements: 0 })).toContain('%2 = [100 elements] : real [100]')
  })

  it('cuts a long tape in the middle, and says how much', () => {
    const program = recorded(spec([]), (v, [x]) => {
      let y = x
      for (let i = 0; i < 999; i++) y = v.sin(y)
      return y
    })
    const text = rows(showTape(program, { lines: 5 }))
    expect(text).toEqual([
      '%0   = input "" : real []',
      '%1   = sin(%0) : real []',
      '%2   = sin(%1) : real []',
      '... 995 more ...',
      '%998 = sin(%997) : real []',
      '%999 = sin(%998) : real []',
      'gives %999',
    ])
    expect(rows(showTape(program))).toHaveLength(102)
    expect(rows(showTape(program, { lines: 1000 }))).toHaveLength(1001)
    expect(rows(showTape(program, { lines: 999 }))[500]).toBe('... 1 more ...')
  })

  it('prints called programs below their calls when asked', () => {
    type S = Var<readonly []>
    const rule = customRule<S, S>({
      name: 'twice',
      f: (x) => step([x], (r, [a]) => E.right(r.vocabulary.add(a, a) as S)),
      jvp: ({ dx }) => step([dx], (r, [a]) => E.right(r.vocabulary.add(a, a) as S)),
    })
    const program = right(record(rule)(spec([])))
    expect(rows(showTape(program))).toEqual(['%0 = input "" : real []', '%1 = twice(%0) : real []', 'gives %1'])
    expect(rows(showTape(program, { nested: true }))).toEqual([
      '%0 = input "" : real []',
      '%1 = twice(%0) : real []',
      '    body',
      '    %0 = input "0" : real []',
      '    %1 = %0 + %0 : real []',
      '    gives 0 = %1',
      '    jvp',
      '    %0 = input "0" : real []',
      '    %1 = input "1" : real []',
      '    %2 = input "2" : real []',
      '    %3 = %2 + %2 : real []',
      '    gives 0 = %3',
      'gives %1',
    ])
  })

  it('keeps every instruction on one visible line', () => {
    const program = recorded(spec([]), (v, [x]) => v.emit('label', [x], { name: 'a\nb\u2028c\u202ed' }))
    expect(rows(showTape(program))).toHaveLength(3)
    expect(showTape(program)).not.toMatch(/[\u2028\u202e]/)
    for (let i = 0; i < 100; i++) {
      const any = randomProgram(random(i))
      expect(rows(showTape(any))).toHaveLength(any.tape.length + 1)
    }
  })

  it('says when a program gives nothing', () => {
    expect(showTape(recorded([], () => []))).toBe('gives nothing')
    expect(showTape(recorded([], () => []).tape)).toBe('')
  })
})

describe('statistics', () => {
  const count = statisticsOf(primitives)

  it('count what the outputs need', () => {
    const program = recorded({ x: spec([4, 3]), n: spec([3], 'int') }, (v, [n, x]) => {
      v.exp(v.exp(x))
      return { y: v.sum(v.log(x), [0]), flags: v.gt(n, v.like(n, 0)) }
    })
    expect(count(program)).toEqual({
      length: 9,
      needed: 7,
      nested: 0,
      primitives: { input: 2, broadcast: 1, constant: 1, gt: 1, log: 1, sum: 1 },
      // a logarithm is 10, a sum or comparison 1 an element
      flops: 4 * 3 * 10 + 4 * 3 + 3,
      // two inputs, the logarithm and its sum; 0, its broadcast and the comparison
      bytes: 8 * 12 + 4 * 3 + 8 * 12 + 8 * 3 + 4 + 4 * 3 + 3,
      depth: 2,
      inputs: 2,
      outputs: 2,
    })
    expect(Object.keys(count(program).primitives)).toEqual(['input', 'broadcast', 'constant', 'gt', 'log', 'sum'])
  })

  it('count called programs with their call', () => {
    type S = Var<readonly [2]>
    const f = checkpoint<S, readonly [2], 'real'>((x) =>
      step([x], (r, [a]) => E.right(r.vocabulary.exp(r.vocabulary.exp(a)) as S)),
    )
    const g = checkpoint<S, readonly [2], 'real'>((x) => f(x))
    const program = right(record((x: S) => step([g(x)], (r, [y]) => E.right(r.vocabulary.neg(y))))(spec([2])))
    expect(count(program)).toMatchObject({
      needed: 3,
      // g: an input and the call of f; f: an input and two exponentials
      nested: 5,
      primitives: { call: 1, input: 1, neg: 1 },
      flops: 2 * 10 * 2 + 2,
      bytes: 8 * 2 * 8,
      depth: 3,
    })
  })

  it('of nothing are zero', () => {
    const none = recorded([], () => [])
    expect(count(none)).toEqual({
      length: 0,
      needed: 0,
      nested: 0,
      primitives: {},
      flops: 0,
      bytes: 0,
      depth: 0,
      inputs: 0,
      outputs: 0,
    })
    expect(showStatistics(count(none))).toContain('depth         0')
  })

  it('are shown as a table whose columns stand in line', () => {
    const program = recorded(spec([1000]), (v, [x]) => {
      v.exp(x)
      return v.sum(v.sin(x), [0])
    })
    expect(rows(showStatistics(count(program)))).toEqual([
      'instructions       3',
      'not needed         1',
      'operations    11 000',
      'bytes         16 008',
      'depth              2',
      'inputs             1',
      'outputs            1',
      '',
      'input              1',
      'sin                1',
      'sum                1',
    ])
  })

  it('is linear in the length of a deep tape', () => {
    const n = 100_000
    const program = recorded(spec([]), (v, [x]) => {
      let y = x
      for (let i = 0; i < n; i++) y = v.sin(y)
      return y
    })
    expect(count(program)).toMatchObject({ depth: n, flops: 10 * n, bytes: 8 * (n + 1) })
  })
})
