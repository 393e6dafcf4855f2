/**
 * A vitest file that fails by itself: the smallest program as a tape, its operands exactly, and what the derivative along a
 * direction should be.
 *
 * @since 0.1.0
 */
import { stringify } from '../ProgramCodec.js'
import type { Blame, Minimal, Verdict } from './model.js'

/** Numbers as JavaScript reads them back bit for bit, `-0` and all that JSON lacks included. */
const numbers = (xs: ReadonlyArray<number>): string =>
  `[${xs.map((x) => (Object.is(x, -0) ? '-0' : String(x))).join(', ')}]`

const lists = (xss: ReadonlyArray<ReadonlyArray<number>>): string => `[${xss.map(numbers).join(', ')}]`

const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')

/**
 * The text of the test. It checks the minimal program by the library's own calculus; with broken rules of one's own, pass them
 * as the option `calculus`, where the text says so.
 *
 * @category destructors
 * @since 0.1.0
 */
export const reproducer = (minimal: Minimal, verdict: Verdict, { primitive, name, operand }: Blame): string => {
  const where = operand === null ? `the accumulation at ${name}` : `operand ${operand.index} of ${primitive} (${name})`
  return `import { isLeft } from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { parse } from 'wengert/ProgramCodec'
import { verifyTape } from 'wengert/verify'

// ${verdict}: ${where.replaceAll('\n', ' ')}
${minimal.listing.replace(/^/gm, '// ')}
// along the direction the sweep gives ${minimal.analytic}; it should give
const expected = ${minimal.reference}

const tape = \`${quoted(stringify(minimal.program))}\`
const point = ${lists(minimal.point)}
const cotangent = ${lists(minimal.cotangent)}
const direction = ${lists(minimal.direction)}

it(${JSON.stringify(`has a right derivative: ${where}`)}, () => {
  const program = parse(tape)
  if (isLeft(program)) throw new Error(program.left.message)
  // rules of your own: verifyTape(program.right, { point, cotangent, direction, calculus })
  const judged = verifyTape(program.right, { point, cotangent, direction })
  if (isLeft(judged)) throw new Error(judged.left.message)
  // the reference is right to the last place of a float64
  expect(Math.abs(judged.right.reference - expected)).toBeLessThanOrEqual(2 ** -52 * Math.abs(expected))
  expect(judged.right.verdict, judged.right.reason).toBe('PASS')
})
`
}
