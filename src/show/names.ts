/**
 * What values on a tape are called, by people: inputs by their path, labelled values by their label, scalar constants by
 * their value, and everything else by its position.
 *
 * @since 0.1.0
 */
import type { Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { primitives } from '../primitive/table.js'
import { at, type Instruction, type Tape } from '../Tape.js'
import { type AnyTensor, isTensor } from '../Tensor.js'

const number = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/**
 * `[1, 2, 3, ... 5 more]`, flat: the shape stands elsewhere.
 *
 * @category printing
 * @since 0.1.0
 */
export const showValue = (
  { shape, dtype, data }: AnyTensor,
  most: number,
  print: (x: number) => string = number,
): string => {
  const element = (i: number): string => (dtype === 'bool' ? String(data[i] === 1) : print(data[i]))
  if (shape.length === 0) return element(0)
  const shown = Math.min(data.length, Math.max(0, most))
  const parts = Array.from({ length: shown }, (_, i) => element(i))
  if (shown < data.length) parts.push(shown === 0 ? `${data.length} elements` : `... ${data.length - shown} more`)
  return `[${parts.join(', ')}]`
}

/**
 * A name that can stand for an operand: it reads as one word, and not as a position.
 *
 * @category names
 * @since 0.1.0
 */
export const WORD = /^[\p{L}_][\p{L}\p{N}_.]{0,31}$/u

/** What an instruction would like to be called. */
const wish = ({ primitive, attributes }: Instruction): string | null => {
  const { path, name } = attributes as { readonly path?: string; readonly name?: string }
  const word = primitive === 'input' ? path : primitive === 'label' ? name : undefined
  return word !== undefined && WORD.test(word) ? word : null
}

/**
 * The scalar that an instruction states, as text, if it is one.
 *
 * @category names
 * @since 0.1.0
 */
export const scalarOf = ({ primitive, attributes }: Instruction): string | null => {
  const { value } = attributes as { readonly value?: unknown }
  return primitive === 'constant' && isTensor(value) && value.shape.length === 0 ? showValue(value, 1) : null
}

/**
 * The names of values by their positions: no word is given twice. `root` says where a value is really computed, so that a
 * label can name the value that it stands on.
 *
 * @category names
 * @since 0.1.0
 */
export const namesOf = (tape: Tape, root: (id: number) => number = (id) => id): ((id: number) => string) => {
  const owner = new Map<string, number>()
  const ambiguous = new Set<string>()
  for (let id = 0; id < tape.length; id++) {
    const word = wish(at(tape, id) as Instruction)
    if (word === null) continue
    const earlier = owner.get(word)
    if (earlier !== undefined && earlier !== root(id)) ambiguous.add(word)
    else owner.set(word, root(id))
  }
  const words = new Map<number, string>()
  for (const [word, id] of owner) if (!ambiguous.has(word) && !words.has(id)) words.set(id, word)
  return (id) => words.get(root(id)) ?? scalarOf(at(tape, root(id)) as Instruction) ?? `%${root(id)}`
}

/**
 * Invisible characters of labels and paths would break lines or turn them round.
 *
 * @category printing
 * @since 0.1.0
 */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${(c.codePointAt(0) as number).toString(16)}}`)

/**
 * An instruction by the formula of its row, over the names of its operands.
 *
 * @category printing
 * @since 0.1.0
 */
export const formula = (instruction: Instruction, words: ReadonlyArray<string>, elements: number): string => {
  const { primitive, attributes } = instruction
  const { path, value } = attributes as { readonly path?: string; readonly value?: unknown }
  if (primitive === 'input') return `input ${WORD.test(path ?? '') ? path : JSON.stringify(path)}`
  if (primitive === 'constant' && isTensor(value)) return showValue(value, elements)
  if (primitive === 'peek' && isTensor(value)) return `peek(${words[0]}) is ${showValue(value, elements)}`
  const row = primitives[primitive as PrimitiveName] as Primitive | undefined
  return row === undefined ? `${primitive}(${words.join(', ')})` : row.show(words, attributes as never)
}
