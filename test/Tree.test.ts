import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../src/Failure.js'
import { scalar, tensor } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'w', 'constructor', 'toString', 'a.b', '', '"', '0', '10', '9'),
  fc.string({ maxLength: 4 }).filter((s) => s !== '__proto__'),
)

const { numbers } = fc.letrec<{ numbers: Tree.Tree<number> }>((tie) => ({
  numbers: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.double(),
    fc.array(tie('numbers'), { maxLength: 4 }),
    fc.dictionary(name, tie('numbers'), { maxKeys: 4, noNullPrototype: false }),
  ),
}))

const left = <A>(result: E.Either<Failure, A>): Failure => {
  if (E.isRight(result)) throw new Error('expected a failure')
  return result.left
}

const nested = (depth: number): unknown => {
  let tree: unknown = 1
  for (let i = 0; i < depth; i++) tree = i % 2 === 0 ? [tree] : { a: tree }
  return tree
}

const frozen = (u: unknown): boolean =>
  typeof u !== 'object' || u === null || (Object.isFrozen(u) && Object.values(u).every(frozen))

describe('flatten', () => {
  it('orders records by key and arrays by index, with paths', () => {
    const items = Array.from({ length: 11 }, (_, i) => i)
    expect(Tree.flatten({ b: 1, a: { z: 2, y: [3, 4] }, B: 0 }).map((e) => `${e.path}=${e.leaf}`)).toEqual([
      'B=0',
      'a.y.0=3',
      'a.y.1=4',
      'a.z=2',
      'b=1',
    ])
    expect(Tree.leaves(items)).toEqual(items)
  })

  it('gives a bare leaf the empty path', () => {
    expect(Tree.flatten(5)).toEqual([{ path: '', leaf: 5 }])
    const t = tensor([1, 2])
    expect(Tree.flatten(t)).toEqual([{ path: '', leaf: t }])
  })

  it('knows leaves by their tag', () => {
    const v = { _tag: 'Var', id: 0, shape: [], dtype: 'real' } as const
    expect(Tree.leaves<Tree.Leaf>({ a: v, b: scalar(1), c: 3 })).toEqual([v, scalar(1), 3])
  })

  it('gives different leaves different paths', () => {
    expect(Tree.flatten({ 'a.b': 1, a: { b: 2 }, '': 3 }).map((e) => e.path)).toEqual(['""', 'a.b', '"a.b"'])
    fc.assert(
      fc.property(numbers, (tree) => {
        const paths = Tree.flatten(tree).map((e) => e.path)
        expect(new Set(paths).size).toBe(paths.length)
      }),
    )
  })

  it('does not depend on the order of keys', () => {
    expect(Tree.leaves({ a: 1, b: 2 })).toEqual(Tree.leaves({ b: 2, a: 1 }))
  })

  it('throws the sentence of check on what its type excludes', () => {
    expect(() => Tree.flatten({ a: null as unknown as number })).toThrow(/^flatten: null at a is no part of a tree/)
  })
})

describe('check', () => {
  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a string', 'x'],
    ['a boolean', true],
    ['an instance of Map', new Map()],
    ['an instance of Float64Array', new Float64Array(2)],
    ['an instance of Net', new (class Net {})()],
    ['an instance of Date', new Date()],
  ])('refuses %s and names the path', (what, thing) => {
    const refused = left(Tree.check({ layers: [1, { w: thing }] }))
    expect(refused._tag).toBe('StructureMismatch')
    expect(refused.path).toBe('layers.1.w')
    expect(refused.message).toContain(`${what} at layers.1.w`)
    expect(left(Tree.check(thing)).message).toContain('at the root')
  })

  it('refuses a hole in an array', () => {
    // biome-ignore lint/suspicious/noSparseArray: this is what is tested
    expect(left(Tree.check([1, , 2])).path).toBe('1')
  })

  it('refuses the key __proto__ and leaves prototypes alone', () => {
    const polluted = JSON.parse('{ "a": { "__proto__": { "polluted": 1 } } }')
    expect(left(Tree.check(polluted)).message).toContain('the record at a has the key __proto__')
    expect(E.isLeft(Tree.traverse((x: number) => E.right(x))(polluted))).toBe(true)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('accepts records without a prototype and keys named as methods are', () => {
    expect(E.isRight(Tree.check(Object.assign(Object.create(null), { a: 1 })))).toBe(true)
    const odd = { constructor: 1, toString: 2, hasOwnProperty: 3 }
    expect(Tree.map((x: number) => -x)(odd as never)).toEqual({ constructor: -1, toString: -2, hasOwnProperty: -3 })
  })

  it('accepts 256 levels and refuses more with a sentence, whatever the depth', () => {
    expect(Tree.leaves(nested(256) as Tree.Tree<number>)).toEqual([1])
    for (const depth of [257, 10_000, 1_000_000]) {
      const refused = left(Tree.check(nested(depth)))
      expect(refused._tag).toBe('TooLarge')
      expect(refused.message).toContain('nested deeper than 256 levels')
    }
    const deep = nested(10_000)
    expect(Tree.structureEquals(deep, deep)).toBe(false)
    expect(left(Tree.unflatten(deep as Tree.Tree<number>, [1]))._tag).toBe('TooLarge')
  })

  it('refuses a tree that holds itself', () => {
    const ring: Record<string, unknown> = {}
    ring.next = ring
    expect(left(Tree.check(ring))._tag).toBe('TooLarge')
  })
})

describe('map', () => {
  it('keeps identity, composition and structure, and freezes', () => {
    const f = (x: number): number => x + 1
    const g = (x: number): number => 2 * x
    fc.assert(
      fc.property(numbers, (tree) => {
        const same = Tree.map((x: number) => x)(tree)
        expect(same).toEqual(tree)
        expect(frozen(same)).toBe(true)
        expect(Tree.map(g)(Tree.map(f)(tree))).toEqual(Tree.map((x: number) => g(f(x)))(tree))
        expect(Tree.structureEquals(tree, Tree.map(f)(tree))).toBe(true)
      }),
    )
  })

  it('keeps the order of keys, visits in the order of leaves, leaves its argument alone', () => {
    const seen: Array<string> = []
    const tree = { b: 1, a: [2] }
    const out = Tree.mapWithPath((path: string, x: number) => seen.push(`${path}:${x}`))(tree)
    expect(seen).toEqual(['a.0:2', 'b:1'])
    expect(Object.keys(out)).toEqual(['b', 'a'])
    expect(Object.isFrozen(tree)).toBe(false)
  })
})

describe('unflatten', () => {
  it('is the inverse of leaves', () => {
    fc.assert(
      fc.property(numbers, (tree) => {
        const ls = Tree.leaves(tree)
        expect(ls.length).toBe(Tree.size(tree))
        expect(Tree.unflatten(tree, ls)).toEqual(E.right(tree))
        const others = ls.map((_, i) => i)
        const rebuilt = Tree.unflatten(tree, others)
        expect(E.isRight(rebuilt) && Tree.leaves(rebuilt.right as Tree.Tree<number>)).toEqual(others)
      }),
    )
  })

  it.each([[[1]], [[1, 2, 3]]])('refuses %j for two leaves', (ls) => {
    expect(left(Tree.unflatten({ a: 0, b: 0 }, ls)).message).toBe(
      `unflatten: the template has 2 leaves, ${ls.length} were given`,
    )
  })
})

describe('zipWith', () => {
  const add = Tree.zipWith((a: number, b: number) => a + b)

  it('joins leaf by leaf', () => {
    fc.assert(
      fc.property(numbers, (tree) => {
        const ids = Tree.zipWith((a: number, _: number, path: string) => `${path}:${a}`)(tree, tree)
        expect(ids).toEqual(E.right(Tree.mapWithPath((path: string, a: number) => `${path}:${a}`)(tree)))
      }),
    )
    expect(add({ a: 1, b: [2] }, { b: [20], a: 10 })).toEqual(E.right({ a: 11, b: [22] }))
  })

  it.each<[string, Tree.Tree<number>, Tree.Tree<number>, string, string]>([
    ['a missing key', { l: [{ w: 1, b: 2 }] }, { l: [{ w: 1 }] }, 'l.0.b', 'l.0.b is missing; expected a number'],
    [
      'an extra key',
      { l: { w: 1 } },
      { l: { w: 1, v: 2 } },
      'l.v',
      'l.v is not expected; the record has only the keys w',
    ],
    ['another length', { l: [1, 2] }, { l: [1] }, 'l', 'expected an array of 2 at l, found 1 items'],
    ['a record for a leaf', { w: 1 }, { w: { v: 1 } }, 'w', 'expected a number at w, found a record with 1 keys'],
    ['a leaf for a record', { w: { v: 1 } }, { w: 1 }, 'w', 'expected a record with 1 keys at w, found a number'],
    ['a leaf for an array', [[1]], [1], '0', 'expected an array of 1 at 0, found a number'],
    ['an array for a record', { '0': 1 }, [1], '', 'expected a record with 1 keys at the root, found an array of 1'],
    ['an inherited key', { toString: 1 } as never, {}, 'toString', 'toString is missing; expected a number'],
    ['null', { w: 1 }, { w: null } as never, 'w', 'null at w is no part of a tree'],
  ])('refuses %s', (_, expected, found, path, sentence) => {
    const refused = left(add(expected, found))
    expect(refused._tag).toBe('StructureMismatch')
    expect(refused.path).toBe(path)
    expect(refused.message).toContain(`zipWith: ${sentence}`)
    expect(Tree.structureEquals(expected, found)).toBe(false)
    expect(left(Tree.checkStructure(expected, found, 'grad')).message).toContain(`grad: ${sentence}`)
  })

  it('lets leaves of different kinds meet', () => {
    expect(Tree.structureEquals({ a: 1 }, { a: tensor([1]) })).toBe(true)
  })
})

describe('traverse', () => {
  it('keeps identity, stops at the first failure in order, refuses what is no tree', () => {
    const right = Tree.traverse((x: number) => E.right(x))
    fc.assert(
      fc.property(numbers, (tree) => {
        expect(right(tree)).toEqual(E.right(tree))
      }),
    )
    const seen: Array<string> = []
    const stop = Tree.traverseWithPath((path: string, x: number) => {
      seen.push(path)
      return x < 0 ? E.left(path) : E.right(x)
    })
    expect(stop({ b: -1, a: [1, -1], c: 1 })).toEqual(E.left('a.1'))
    expect(seen).toEqual(['a.0', 'a.1'])
    expect(E.isLeft(stop({ a: undefined as unknown as number }))).toBe(true)
  })
})

describe('empty trees', () => {
  it.each([[{}], [[]], [{ a: {}, b: [] }]])('%j has no leaves and keeps its structure', (tree) => {
    expect(Tree.size(tree as Tree.Tree<number>)).toBe(0)
    expect(Tree.map((x: number) => x)(tree as Tree.Tree<number>)).toEqual(tree)
    expect(Tree.unflatten(tree as Tree.Tree<number>, [])).toEqual(E.right(tree))
  })
})
