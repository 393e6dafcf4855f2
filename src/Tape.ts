/**
 * The Wengert tape: an immutable list of instructions in which every operand is an earlier position, so the order of the
 * tape is a topological order of the computation (R. E. Wengert, "A simple automatic derivative evaluation program",
 * CACM 7(8), 1964).
 *
 * Laws. Recording on `T` gives a `T'` whose first `length(T)` instructions are those of `T`, the very same objects; `T`
 * never changes. Positions are dense. An instruction equal to one already there is not recorded again (hash-consing),
 * so building the same expression twice costs nothing.
 *
 * A tape is a length and a store that only grows. Extending the newest tape appends to its store in amortised constant
 * time; extending an older one, or recording on the side, opens a new store on top of the shared part. Both look the
 * same from outside, because a tape never reads beyond its own length.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Spec } from './Shape.js'
import { hash as codeOf, equals as dataEquals, freeze, mix, SAME } from './Structure.js'
import type { Tree } from './Tree.js'
import type { AnyVar } from './Var.js'

/**
 * One line of a tape. It is its own handle: what `Var` shows is the instruction seen through a smaller window, so a
 * handle that was recorded elsewhere is recognised by identity.
 *
 * @category model
 * @since 0.1.0
 */
export interface Instruction extends AnyVar {
  readonly primitive: string
  /** positions of the operands, all smaller than `id` */
  readonly operands: ReadonlyArray<number>
  /** plain data that parametrises the primitive */
  readonly attributes: Readonly<Record<string, unknown>>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Tape {
  readonly _tag: 'Tape'
  readonly length: number
}

/**
 * A tape together with its way in and its way out: two trees of handles. This is what is evaluated, compiled,
 * differentiated from outside, printed and written to a file.
 *
 * @category model
 * @since 0.1.0
 */
export interface Program<P extends Tree<AnyVar> = Tree<AnyVar>, Q extends Tree<AnyVar> = Tree<AnyVar>> {
  readonly _tag: 'Program'
  readonly tape: Tape
  readonly inputs: P
  readonly outputs: Q
}

const EMPTY_SLOT = -1
const FIRST_SLOTS = 64
/** A chain of more stores than this is copied into one, so that looking back stays quick. */
const MOST_STORES = 32

/** Instructions from position `start` on; those before belong to `parent`, whose tail beyond `start` is not ours. */
class Store {
  readonly items: Array<Instruction> = []
  /** open addressing: positions by hash, EMPTY_SLOT where free */
  private slots = new Int32Array(FIRST_SLOTS).fill(EMPTY_SLOT)
  private hashes: Array<number | null> = []
  private used = 0
  /** a builder is appending here; nobody else may */
  claimed = false
  /** how many stores lie below */
  readonly depth: number

  constructor(
    readonly parent: Store | null,
    readonly start: number,
  ) {
    this.depth = parent === null ? 0 : parent.depth + 1
  }

  get end(): number {
    return this.start + this.items.length
  }

  at(id: number): Instruction | undefined {
    let store: Store = this
    while (id < store.start && store.parent !== null) store = store.parent
    return store.items[id - store.start]
  }

  push(instruction: Instruction): void {
    this.items.push(instruction)
  }

  /** The position below `limit` of an instruction equal to the described one. */
  find(
    code: number,
    primitive: string,
    operands: ReadonlyArray<number>,
    attributes: object,
    limit: number,
  ): Instruction | null {
    const { slots, hashes, items, start, parent } = this
    const mask = slots.length - 1
    for (let slot = code & mask; slots[slot] !== EMPTY_SLOT; slot = (slot + 1) & mask) {
      const index = slots[slot]
      if (hashes[index] !== code || index + start >= limit) continue
      const found = items[index]
      if (
        found.primitive === primitive &&
        sameIds(found.operands, operands) &&
        dataEquals(found.attributes, attributes)
      )
        return found
    }
    return parent === null ? null : parent.find(code, primitive, operands, attributes, Math.min(limit, start))
  }

  /** The same first instructions in one store. */
  flat(length: number): Store {
    const whole = new Store(null, 0)
    for (let id = 0; id < length; id++) {
      let store: Store = this
      while (id < store.start && store.parent !== null) store = store.parent
      whole.push(store.items[id - store.start])
      whole.index(store.hashes[id - store.start])
    }
    return whole
  }

  /** Makes the newest instruction findable, unless it has no code. */
  index(code: number | null): void {
    const index = this.items.length - 1
    this.hashes.push(code)
    if (code === null) return
    if (2 * (this.used + 1) > this.slots.length) this.grow()
    this.place(index, code)
    this.used++
  }

  private place(index: number, code: number): void {
    const mask = this.slots.length - 1
    let slot = code & mask
    while (this.slots[slot] !== EMPTY_SLOT) slot = (slot + 1) & mask
    this.slots[slot] = index
  }

  private grow(): void {
    const old = this.slots
    this.slots = new Int32Array(old.length * 2).fill(EMPTY_SLOT)
    for (const index of old) if (index !== EMPTY_SLOT) this.place(index, this.hashes[index] as number)
  }
}

const sameIds = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const stores = new WeakMap<Tape, Store>()

const view = (store: Store, length: number): Tape => {
  const tape: Tape = Object.freeze({
    _tag: 'Tape',
    length,
    [SAME]: (other: unknown) => stores.has(other as Tape) && equals(tape, other as Tape),
  })
  stores.set(tape, store)
  return tape
}

const storeOf = (tape: Tape): Store => {
  const store = stores.get(tape)
  if (store === undefined) throw new TypeError('not a tape made by this copy of wengert')
  return store
}

/**
 * The tape without instructions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: Tape = view(new Store(null, 0), 0)

/**
 * The instruction at a position, or `undefined` beyond the end.
 *
 * @category destructors
 * @since 0.1.0
 */
export const at = (tape: Tape, id: number): Instruction | undefined =>
  id >= 0 && id < tape.length ? storeOf(tape).at(id) : undefined

/**
 * The instructions from a position on, in order. A new array on each call.
 *
 * @category destructors
 * @since 0.1.0
 */
export const instructions = (tape: Tape, from = 0): ReadonlyArray<Instruction> => {
  const store = storeOf(tape)
  const out: Array<Instruction> = []
  for (let id = from; id < tape.length; id++) out.push(store.at(id) as Instruction)
  return out
}

/**
 * The first instructions of a tape, shared with it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const prefix = (tape: Tape, length: number): Tape =>
  view(storeOf(tape), Math.max(0, Math.min(length, tape.length)))

/**
 * Whether a handle was recorded on this tape.
 *
 * @category refinements
 * @since 0.1.0
 */
export const owns = (tape: Tape, v: AnyVar): boolean => at(tape, v.id) === v

/**
 * Equal instructions at equal positions.
 *
 * @category instances
 * @since 0.1.0
 */
export const equals = (a: Tape, b: Tape): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let id = 0; id < a.length; id++) {
    const x = at(a, id) as Instruction
    const y = at(b, id) as Instruction
    if (x === y) continue
    if (x.primitive !== y.primitive || !sameIds(x.operands, y.operands) || !dataEquals(x.attributes, y.attributes))
      return false
  }
  return true
}

/**
 * The growing end of a tape, used while recording. It is the one mutable thing here and never leaves a run: what a run
 * gives back is `tape()`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Builder {
  readonly length: () => number
  readonly at: (id: number) => Instruction | undefined
  readonly owns: (v: AnyVar) => boolean
  /** an equal earlier instruction, unless `fresh` asks for a new one; `spec` is asked only for a new one */
  readonly append: <F>(
    primitive: string,
    operands: ReadonlyArray<number>,
    attributes: Readonly<Record<string, unknown>>,
    spec: () => E.Either<F, Spec>,
    fresh: boolean,
  ) => E.Either<F, Instruction>
  /** a builder on top of what is here now; what it records is not seen here */
  readonly fork: () => Builder
  /** ends the recording */
  readonly tape: () => Tape
}

const nameHashes = new Map<string, number>()

const nameHash = (name: string): number => {
  const known = nameHashes.get(name)
  if (known !== undefined) return known
  const code = codeOf(name)
  nameHashes.set(name, code)
  return code
}

/**
 * The attributes of a primitive that has none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const noAttributes: Readonly<Record<string, never>> = Object.freeze({})

const lineHash = (primitive: string, operands: ReadonlyArray<number>, attributes: object): number => {
  let code = nameHash(primitive)
  for (let i = 0; i < operands.length; i++) code = mix(code, operands[i])
  return attributes === noAttributes ? mix(code, 0) : codeOf(attributes, code)
}

/**
 * Equal tapes have equal hashes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const hash = (tape: Tape): number =>
  instructions(tape).reduce(
    (code, { primitive, operands, attributes }) => mix(code, lineHash(primitive, operands, attributes)),
    tape.length,
  )

const builderOn = (store: Store, length: number): Builder => {
  // only the newest tape of a store that nobody else extends may grow in place
  const own =
    store.end === length && !store.claimed
      ? store
      : store.depth < MOST_STORES
        ? new Store(store, length)
        : store.flat(length)
  own.claimed = true
  return {
    length: () => own.end,
    at: (id) => own.at(id),
    owns: (v) => own.at(v.id) === v,
    append: (primitive, operands, attributes, spec, fresh) => {
      let code = 0
      if (!fresh) {
        code = lineHash(primitive, operands, attributes)
        const found = own.find(code, primitive, operands, attributes, own.end)
        if (found !== null) return E.right(found)
      }
      const described = spec()
      if (E.isLeft(described)) return described
      const { shape, dtype } = described.right
      const instruction: Instruction = Object.freeze({
        _tag: 'Var',
        id: own.end,
        shape: freeze(shape),
        dtype,
        primitive,
        operands: Object.freeze(operands),
        attributes: freeze(attributes),
      })
      own.push(instruction)
      own.index(fresh ? null : code)
      return E.right(instruction)
    },
    fork: () => builderOn(own, own.end),
    tape: () => {
      own.claimed = false
      return view(own, own.end)
    },
  }
}

/**
 * Starts recording on a tape. The tape itself does not change.
 *
 * @category constructors
 * @since 0.1.0
 */
export const extend = (tape: Tape): Builder =>
  tape.length === 0 ? builderOn(new Store(null, 0), 0) : builderOn(storeOf(tape), tape.length)
