/**
 * Damaged documents. Whatever is done to a document, decoding it ends, throws nothing, and accepts only what is a program:
 * the invariants of a tape hold, it can be written and read again, and it evaluates.
 */
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { compile } from '../src/engine/index.js'
import { decode, encode, parse, stringify } from '../src/ProgramCodec.js'
import type { PrimitiveName } from '../src/primitive/Primitive.js'
import { primitives } from '../src/primitive/table.js'
import { type DType, equals, type Shape, size } from '../src/Shape.js'
import * as Structure from '../src/Structure.js'
import * as Tape from '../src/Tape.js'
import { allocate, unsafeMake } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import type { AnyVar } from '../src/Var.js'
import { pick, type Random, random, randomProgram } from './ProgramCodec.support.js'

const SEED = Number(process.env.FUZZ_SEED ?? 20260731)
const VALUES = Number(process.env.FUZZ_VALUES ?? 16_000)
const TEXTS = Number(process.env.FUZZ_TEXTS ?? 8_000)
/** far more than any single document should take */
const SLOW = 2_000

type Json = unknown
type Node = { [key: string | number]: Json }

// ---------------------------------------------------------------------------------------------------- damage

const clone = (u: Json): Json =>
  Array.isArray(u)
    ? u.map(clone)
    : typeof u === 'object' && u !== null
      ? Object.fromEntries(Object.entries(u).map(([k, v]) => [k, clone(v)]))
      : u

/** Every place in a document: an owner and a key. */
const places = (root: Json): ReadonlyArray<readonly [Node, string | number]> => {
  const out: Array<readonly [Node, string | number]> = []
  const walk = (u: Json): void => {
    if (typeof u !== 'object' || u === null) return
    for (const key of Array.isArray(u) ? u.keys() : Object.keys(u)) {
      out.push([u as Node, key])
      walk((u as Node)[key])
    }
  }
  walk(root)
  return out
}

const deep = (depth: number, array: boolean, leaf: Json = 0): Json => {
  let u = leaf
  for (let i = 0; i < depth; i++) u = array ? [u] : { body: u }
  return u
}

const WORDS = [
  'NaN',
  'Infinity',
  '-0',
  '',
  'real',
  'int',
  'bool',
  'x',
  '__proto__',
  'constructor',
  'length',
  'max',
  'peek',
]
const NUMBERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0,
  0,
  1,
  2,
  3,
  16,
  17,
  0.5,
  1e3,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e9,
  1e300,
  5e-324,
]
const KEYS = [
  'op',
  'in',
  'with',
  'shape',
  'dtype',
  'comment',
  'axes',
  'axis',
  'value',
  'data',
  'path',
  'name',
  'body',
  'a.b',
]
const NAMES = Object.keys(primitives)

const something = (r: Random): Json =>
  [
    () => null,
    () => true,
    () => pick(r, NUMBERS),
    () => pick(r, WORDS),
    () => pick(r, NAMES),
    () => [],
    () => ({}),
    () => [pick(r, NUMBERS), pick(r, NUMBERS)],
    () => ({ [pick(r, KEYS)]: pick(r, NUMBERS) }),
    () => undefined,
    () => ({ shape: [1e9, 1e9], dtype: 'real', data: [] }),
    () => ({ _tag: 'Tensor' }),
    () => ({ _tag: 'Var', id: 0 }),
    () => Array.from({ length: 20 }, (_, i) => i),
  ][r(14)]()

const damageValue = (r: Random, root: Json): Json => {
  const all = places(root)
  if (all.length === 0) return something(r)
  const [owner, key] = pick(r, all)
  const here = owner[key]
  const [other, otherKey] = pick(r, all)
  switch (r(16)) {
    case 0:
      owner[key] = something(r)
      break
    case 1:
      if (Array.isArray(owner)) owner.splice(Number(key), 1)
      else delete owner[key]
      break
    case 2:
      if (Array.isArray(owner)) owner.splice(Number(key), 0, clone(here))
      else owner[pick(r, KEYS)] = clone(here)
      break
    case 3:
      if (Array.isArray(here)) here.splice(r(here.length + 1), 0, something(r))
      else owner[key] = clone(other[otherKey])
      break
    case 4:
      if (Array.isArray(here)) here.length = r(here.length + 1)
      else owner[key] = something(r)
      break
    case 5:
    case 6:
    case 7:
      // positions, axes and sizes, shifted
      if (typeof here === 'number') owner[key] = here + r(5) - 2
      else if (typeof here === 'object' && here !== null)
        for (const k of Object.keys(here)) {
          const n = (here as Node)[k]
          if (typeof n === 'number' && r(2) === 0) (here as Node)[k] = n + r(3) - 1
        }
      break
    case 8:
      owner[key] = typeof here === 'number' ? pick(r, NUMBERS) : String(here)
      break
    case 9: {
      // copies, so that nothing comes to hold itself
      const there = clone(other[otherKey])
      other[otherKey] = clone(here)
      owner[key] = there
      break
    }
    case 10:
      if (!Array.isArray(owner)) {
        delete owner[key]
        Object.defineProperty(owner, pick(r, [...KEYS, '__proto__']), {
          value: here,
          enumerable: true,
          configurable: true,
          writable: true,
        })
      }
      break
    case 11:
      owner[key] = deep(pick(r, [1, 3, 17, 21, 64, 300, 900]), r(2) === 0, r(2) === 0 ? here : 0)
      break
    case 12:
      if (typeof here === 'string') owner[key] = pick(r, NAMES)
      break
    case 13:
      owner[key] = Array.isArray(here) ? here.toReversed() : clone(other[otherKey])
      break
    case 14:
      if (typeof here === 'number') owner[key] = pick(r, NUMBERS)
      break
    default:
      if (Array.isArray(here) && here.length > 0) here.push(clone(here[r(here.length)]))
  }
  return root
}

const damageText = (r: Random, text: string): string => {
  const at = r(text.length)
  switch (r(10)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << r(8))) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + r(8))
    case 3:
      return text.slice(0, at) + text.slice(at, at + r(60)) + text.slice(at)
    case 4:
      return (
        text.slice(0, at) +
        pick(r, ['0', '-', '9', '1e9', 'e', '"', '[', ']', '{', '}', ',', 'null', '\\u0000']) +
        text.slice(at)
      )
    default: {
      // a digit becomes another
      const digit = text.slice(at).search(/\d/)
      return digit < 0 ? text : text.slice(0, at + digit) + String(r(10)) + text.slice(at + digit + 1)
    }
  }
}

// ---------------------------------------------------------------------------------------------------- judgement

const zeros = (v: AnyVar) => unsafeMake(v.shape as Shape, v.dtype as DType, allocate(v.dtype, size(v.shape)))

/** What is wrong with a program that was accepted; empty when nothing is. */
const wrong = (program: Tape.Program): string => {
  const all = Tape.instructions(program.tape)
  for (const [id, instruction] of all.entries()) {
    const { primitive, operands, attributes, shape, dtype } = instruction
    if (instruction.id !== id) return `%${id} says that it is %${instruction.id}`
    const row = primitives[primitive as PrimitiveName]
    if (row === undefined) return `%${id} is ${primitive}`
    if (row.arity >= 0 ? operands.length !== row.arity : row.arity === -1 && operands.length === 0)
      return `%${id} has ${operands.length} operands`
    if (!operands.every((k) => Number.isInteger(k) && !Object.is(k, -0) && k >= 0 && k < id))
      return `%${id} refers to ${operands}`
    const spec = (row.spec as (xs: unknown, a: unknown) => E.Either<unknown, AnyVar>)(
      operands.map((k) => all[k]),
      attributes,
    )
    if (E.isLeft(spec)) return `%${id} is refused by its own rule`
    if (!equals(spec.right.shape, shape) || spec.right.dtype !== dtype)
      return `%${id} has another shape than its rule gives`
    if (!shape.every((n) => Number.isInteger(n) && n >= 0 && !Object.is(n, -0))) return `%${id} has the shape ${shape}`
  }
  const inputs = Tree.leaves(program.inputs) as ReadonlyArray<Tape.Instruction>
  if (!inputs.every((v) => v.primitive === 'input' && Tape.owns(program.tape, v))) return 'an input is none'
  if (!Tree.leaves(program.outputs).every((v) => Tape.owns(program.tape, v))) return 'an output is not on the tape'

  const again = decode(encode(program))
  if (E.isLeft(again)) return `written and read again: ${again.left.message}`
  if (!Structure.equals(again.right, program)) return 'written and read again, it is another program'
  const text = stringify(program)
  const reread = parse(text)
  if (E.isLeft(reread) || !Structure.equals(reread.right, program)) return 'as text and back, it is another program'

  const executable = compile({ limit: 4096 })(program)
  if (E.isRight(executable)) executable.right.run(Tree.map(zeros)(program.inputs) as never)
  return ''
}

/** A new program for every eight documents: making one takes longer than reading it. */
const bases = () => {
  let last = -1
  let program: Tape.Program | undefined
  return (i: number): Tape.Program => {
    if (program !== undefined && Math.floor(i / 8) === last) return program
    last = Math.floor(i / 8)
    const r = random(SEED + last)
    program = randomProgram(r, { length: 6 + r(10) })
    return program
  }
}

interface Tally {
  accepted: number
  slowest: number
  readonly refused: Map<string, number>
}

const tally = (): Tally => ({ accepted: 0, slowest: 0, refused: new Map() })

/** Decodes and judges; the sentence is what a person needs to repeat it. */
const judge = (t: Tally, what: string, read: () => ReturnType<typeof decode>): void => {
  const start = performance.now()
  let fault = ''
  try {
    const result = read()
    if (E.isRight(result)) {
      t.accepted++
      fault = wrong(result.right)
    } else {
      t.refused.set(result.left._tag, (t.refused.get(result.left._tag) ?? 0) + 1)
      if (result.left.message.length > 2_000) fault = `a sentence of ${result.left.message.length} characters`
    }
  } catch (e) {
    fault = `thrown: ${e instanceof Error ? e.stack : String(e)}`
  }
  const time = performance.now() - start
  t.slowest = Math.max(t.slowest, time)
  if (time > SLOW) fault ||= `it took ${time} ms`
  if (fault !== '') expect.fail(`${fault}\n${what}`)
}

const shown = (u: Json): string => {
  try {
    return (JSON.stringify(u) ?? 'undefined').slice(0, 6_000)
  } catch {
    return 'too deep to show'
  }
}

const report = (what: string, count: number, time: number, { accepted, slowest, refused }: Tally): void =>
  console.log(
    `${what}: ${count} documents from seed ${SEED} in ${Math.round(time)} ms, the slowest ${Math.round(slowest)} ms; ` +
      `${accepted} accepted, refused ${[...refused].map(([tag, n]) => `${tag} ${n}`).join(', ')}`,
  )

describe('damaged documents', () => {
  it('as values: never thrown, never accepted wrongly', { timeout: 120_000 }, () => {
    const t = tally()
    const base = bases()
    const start = performance.now()
    for (let i = 0; i < VALUES; i++) {
      const r = random(SEED + i)
      let u = clone(encode(base(i)))
      for (let k = 1 + r(3); k > 0; k--) u = damageValue(r, u)
      judge(t, `FUZZ_SEED=${SEED}, value ${i}: ${shown(u)}`, () => decode(u))
    }
    report('values', VALUES, performance.now() - start, t)
    expect(t.accepted).toBeGreaterThan(VALUES / 100)
  })

  it('as text: never thrown, never accepted wrongly', { timeout: 120_000 }, () => {
    const t = tally()
    const base = bases()
    const start = performance.now()
    for (let i = 0; i < TEXTS; i++) {
      const r = random(SEED - i - 1)
      let text = stringify(base(i))
      for (let k = 1 + r(2); k > 0; k--) text = damageText(r, text)
      judge(t, `FUZZ_SEED=${SEED}, text ${i}: ${text.slice(0, 6_000)}`, () => parse(text))
    }
    report('texts', TEXTS, performance.now() - start, t)
  })
})
