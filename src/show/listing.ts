/**
 * Tapes as text: one line for each instruction, by the formula of its row.
 *
 * Every line begins with the position, by which failures refer to instructions. Among operands, inputs go by their path,
 * labelled values by their label and scalar constants by their value, where that is short and says which one is meant.
 *
 * @since 0.1.0
 */
import type { Call } from '../primitive/Primitive.js'
import type { Statistics } from '../primitive/statistics.js'
import { show } from '../Shape.js'
import { at, type Instruction, type Program, type Tape } from '../Tape.js'
import { flatten } from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { formula, namesOf, visible } from './names.js'

/**
 * How to print a tape.
 *
 * - `lines`: tapes with more instructions are cut in the middle (100)
 * - `elements`: how many elements of a constant are shown (6)
 * - `nested`: whether the programs inside calls are printed below them (false)
 *
 * @category model
 * @since 0.1.0
 */
export interface ListingOptions {
  readonly lines?: number
  readonly elements?: number
  readonly nested?: boolean
}

const LINES = 100
const ELEMENTS = 6
const INDENT = '    '

interface Printing {
  readonly lines: number
  readonly elements: number
  readonly nested: boolean
}

const listing = (tape: Tape, printing: Printing, indent: string): ReadonlyArray<string> => {
  const out: Array<string> = []
  const names = namesOf(tape)
  const width = String(tape.length - 1).length + 1
  const hidden = Math.max(0, tape.length - printing.lines)
  const head = Math.ceil(printing.lines / 2)
  for (let id = 0; id < tape.length; id++) {
    if (hidden > 0 && id === head) {
      out.push(`${indent}... ${hidden} more ...`)
      id += hidden
      if (id >= tape.length) break
    }
    const instruction = at(tape, id) as Instruction
    const { shape, dtype } = instruction
    const line = `${formula(instruction, instruction.operands.map(names), printing.elements)} : ${dtype} ${show(shape)}`
    out.push(`${indent}${`%${id}`.padEnd(width)} = ${visible(line)}`)
    if (!printing.nested || instruction.primitive !== 'call') continue
    const { body, vjp, jvp } = instruction.attributes as unknown as Call
    for (const [what, program] of Object.entries({ body, vjp, jvp }))
      if (program !== undefined) out.push(`${indent}${INDENT}${what}`, ...lines(program, printing, indent + INDENT))
  }
  return out
}

const lines = (program: Program, printing: Printing, indent: string): ReadonlyArray<string> => [
  ...listing(program.tape, printing, indent),
  `${indent}gives ${ends(program)}`,
]

/** `y = %4, z = %2`, or the position alone where the result is no tree. */
const ends = ({ outputs }: Program): string =>
  flatten<AnyVar>(outputs)
    .map(({ path, leaf }) => visible(path === '' ? `%${leaf.id}` : `${path} = %${leaf.id}`))
    .join(', ') || 'nothing'

/**
 * A tape, or a program, whose last line then names its outputs.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { add, mul, record, spec, sum, type Var } from 'wengert'
 * import { showTape } from 'wengert/show'
 *
 * type P = { readonly w: Var<readonly [3]> }
 * const program = record(({ w }: P) => sum(add(mul(w, w), 1)))({ w: spec([3]) })
 * assert(isRight(program))
 * assert.strictEqual(
 *   showTape(program.right),
 *   [
 *     '%0 = input w : real [3]',
 *     '%1 = w * w : real [3]',
 *     '%2 = 1 : real []',
 *     '%3 = broadcast(1, [3], axes=[]) : real [3]',
 *     '%4 = %1 + %3 : real [3]',
 *     '%5 = sum(%4, axes=[0]) : real []',
 *     'gives %5',
 *   ].join('\n'),
 * )
 * ```
 *
 * @category printing
 * @since 0.1.0
 */
export const showTape = (of: Program | Tape, options: ListingOptions = {}): string => {
  const printing: Printing = {
    lines: Math.max(2, options.lines ?? LINES),
    elements: options.elements ?? ELEMENTS,
    nested: options.nested ?? false,
  }
  return (of._tag === 'Tape' ? listing(of, printing, '') : lines(of, printing, '')).join('\n')
}

/** `1234567` as `1 234 567`. */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')

/**
 * The statistics of a program (`statisticsOf`) as a table.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { exp, mul, record, spec, type Var } from 'wengert'
 * import { primitives, statisticsOf } from 'wengert/primitive'
 * import { showStatistics } from 'wengert/show'
 *
 * const program = record((x: Var<readonly [100, 10]>) => mul(x, exp(x)))(spec([100, 10]))
 * assert(isRight(program))
 * assert.strictEqual(
 *   showStatistics(statisticsOf(primitives)(program.right)),
 *   [
 *     'instructions       3',
 *     'operations    11 000',
 *     'bytes         24 000',
 *     'depth              2',
 *     'inputs             1',
 *     'outputs            1',
 *     '',
 *     'exp                1',
 *     'input              1',
 *     'mul                1',
 *   ].join('\n'),
 * )
 * ```
 *
 * @category printing
 * @since 0.1.0
 */
export const showStatistics = (s: Statistics): string => {
  const rows: ReadonlyArray<readonly [string, number] | null> = [
    ['instructions', s.needed],
    ...(s.length > s.needed ? [['not needed', s.length - s.needed] as const] : []),
    ...(s.nested > 0 ? [['inside calls', s.nested] as const] : []),
    ['operations', s.flops],
    ['bytes', s.bytes],
    ['depth', s.depth],
    ['inputs', s.inputs],
    ['outputs', s.outputs],
    ...(s.needed > 0 ? [null] : []),
    ...Object.entries(s.primitives),
  ]
  const cells = rows.map((row) => (row === null ? null : ([row[0], grouped(row[1])] as const)))
  const wide = (column: 0 | 1): number => Math.max(...cells.map((cell) => cell?.[column].length ?? 0))
  const [names, numbers] = [wide(0), wide(1)]
  return cells.map((cell) => (cell === null ? '' : `${cell[0].padEnd(names)}  ${cell[1].padStart(numbers)}`)).join('\n')
}
