/**
 * Reads a document as a program (see `ProgramCodec.ts`): every instruction is checked as a recording would check it, and
 * appended to a new tape.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import type { Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { primitives } from '../primitive/table.js'
import { check, equals, type Spec, show } from '../Shape.js'
import { type Builder, empty, extend, type Instruction, type Program } from '../Tape.js'
import { fromArray } from '../Tensor.js'
import * as Tree from '../Tree.js'
import { NumberCodec } from '../tensor/codec.js'
import type { AnyVar } from '../Var.js'
import {
  complete,
  inside,
  type Place,
  placed,
  plain,
  read,
  readDocument,
  readLine,
  readPosition,
  refuse,
  said,
} from './document.js'

const rowOf = (name: PrimitiveName): Primitive => primitives[name] as Primitive

/**
 * How large a document may be. Sizes of values have limits of their own: a shape beyond `Shape.MAX_SIZE` is refused here,
 * and `compile` refuses a program that would need too much memory.
 *
 * @category model
 * @since 0.1.0
 */
export interface DecodeOptions {
  /** the most characters of text: 2^28 unless given */
  readonly characters?: number
  /** the most instructions, those of called programs included: 2^22 unless given */
  readonly instructions?: number
  /** how deeply called programs may be nested: 64 unless given, and 512 at most */
  readonly nesting?: number
}

const INSTRUCTIONS = 2 ** 22
const NESTING = 64
const MOST_NESTING = 512

/** What a document may still use up. */
interface Budget {
  readonly options: DecodeOptions
  instructions: number
  readonly nesting: number
}

/** A document whose instructions are being appended. */
interface Reading {
  readonly builder: Builder
  readonly depth: number
  readonly budget: Budget
  /** where the inputs' tree has which position */
  readonly paths: ReadonlyMap<number, string>
}

/** Positions in a tree. What they refer to is checked when there is something to refer to. */
const readTree = (u: unknown, length: number, place: Place): E.Either<Failure, Tree.Tree<number>> => {
  if (u === undefined) return refuse(place, 'is missing')
  const tree = Tree.check(u, place.path)
  if (E.isLeft(tree)) {
    const { _tag, message } = tree.left
    return fail(_tag === 'TooLarge' ? _tag : 'MalformedTape', `decode: ${message}`, { operation: 'decode', ...place })
  }
  for (const { path, leaf } of Tree.flatten(tree.right)) {
    const position = readPosition(leaf, length, path === '' ? place : { ...place, path: `${place.path}.${path}` })
    if (E.isLeft(position)) return position
  }
  return E.right(tree.right as Tree.Tree<number>)
}

const numbers = (u: unknown): unknown => {
  if (Array.isArray(u)) return u.map(numbers)
  const number = NumberCodec.decode(u)
  return E.isRight(number) ? number.right : u
}

/** A value given as a number or as nested lists is a tensor of reals; here all become the document of a tensor. */
const readValue = (u: unknown, place: Place): E.Either<Failure, unknown> => {
  if (typeof u !== 'object' || u === null || Array.isArray(u)) {
    const tensor = fromArray(numbers(u), 'real', 'the value')
    if (E.isLeft(tensor)) return E.left(placed(place, tensor.left))
    const { shape, dtype, data } = tensor.right
    return E.right({ shape, dtype, data: Array.from(data) })
  }
  const { shape } = u as { readonly shape?: unknown }
  // -0 is no length of its own
  return E.right(Array.isArray(shape) ? { ...u, shape: shape.map((n) => (n === 0 ? 0 : n)) } : u)
}

const programs = ['body', 'vjp', 'jvp'] as const

const readCall = (
  given: Readonly<Record<string, unknown>>,
  reading: Reading,
  place: Place,
): E.Either<Failure, Readonly<Record<string, unknown>>> => {
  const out: Record<string, unknown> = {}
  for (const key of programs) {
    if (given[key] === undefined) continue
    const program = readDepth(given[key], reading.depth + 1, reading.budget, inside(place, key))
    if (E.isLeft(program)) return program
    out[key] = program.right
  }
  const { body, vjp, jvp, ...rest } = given
  const other = plain(rest, place)
  return E.isLeft(other) ? other : E.right({ ...(other.right as object), ...out })
}

const readAttributes = (
  name: PrimitiveName,
  given: Readonly<Record<string, unknown>>,
  id: number,
  reading: Reading,
  place: Place,
): E.Either<Failure, Readonly<Record<string, unknown>>> => {
  const { attributes } = rowOf(name)
  const at = inside(place, 'with')
  if (name === 'call') {
    const call = readCall(given, reading, at)
    if (E.isLeft(call)) return call
    const decoded = read(attributes, call.right, at)
    if (E.isLeft(decoded)) return decoded
    const unknown = Object.keys(call.right).find((key) => !Object.hasOwn(decoded.right, key))
    return unknown === undefined ? decoded : refuse(inside(at, unknown), 'is not known')
  }
  const copy = plain(given, at)
  if (E.isLeft(copy)) return copy
  let record = copy.right as Readonly<Record<string, unknown>>
  if (name === 'input') record = { path: reading.paths.get(id) ?? '', dtype: 'real', ...record }
  if ((name === 'constant' || name === 'peek') && record.value !== undefined) {
    const value = readValue(record.value, inside(at, 'value'))
    if (E.isLeft(value)) return value
    record = { ...record, value: value.right }
  }
  const decoded = read(attributes, record, at)
  if (E.isLeft(decoded)) return decoded
  const whole = complete(record, decoded.right, at)
  return E.isLeft(whole) ? whole : decoded
}

const readOperands = (
  row: Primitive,
  given: ReadonlyArray<unknown>,
  id: number,
  place: Place,
): E.Either<Failure, ReadonlyArray<number>> => {
  const { name, arity } = row
  const at = inside(place, 'in')
  if (arity >= 0 ? given.length !== arity : arity === -1 && given.length === 0) {
    const expected = arity < 0 ? 'one operand or more' : arity === 1 ? '1 operand' : `${arity} operands`
    return refuse(at, `has ${given.length}, but ${name} takes ${expected}`)
  }
  const out: Array<number> = []
  for (let i = 0; i < given.length; i++) {
    const u = given[i]
    if (typeof u === 'number' && Number.isInteger(u) && u >= 0 && u < id) {
      out.push(u + 0)
      continue
    }
    const operand = readPosition(u, id, inside(at, i))
    if (E.isLeft(operand)) return operand
    out.push(operand.right)
  }
  return E.right(out)
}

/** Appends one instruction, at this position even where an equal one is already there. */
const readInstruction = (u: unknown, id: number, reading: Reading, place: Place): E.Either<Failure, Instruction> => {
  const line = readLine(u, place)
  if (E.isLeft(line)) return line
  const { op, in: given = [], with: parameters = {}, shape, dtype } = line.right
  if (!Object.hasOwn(primitives, op))
    return refuse(inside(place, 'op'), `is ${said(op)}, and there is no such primitive`)
  if (op === 'peek' && reading.depth > 0)
    return refuse(inside(place, 'op'), 'is "peek", which a called program cannot have')
  const name = op as PrimitiveName
  const operands = readOperands(rowOf(name), given, id, place)
  if (E.isLeft(operands)) return operands
  const attributes = readAttributes(name, parameters, id, reading, place)
  if (E.isLeft(attributes)) return attributes
  const { builder } = reading
  const spec = E.chain((s: Spec) => E.map(() => s)(check(s.shape, op)))(
    rowOf(name).spec(
      operands.right.map((k) => builder.at(k) as Instruction),
      attributes.right as never,
    ),
  )
  if (E.isLeft(spec)) return E.left(placed(place, spec.left))
  if (shape !== undefined && !equals(shape, spec.right.shape))
    return refuse(
      inside(place, 'shape'),
      `is ${show(shape)}, but ${op} gives ${show(spec.right.shape)} here`,
      'ShapeMismatch',
    )
  if (dtype !== undefined && dtype !== spec.right.dtype)
    return refuse(inside(place, 'dtype'), `is ${dtype}, but ${op} gives ${spec.right.dtype} here`, 'TypeMismatch')
  const append = (fresh: boolean): E.Either<Failure, Instruction> =>
    builder.append<Failure>(op, operands.right, attributes.right, () => spec, fresh)
  const appended = append(false)
  return E.isRight(appended) && appended.right.id !== id ? append(true) : appended
}

/** Refuses inputs that are no `input` or listed twice, and an input that is needed but listed nowhere. */
const checkInputs = (
  inputs: Tree.Tree<number>,
  outputs: Tree.Tree<number>,
  builder: Builder,
  place: Place,
): E.Either<Failure, null> => {
  const listed = new Set<number>()
  for (const { path, leaf: id } of Tree.flatten(inputs)) {
    const at = inside(place, 'inputs')
    const leaf = path === '' ? at : { ...at, path: `${at.path}.${path}` }
    const { primitive } = builder.at(id) as Instruction
    if (primitive !== 'input') return refuse(leaf, `is ${id}, but instruction ${id} is ${primitive}, not input`)
    if (listed.has(id)) return refuse(leaf, `is ${id}, which is listed twice`)
    listed.add(id)
  }
  const marked = new Uint8Array(builder.length())
  for (const id of Tree.leaves(outputs)) marked[id] = 1
  for (let id = marked.length - 1; id >= 0; id--) {
    const { primitive, operands } = builder.at(id) as Instruction
    if (marked[id] === 0 && primitive !== 'peek') continue
    if (primitive === 'input' && !listed.has(id))
      return refuse(
        inside(inside(place, 'instructions'), id),
        'is an input that the outputs need; "inputs" must list it',
      )
    for (const operand of operands) marked[operand] = 1
  }
  return E.right(null)
}

const readDepth = (u: unknown, depth: number, budget: Budget, place: Place): E.Either<Failure, Program> => {
  if (depth > budget.nesting)
    return refuse(place, `is nested deeper than ${budget.nesting} called programs`, 'TooLarge')
  const document = readDocument(u, place)
  if (E.isLeft(document)) return document
  const lines = document.right.instructions
  if (lines.length > budget.instructions)
    return refuse(
      inside(place, 'instructions'),
      `has more instructions than the ${budget.options.instructions ?? INSTRUCTIONS} that are allowed in all`,
      'TooLarge',
    )
  budget.instructions -= lines.length
  const inputs = readTree(document.right.inputs, lines.length, inside(place, 'inputs'))
  if (E.isLeft(inputs)) return inputs
  const outputs = readTree(document.right.outputs, lines.length, inside(place, 'outputs'))
  if (E.isLeft(outputs)) return outputs

  const builder = extend(empty)
  const paths = new Map(Tree.flatten(inputs.right).map(({ path, leaf }) => [leaf, path]))
  const reading: Reading = { builder, depth, budget, paths }
  const list = inside(place, 'instructions')
  for (let id = 0; id < lines.length; id++) {
    const at = inside(list, id)
    const instruction = readInstruction(
      lines[id],
      id,
      reading,
      place.position === undefined ? { ...at, position: id } : at,
    )
    if (E.isLeft(instruction)) return instruction
  }
  const checked = checkInputs(inputs.right, outputs.right, builder, place)
  if (E.isLeft(checked)) return checked
  const handles = Tree.map((id: number) => builder.at(id) as AnyVar)
  return E.right(
    Object.freeze({
      _tag: 'Program',
      tape: builder.tape(),
      inputs: handles(inputs.right) as Tree.VarTree,
      outputs: handles(outputs.right) as Tree.VarTree,
    }),
  )
}

/**
 * Reads a document.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readProgram = (u: unknown, options: DecodeOptions): E.Either<Failure, Program> =>
  readDepth(
    u,
    0,
    {
      options,
      instructions: options.instructions ?? INSTRUCTIONS,
      nesting: Math.min(options.nesting ?? NESTING, MOST_NESTING),
    },
    { path: '' },
  )
