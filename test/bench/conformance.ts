/**
 * Agreement with derivatives that other people published and evaluated with forty digits. Where the tables are absent,
 * that is said and nothing is measured.
 */
import { compile, grad, lgamma, record, spec, type Var } from 'wengert'
import { derivativeRows, digammaRows } from '../conformance/derivatives.js'
import { shared } from '../conformance/shared.js'
import { atMost, exactly, type Figure, reported } from './report.js'

/** The point of a case whose published antiderivative is the constant 0 while its derivative is not. */
const DEGENERATE = 'Welz Problems #80'

export const conformanceFigures = (): ReadonlyArray<Figure> => {
  if (shared === null) {
    console.error('the folder ../shared is absent: agreement with published derivatives is not measured')
    return []
  }
  const rows = derivativeRows().filter((row) => row.id !== DEGENERATE)
  // a point is excused where a plain dual-number evaluation in doubles lost as many digits
  const excused = rows.filter((row) => row.conditioning > 5e-13)
  const held = rows.filter((row) => !excused.includes(row))
  for (const row of excused)
    console.error(
      `excused: ${row.id} at ${row.x}, conditioning ${row.conditioning}, F' off by ${row.error.first.toExponential(1)}, F'' by ${row.error.second.toExponential(1)}`,
    )
  const program = record(grad((x: Var<readonly []>) => lgamma(x)))(spec([]))
  if (program._tag === 'Left') throw new Error(program.left.message)
  const digamma = compile()(program.right)
  if (digamma._tag === 'Left') throw new Error(digamma.left.message)
  const psi = digammaRows((x) => {
    const y = digamma.right.run(x)
    return y._tag === 'Right' ? y.right.data[0] : Number.NaN
  })
  const worst = (xs: ReadonlyArray<number>): number => xs.reduce((m, x) => (x <= m ? m : x), 0)
  return [
    reported('published derivatives: points', rows.length, 'points'),
    reported('published derivatives: ill-conditioned points excused', excused.length, 'points'),
    atMost("F', greatest error relative to max(1, |F'|)", worst(held.map((r) => r.error.first)), '', 1e-12),
    atMost("F'', greatest error relative to max(1, |F''|)", worst(held.map((r) => r.error.second)), '', 1e-10),
    exactly(
      'digamma as the derivative of lgamma: points that miss 1e-12',
      psi.filter((r) => !(r.error <= 1e-12)).length,
      'points',
      0,
    ),
    reported('digamma as the derivative of lgamma: greatest error', worst(psi.map((r) => r.error)), ''),
  ]
}
