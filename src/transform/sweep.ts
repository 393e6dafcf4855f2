/**
 * The two walks that all of differentiation is made of.
 *
 * Reverse: a stretch of tape is read from its end to its beginning, and each instruction answers the cotangent of its
 * result with contributions to its operands. Forward: the same stretch read onwards, answering tangents with tangents.
 * Both append what they record to the tape they read, so the result is tape again and can be differentiated, batched or
 * evaluated over any algebra.
 *
 * Instructions that do not lie between the variables and the result are not visited; exact zeros are not recorded.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Attributes, Call, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import type { Recorder } from '../primitive/Recorder.js'
import { type Instruction, noAttributes } from '../Tape.js'
import type { AnyVar } from '../Var.js'
import { inline } from './inline.js'

/**
 * What one instruction gave to one operand during a reverse sweep.
 *
 * @category model
 * @since 0.1.0
 */
export interface Contribution {
  readonly instruction: number
  /** which operand, counted from 0 */
  readonly operand: number
  readonly value: AnyVar
}

/**
 * A reverse sweep with its provenance: the cotangent of each instruction when it was visited, and every contribution in
 * the order it was made.
 *
 * @category model
 * @since 0.1.0
 */
export interface Adjoint {
  readonly cotangents: ReadonlyMap<number, AnyVar>
  readonly contributions: ReadonlyArray<Contribution>
}

const rowOf = (recorder: Recorder, instruction: Instruction): Primitive =>
  recorder.calculus.table[instruction.primitive as PrimitiveName] as Primitive

const isCall = (instruction: Instruction): boolean => instruction.primitive === 'call'

/** Positions from `from` on that depend on the variables through differentiable instructions: 1 where they do. */
const active = (recorder: Recorder, from: number, end: number, wrt: ReadonlyArray<AnyVar>): Uint8Array => {
  const marks = new Uint8Array(end - from)
  for (const v of wrt) marks[v.id - from] = 1
  for (let id = from; id < end; id++) {
    const instruction = recorder.builder.at(id) as Instruction
    if (instruction.dtype !== 'real' || (rowOf(recorder, instruction).derivative === null && !isCall(instruction)))
      continue
    for (const operand of instruction.operands) if (operand >= from && marks[operand - from] === 1) marks[id - from] = 1
  }
  return marks
}

const operandsOf = (recorder: Recorder, instruction: Instruction): ReadonlyArray<AnyVar> =>
  instruction.operands.map((k) => recorder.builder.at(k) as AnyVar)

/**
 * Values seen as independent variables, which stand together at the end of the tape. Integers and booleans stay as they are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const variables = (recorder: Recorder, xs: ReadonlyArray<AnyVar>): ReadonlyArray<AnyVar> =>
  xs.map((x) => (x.dtype === 'real' ? recorder.vocabulary.emit('variable', [x], noAttributes) : x))

const isReal = (v: AnyVar): boolean => v.dtype === 'real'

/**
 * Reads the tape backwards from its present end to position `from`.
 *
 * @param wrt - the variables; all stand at or after `from`
 * @param seeds - values with their cotangents, of equal shapes
 * @category combinators
 * @since 0.1.0
 */
export const reverseSweep = (
  recorder: Recorder,
  from: number,
  wrt: ReadonlyArray<AnyVar>,
  seeds: ReadonlyArray<readonly [AnyVar, AnyVar]>,
  until: number = recorder.builder.length(),
): E.Either<Failure, Adjoint> => {
  const { vocabulary: v, builder, calculus } = recorder
  const marks = active(recorder, from, until, wrt)
  const cotangents = new Map<number, AnyVar>()
  const contributions: Array<Contribution> = []
  const give = (id: number, value: AnyVar): void => {
    const earlier = cotangents.get(id)
    cotangents.set(id, earlier === undefined ? value : calculus.accumulate(v, earlier, value))
  }
  for (const [y, ct] of seeds) if (y.id >= from && marks[y.id - from] === 1) give(y.id, ct)

  for (let id = until - 1; id >= from; id--) {
    const ct = cotangents.get(id)
    if (ct === undefined) continue
    const instruction = builder.at(id) as Instruction
    const xs = operandsOf(recorder, instruction)
    const wanted = (k: number): boolean => xs[k].id >= from && marks[xs[k].id - from] === 1
    const attributes = instruction.attributes as Attributes[PrimitiveName]
    let pulled: (k: number) => AnyVar | null
    if (isCall(instruction)) {
      const all = pullCall(recorder, attributes as Call, xs, instruction, ct)
      if (E.isLeft(all)) return all
      pulled = (k) => all.right[k]
    } else {
      const { derivative } = rowOf(recorder, instruction)
      pulled = (k) => derivative?.pull(v, ct, k, xs, instruction, attributes) ?? null
    }
    for (let k = 0; k < xs.length; k++) {
      if (!wanted(k)) continue
      const value = pulled(k)
      if (value === null) continue
      contributions.push({ instruction: id, operand: k, value })
      give(xs[k].id, value)
    }
  }
  return E.right({ cotangents, contributions })
}

/** Puts one value for each real operand in that operand's place, `null` at the others. */
const atReals = (xs: ReadonlyArray<AnyVar>, values: ReadonlyArray<AnyVar>): ReadonlyArray<AnyVar | null> => {
  let next = 0
  return xs.map((x) => (isReal(x) ? values[next++] : null))
}

/** The contributions of a call: by its own rule, by the transpose of its tangent rule, or by running its body again. */
const pullCall = (
  recorder: Recorder,
  { body, vjp, jvp }: Call,
  xs: ReadonlyArray<AnyVar>,
  y: AnyVar,
  ct: AnyVar,
): E.Either<Failure, ReadonlyArray<AnyVar | null>> => {
  const { vocabulary: v, builder } = recorder
  if (vjp !== undefined) {
    const pulled = inline(recorder, vjp, [...xs, y, ct])
    return E.isLeft(pulled) ? pulled : E.right(atReals(xs, pulled.right))
  }
  const from = builder.length()
  const reals = xs.filter(isReal)
  // the tangent rule is linear in the tangents, so its transpose is the same at any of them: take zero
  const moved = variables(recorder, jvp === undefined ? reals : reals.map((x) => v.like(x, 0)))
  const again = atReals(xs, moved).map((x, k) => x ?? xs[k])
  const ys = jvp === undefined ? inline(recorder, body, again) : inline(recorder, jvp, [...xs, y, ...moved])
  if (E.isLeft(ys)) return ys
  const adjoint = reverseSweep(recorder, from, moved, [[ys.right[0], ct]])
  return E.isLeft(adjoint)
    ? adjoint
    : E.right(
        atReals(
          xs,
          moved.map((x) => adjoint.right.cotangents.get(x.id) ?? v.like(x, 0)),
        ),
      )
}

/**
 * Reads the tape onwards from position `from` to its present end.
 *
 * @param moving - the variables with their tangents; all stand at or after `from`
 * @returns the tangents by position; what has none does not move
 * @category combinators
 * @since 0.1.0
 */
export const forwardSweep = (
  recorder: Recorder,
  from: number,
  moving: ReadonlyArray<readonly [AnyVar, AnyVar]>,
  until: number = recorder.builder.length(),
): E.Either<Failure, ReadonlyMap<number, AnyVar>> => {
  const { vocabulary: v, builder } = recorder
  const tangents = new Map<number, AnyVar>(moving.map(([x, dx]) => [x.id, dx]))
  for (let id = from; id < until; id++) {
    const instruction = builder.at(id) as Instruction
    if (tangents.has(id) || instruction.dtype !== 'real' || !instruction.operands.some((k) => tangents.has(k))) continue
    const xs = operandsOf(recorder, instruction)
    const dxs = xs.map((x) => tangents.get(x.id) ?? null)
    const attributes = instruction.attributes as Attributes[PrimitiveName]
    if (isCall(instruction)) {
      const dy = pushCall(recorder, attributes as Call, xs, instruction, dxs)
      if (E.isLeft(dy)) return dy
      tangents.set(id, dy.right)
    } else {
      const dy = rowOf(recorder, instruction).derivative?.push(v, dxs, xs, instruction, attributes) ?? null
      if (dy !== null) tangents.set(id, dy)
    }
  }
  return E.right(tangents)
}

/** The tangent of a call: by its own rule, by the transpose of its cotangent rule, or by running its body again. */
const pushCall = (
  recorder: Recorder,
  { body, vjp, jvp }: Call,
  xs: ReadonlyArray<AnyVar>,
  y: AnyVar,
  dxs: ReadonlyArray<AnyVar | null>,
): E.Either<Failure, AnyVar> => {
  const { vocabulary: v, builder } = recorder
  const reals = xs.flatMap((x, k) => (isReal(x) ? [[x, dxs[k] ?? v.like(x, 0)] as const] : []))
  if (jvp !== undefined) {
    const dy = inline(recorder, jvp, [...xs, y, ...reals.map(([, dx]) => dx)])
    return E.isLeft(dy) ? dy : E.right(dy.right[0])
  }
  const from = builder.length()
  if (vjp !== undefined) {
    // pulling back is linear in the cotangent; pulling the tangents back through it is pushing forward
    const [ct] = variables(recorder, [v.like(y, 0)])
    const pulled = inline(recorder, vjp, [...xs, y, ct])
    if (E.isLeft(pulled)) return pulled
    const seeds = pulled.right.map((x, i) => [x, reals[i][1]] as const)
    const adjoint = reverseSweep(recorder, from, [ct], seeds)
    return E.isLeft(adjoint) ? adjoint : E.right(adjoint.right.cotangents.get(ct.id) ?? v.like(y, 0))
  }
  const moved = variables(
    recorder,
    reals.map(([x]) => x),
  )
  const ys = inline(
    recorder,
    body,
    atReals(xs, moved).map((x, k) => x ?? xs[k]),
  )
  if (E.isLeft(ys)) return ys
  const tangents = forwardSweep(
    recorder,
    from,
    moved.map((x, i) => [x, reals[i][1]] as const),
  )
  return E.isLeft(tangents) ? tangents : E.right(tangents.right.get(ys.right[0].id) ?? v.like(y, 0))
}
