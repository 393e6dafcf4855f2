import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  at,
  type Builder,
  empty,
  equals,
  extend,
  hash,
  type Instruction,
  instructions,
  noAttributes,
  owns,
  prefix,
} from 'wengert/Tape'

const scalarSpec = () => E.right({ shape: [], dtype: 'real' as const })

const put = (
  b: Builder,
  primitive: string,
  operands: ReadonlyArray<number>,
  attributes = {},
  fresh = false,
): Instruction => {
  const added = b.append(primitive, operands, attributes, scalarSpec, fresh)
  if (E.isLeft(added)) throw new Error('refused')
  return added.right
}

const add = (b: Builder, x: number, y: number): Instruction => put(b, 'add', [x, y], noAttributes)

describe('recording', () => {
  test('positions are dense and operands are smaller', () => {
    const b = extend(empty)
    const x = put(b, 'input', [], { path: 'x' }, true)
    const y = add(b, x.id, x.id)
    const z = add(b, y.id, x.id)
    expect([x.id, y.id, z.id]).toEqual([0, 1, 2])
    expect(instructions(b.tape()).every((i, id) => i.id === id && i.operands.every((k) => k < id))).toBe(true)
  })

  test('an equal instruction is not recorded again, a fresh one is', () => {
    const b = extend(empty)
    const x = put(b, 'input', [], { path: 'x' }, true)
    expect(add(b, x.id, x.id)).toBe(add(b, x.id, x.id))
    expect(put(b, 'sum', [0], { axes: [0] })).toBe(put(b, 'sum', [0], { axes: [0] }))
    expect(put(b, 'sum', [0], { axes: [1] })).not.toBe(put(b, 'sum', [0], { axes: [0] }))
    expect(put(b, 'variable', [0], noAttributes, true)).not.toBe(put(b, 'variable', [0], noAttributes, true))
  })

  test('0 and -0 differ, NaN equals itself', () => {
    const b = extend(empty)
    const constant = (value: number) => put(b, 'pad', [], { value })
    expect(constant(0)).not.toBe(constant(-0))
    expect(constant(Number.NaN)).toBe(constant(Number.NaN))
  })

  test('a refused instruction leaves no trace', () => {
    const b = extend(empty)
    expect(b.append('add', [], noAttributes, () => E.left('no'), false)).toEqual(E.left('no'))
    expect(b.length()).toBe(0)
  })

  test('hash-consing finds every instruction of a long tape', () => {
    const b = extend(empty)
    put(b, 'input', [], { path: 'x' }, true)
    for (let i = 0; i < 5000; i++) add(b, i, i)
    const length = b.length()
    for (let i = 0; i < 5000; i++) add(b, i, i)
    expect(b.length()).toBe(length)
  })
})

describe('persistence', () => {
  const base = () => {
    const b = extend(empty)
    put(b, 'input', [], { path: 'x' }, true)
    add(b, 0, 0)
    return b.tape()
  }

  test('recording on a tape shares its instructions and leaves it as it was', () => {
    const t = base()
    const before = instructions(t)
    const b = extend(t)
    add(b, 1, 1)
    const longer = b.tape()
    expect(longer.length).toBe(3)
    expect(instructions(t)).toEqual(before)
    expect(before.every((i, id) => at(longer, id) === i)).toBe(true)
    expect(equals(prefix(longer, t.length), t)).toBe(true)
    expect(at(t, 2)).toBeUndefined()
  })

  test('two continuations of one tape do not see each other', () => {
    const t = base()
    const left = extend(t)
    const l = add(left, 1, 1)
    const right = extend(t)
    const r = put(right, 'mul', [1, 1], noAttributes)
    const [a, b] = [left.tape(), right.tape()]
    expect([at(a, 2), at(b, 2)]).toEqual([l, r])
    expect(owns(a, l) && owns(b, r) && !owns(a, r) && !owns(b, l)).toBe(true)
    expect(equals(a, b)).toBe(false)
    expect(at(a, 0)).toBe(at(b, 0))
  })

  test('two recordings under way at once on one tape do not see each other', () => {
    const t = base()
    const one = extend(t)
    const two = extend(t)
    add(one, 1, 1)
    put(two, 'mul', [1, 1], noAttributes)
    add(one, 2, 2)
    expect([one.tape().length, two.tape().length]).toEqual([4, 3])
  })

  test('a fork sees what is below and is not seen', () => {
    const b = extend(base())
    const fork = b.fork()
    expect(add(fork, 0, 0).id).toBe(1)
    const hidden = add(fork, 1, 1)
    expect(hidden.id).toBe(2)
    expect(b.owns(hidden)).toBe(false)
    const here = add(b, 1, 1)
    expect(here.id).toBe(2)
    expect(here).not.toBe(hidden)
    expect(fork.at(2)).toBe(hidden)
  })

  test('a long line of continuations of older tapes', () => {
    let t = base()
    for (let i = 0; i < 500; i++) {
      const b = extend(t)
      const last = add(b, t.length - 1, 0)
      put(b, 'unseen', [], { i })
      t = prefix(b.tape(), last.id + 1)
    }
    expect(t.length).toBe(502)
    const b = extend(t)
    expect(add(b, 250, 0).id).toBe(251)
    expect(instructions(t).every((i, id) => i.id === id)).toBe(true)
  })

  test('instructions are frozen, with everything in them', () => {
    const b = extend(empty)
    const i = put(b, 'sum', [], { axes: [0, 1] })
    expect([i, i.operands, i.attributes, i.attributes.axes, i.shape].every(Object.isFrozen)).toBe(true)
  })

  test('equal tapes are equal whoever recorded them', () => {
    expect(equals(base(), base())).toBe(true)
    expect(base()).not.toBe(base())
  })

  test('equal tapes have equal hashes, however an instruction came there', () => {
    const recorded = (attributes: object, fresh: boolean) => {
      const b = extend(empty)
      put(b, 'input', [], { path: 'x' }, true)
      put(b, 'add', [0, 0], attributes, fresh)
      return b.tape()
    }
    const [a, ...same] = [recorded(noAttributes, false), recorded({}, false), recorded({}, true)]
    for (const b of same) {
      expect(equals(a, b)).toBe(true)
      expect(hash(a)).toBe(hash(b))
    }
    expect(hash(recorded({ axis: 1 }, false))).not.toBe(hash(a))
  })
})
