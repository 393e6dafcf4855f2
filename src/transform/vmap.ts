/**
 * Batching: a model of one example becomes a model of many.
 *
 * The model is recorded beside the tape (on a fork, which nobody else sees) for one example; then each instruction that
 * the results need is recorded on the tape by its batching rule if it depends on the examples, and as it is if not.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type Given, outputs } from '../Program.js'
import { needed } from '../primitive/evaluate.js'
import type { Attributes, Call, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { attempt, type Recorder, recorderOn } from '../primitive/Recorder.js'
import { spread } from '../primitive/rows.js'
import { type Reverse, step, throwError } from '../Reverse.js'
import { interpret } from '../reverse/interpreter.js'
import { axis as axisOf, type DType, type Shape, show } from '../Shape.js'
import { empty, type Instruction, type Program } from '../Tape.js'
import * as Tree from '../Tree.js'
import type { IsWide } from '../tree/types.js'
import type { AnyVar, Var } from '../Var.js'

/**
 * The structure of `P` with one more dimension `N` in front of every leaf.
 *
 * @category types
 * @since 0.1.0
 */
export type Batched<N extends number, P> =
  IsWide<P> extends true
    ? Tree.VarTree
    : P extends Var<infer S extends Shape, infer D extends DType>
      ? Var<readonly [N, ...S], D>
      : { readonly [K in keyof P]: Batched<N, P[K]> }

/**
 * A model of many examples: from handles, or from anything that may stand for them.
 *
 * @category model
 * @since 0.1.0
 */
export interface OnBatch<P, Q> {
  <N extends number>(p: Given<Batched<N, P>>): Reverse<Batched<N, Q>>
  <N extends number>(p: Batched<N, P>): Reverse<Batched<N, Q>>
}

/**
 * Which axis holds the batch, of every argument and of every result: 0 unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface VmapOptions {
  readonly in?: number
  readonly out?: number
}

interface Value {
  readonly v: AnyVar
  readonly batched: boolean
}

/** Records instructions again, batched where they depend on what is batched in `here`, and adds them there. */
const batchInstructions = (
  recorder: Recorder,
  instructions: ReadonlyArray<Instruction>,
  here: Map<number, Value>,
  length: number,
): E.Either<Failure, null> => {
  for (const { id, primitive, operands, attributes } of instructions) {
    if (here.has(id)) continue
    const name = primitive as PrimitiveName
    const values = operands.map((k) => here.get(k) as Value)
    const xs = values.map(({ v }) => v)
    const flags = values.map(({ batched }) => batched)
    const batched = flags.includes(true)
    const row = recorder.calculus.table[name] as Primitive
    const v = !batched
      ? recorder.emit(name, xs, attributes as Attributes[PrimitiveName])
      : row.batch === null
        ? batchCall(recorder, spread(recorder.vocabulary, xs, flags, length), attributes as Call, length)
        : E.right(row.batch(recorder.vocabulary, xs, flags, length, attributes as Attributes[PrimitiveName]))
    if (E.isLeft(v)) return v
    here.set(id, { v: v.right, batched })
  }
  return E.right(null)
}

/** A program for one example as a program for `length` of them, every input and output batched. */
const batchProgram = (recorder: Recorder, program: Program, length: number): E.Either<Failure, Program> => {
  const inner = recorderOn(empty, recorder.calculus)
  const here = new Map<number, Value>()
  const inputs: Array<AnyVar> = []
  for (const [i, x] of Tree.leaves(program.inputs).entries()) {
    const input = inner.emit('input', [], { path: String(i), shape: [length, ...x.shape], dtype: x.dtype })
    if (E.isLeft(input)) return input
    inputs.push(input.right)
    here.set(x.id, { v: input.right, batched: true })
  }
  const done = batchInstructions(inner, needed(program), here, length)
  if (E.isLeft(done)) return done
  const results = Tree.leaves(program.outputs).map((y) => {
    const { v, batched } = here.get(y.id) as Value
    return spread(inner.vocabulary, [v], [batched], length)[0]
  })
  return E.right({ _tag: 'Program', tape: inner.builder.tape(), inputs, outputs: results })
}

/** A batch of calls is a call of batched programs, its rules included. */
const batchCall = (
  recorder: Recorder,
  xs: ReadonlyArray<AnyVar>,
  { name, body, vjp, jvp }: Call,
  length: number,
): E.Either<Failure, AnyVar> => {
  const many = batchProgram(recorder, body, length)
  if (E.isLeft(many)) return many
  const rules: { vjp?: Program; jvp?: Program } = {}
  if (vjp !== undefined) {
    const rule = batchProgram(recorder, vjp, length)
    if (E.isLeft(rule)) return rule
    rules.vjp = rule.right
  }
  if (jvp !== undefined) {
    const rule = batchProgram(recorder, jvp, length)
    if (E.isLeft(rule)) return rule
    rules.jvp = rule.right
  }
  return recorder.emit('call', xs, { name, body: many.right, ...rules })
}

const moveAxis = (rank: number, from: number, to: number): ReadonlyArray<number> => {
  const order = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== from)
  return [...order.slice(0, to), from, ...order.slice(to)]
}

const named = (path: string): string => (path === '' ? '(the whole of it)' : path)

/** The arguments with their batch in front, and its length. */
const fronted = (
  recorder: Recorder,
  entries: ReadonlyArray<Tree.Entry<unknown>>,
  xs: ReadonlyArray<AnyVar>,
  given: number,
): E.Either<Failure, { readonly xs: ReadonlyArray<AnyVar>; readonly length: number }> => {
  let length: number | null = null
  const out: Array<AnyVar> = []
  for (let i = 0; i < xs.length; i++) {
    const at = axisOf(given, xs[i].shape.length, 'vmap')
    if (E.isLeft(at))
      return fail(
        'InvalidAxis',
        `vmap: the argument ${named(entries[i].path)} of shape ${show(xs[i].shape)} has no axis ${given} to map over`,
        {
          operation: 'vmap',
          path: entries[i].path,
          shapes: [xs[i].shape],
        },
      )
    const n = xs[i].shape[at.right]
    if (length !== null && n !== length)
      return fail(
        'ShapeMismatch',
        `vmap: the argument ${named(entries[i].path)} has ${n} examples, those before it have ${length}`,
        {
          operation: 'vmap',
          path: entries[i].path,
          shapes: xs.map((x) => x.shape),
        },
      )
    length = n
    out.push(recorder.vocabulary.permute(xs[i], moveAxis(xs[i].shape.length, at.right, 0)))
  }
  return length === null
    ? fail('StructureMismatch', 'vmap: the argument has no leaves to map over', { operation: 'vmap' })
    : E.right({ xs: out, length })
}

/**
 * A model of many examples from a model of one. Every leaf of the argument has one axis more, all of one length; what
 * does not vary between the examples is captured by the model instead of passed.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { mul, run, sum, tensor, vmap, type Var } from 'wengert'
 *
 * const norm2 = (x: Var<readonly [2]>) => sum(mul(x, x))
 * assert.deepStrictEqual(run(vmap(norm2))(tensor([[1, 2], [3, 4], [5, 6]])), {
 *   _tag: 'Right',
 *   right: tensor([5, 25, 61]),
 * })
 * ```
 *
 * @category batching
 * @since 0.1.0
 */
export const vmap =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(f: (p: P) => Reverse<Q>, options: VmapOptions = {}): OnBatch<P, Q> =>
  <N extends number>(p: unknown): Reverse<Batched<N, Q>> => {
    const tree = Tree.check(p, 'vmap')
    if (E.isLeft(tree)) return throwError(tree.left)
    const entries = Tree.flatten(tree.right)
    return step(
      entries.map(({ leaf }) => leaf),
      (recorder, given) =>
        attempt(() => {
          const front = fronted(recorder, entries, given, options.in ?? 0)
          if (E.isLeft(front)) return front
          const { xs, length } = front.right

          const beside = recorder.fork()
          const from = beside.builder.length()
          const slots = xs.map((x, i) =>
            beside.vocabulary.emit('input', [], { path: entries[i].path, shape: x.shape.slice(1), dtype: x.dtype }),
          )
          const argument = Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(tree.right, slots)
          if (E.isLeft(argument)) return argument
          const raw = interpret(f(argument.right as P), beside)
          if (E.isLeft(raw)) return raw
          const result = outputs(beside, raw.right, 'vmap')
          if (E.isLeft(result)) return result

          const program: Program = {
            _tag: 'Program',
            tape: beside.builder.tape(),
            inputs: slots,
            outputs: result.right,
          }
          const here = new Map<number, Value>(slots.map((slot, i) => [slot.id, { v: xs[i], batched: true }]))
          const instructions = needed(program, from)
          for (const instruction of instructions)
            for (const k of instruction.operands)
              if (k < from) here.set(k, { v: recorder.builder.at(k) as Instruction, batched: false })
          const done = batchInstructions(recorder, instructions, here, length)
          if (E.isLeft(done)) return done

          const ys: Array<AnyVar> = []
          for (const y of Tree.leaves(result.right)) {
            const { v, batched } = here.get(y.id) ?? { v: y, batched: false }
            const [whole] = spread(recorder.vocabulary, [v], [batched], length)
            const to = axisOf(options.out ?? 0, whole.shape.length, 'vmap')
            if (E.isLeft(to)) return to
            ys.push(recorder.vocabulary.permute(whole, moveAxis(whole.shape.length, 0, to.right)))
          }
          return Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(result.right, ys) as unknown as E.Either<
            Failure,
            Batched<N, Q>
          >
        }),
    )
  }
