/**
 * Programs as JSON, and back: the tape format, which docs/tape-format.md describes for people and for other languages.
 *
 * Laws. `decode(encode(p))` is `p` again: an equal tape, instruction by instruction at the same positions, and equal trees
 * of inputs and outputs; so is `parse(stringify(p))`, with NaN, the infinities and -0 wherever a float can be. What is not
 * a program is refused as a value, with a sentence that names the place; nothing that is decoded is ever trusted: shapes
 * and element types are computed by the shape rules, and operands stand before the instructions that use them.
 *
 * A document may repeat an instruction, which recording never does. Both are kept, so that a position always means what
 * the document says.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Failure, fail } from './Failure.js'
import type { Call, Primitive, PrimitiveName } from './primitive/Primitive.js'
import { primitives } from './primitive/table.js'
import { FORMAT, type TapeDocument, type TapeLine, VERSION } from './program/document.js'
import { type DecodeOptions, readProgram } from './program/read.js'
import { type Instruction, instructions, type Program } from './Tape.js'
import { isTensor } from './Tensor.js'
import * as Tree from './Tree.js'
import { NumberCodec } from './tensor/codec.js'
import type { AnyVar } from './Var.js'

export type { TapeDocument, TapeLine } from './program/document.js'
export type { DecodeOptions } from './program/read.js'

const rowOf = (name: PrimitiveName): Primitive => primitives[name] as Primitive

// ----------------------------------------------------------------------------------------------------- encoding

/**
 * @category model
 * @since 0.1.0
 */
export interface EncodeOptions {
  /** write the shape and element type of every instruction, for readers that do not know the shape rules */
  readonly shapes?: boolean
}

const encodeAttributes = ({ primitive, attributes }: Instruction, options: EncodeOptions): TapeLine['with'] => {
  if (primitive === 'call') {
    const { name, body, vjp, jvp } = attributes as unknown as Call
    return {
      name,
      body: encode(body, options),
      ...(vjp === undefined ? {} : { vjp: encode(vjp, options) }),
      ...(jvp === undefined ? {} : { jvp: encode(jvp, options) }),
    }
  }
  const { value } = attributes as { readonly value?: unknown }
  // a real scalar is written as the number it is
  if (isTensor(value) && value.shape.length === 0 && value.dtype === 'real')
    return { value: NumberCodec.encode(value.data[0]) }
  const encoded = rowOf(primitive as PrimitiveName).attributes.encode(attributes as never) as TapeLine['with']
  // in one order, so that equal instructions are equal text
  return encoded && Object.fromEntries(Object.entries(encoded).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const encodeLine = (instruction: Instruction, options: EncodeOptions): TapeLine => {
  const { primitive, operands, shape, dtype } = instruction
  const attributes = encodeAttributes(instruction, options)
  return {
    op: primitive,
    ...(operands.length === 0 ? {} : { in: operands }),
    ...(attributes === undefined ? {} : { with: attributes }),
    ...(options.shapes === true ? { shape, dtype } : {}),
  }
}

const positions = Tree.map((v: AnyVar) => v.id)

/**
 * A program as plain JSON.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (program: Program, options: EncodeOptions = {}): TapeDocument => ({
  format: FORMAT,
  version: VERSION,
  instructions: instructions(program.tape).map((instruction) => encodeLine(instruction, options)),
  inputs: positions(program.inputs) as Tree.Tree<number>,
  outputs: positions(program.outputs) as Tree.Tree<number>,
})

/**
 * A program as text, one instruction on each line.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { exp, mul, record, spec, type Var } from 'wengert'
 * import { parse, stringify } from 'wengert/ProgramCodec'
 *
 * const program = record((x: Var<readonly [3]>) => mul(x, exp(x)))(spec([3]))
 * assert(isRight(program))
 * const text = stringify(program.right)
 * assert(text.includes('{"op":"mul","in":[0,1]}'))
 * const read = parse(text)
 * assert(isRight(read) && stringify(read.right) === text)
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const stringify = (program: Program, options: EncodeOptions = {}): string => {
  const { format, version, instructions: lines, inputs, outputs } = encode(program, options)
  return [
    '{',
    `"format": ${JSON.stringify(format)},`,
    `"version": ${version},`,
    '"instructions": [',
    lines.map((line) => `  ${JSON.stringify(line)}`).join(',\n'),
    '],',
    `"inputs": ${JSON.stringify(inputs)},`,
    `"outputs": ${JSON.stringify(outputs)}`,
    '}\n',
  ].join('\n')
}

// ----------------------------------------------------------------------------------------------------- decoding

/**
 * Accepts a document. What is wrong with it is a `MalformedTape`, or whatever the primitive concerned says
 * (`ShapeMismatch`, `InvalidAxis`, ...), or `TooLarge`; the sentence and `path` name the place in the document.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isLeft } from 'fp-ts/lib/Either.js'
 * import { decode } from 'wengert/ProgramCodec'
 *
 * const refused = decode({
 *   format: 'wengert-tape',
 *   version: 1,
 *   instructions: [
 *     { op: 'input', with: { shape: [2, 3] } },
 *     { op: 'sum', in: [0], with: { axes: [1.5] } },
 *   ],
 *   inputs: { x: 0 },
 *   outputs: 1,
 * })
 * assert(isLeft(refused))
 * assert.strictEqual(refused.left.path, 'instructions[1].with.axes[0]')
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (u: unknown, options: DecodeOptions = {}): E.Either<Failure, Program> => readProgram(u, options)

const CHARACTERS = 2 ** 28

/**
 * Accepts a document given as text.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string, options: DecodeOptions = {}): E.Either<Failure, Program> => {
  const most = options.characters ?? CHARACTERS
  if (text.length > most)
    return fail('TooLarge', `decode: the text has ${text.length} characters; at most ${most} are allowed`, {
      operation: 'decode',
    })
  let u: unknown
  try {
    u = JSON.parse(text)
  } catch (e) {
    const reason = e instanceof Error ? e.message : String(e)
    return fail('MalformedTape', `decode: the text is not JSON: ${reason}`, { operation: 'decode' })
  }
  return decode(u, options)
}

const isProgram = (u: unknown): u is Program =>
  typeof u === 'object' && u !== null && (u as { readonly _tag?: unknown })._tag === 'Program'

/**
 * `encode` and `decode` as an io-ts codec, to be used inside others: a checkpoint, say.
 *
 * @category codecs
 * @since 0.1.0
 */
export const ProgramCodec: t.Type<Program, unknown, unknown> = new t.Type<Program, unknown, unknown>(
  'Program',
  isProgram,
  (u, c) => {
    const program = decode(u)
    return E.isRight(program) ? t.success(program.right) : t.failure(u, c, program.left.message)
  },
  (program) => encode(program),
)
