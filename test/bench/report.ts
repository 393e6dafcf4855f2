/**
 * Figures: what was measured, against what it should be. Every benchmark prints a table of them, or with `--json` an
 * array of `{ name, value, unit, target, holds }`.
 */

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** what the value is held against, such as `<= 3`; empty for a figure that is only reported */
  readonly target: string
  readonly holds: boolean
  /** what else was measured with it, to be printed behind it */
  readonly also?: Readonly<Record<string, number>>
}

const shown = (x: number): string =>
  Number.isInteger(x) ? String(x) : Math.abs(x) >= 1e-2 && Math.abs(x) < 1e6 ? x.toFixed(3) : x.toExponential(2)

export const atMost = (name: string, value: number, unit: string, bound: number): Figure => ({
  name,
  value,
  unit,
  target: `<= ${shown(bound)}`,
  holds: value <= bound,
})

export const exactly = (name: string, value: number, unit: string, expected: number): Figure => ({
  name,
  value,
  unit,
  target: `= ${shown(expected)}`,
  holds: value === expected,
})

/** A figure without a target. */
export const reported = (
  name: string,
  value: number,
  unit: string,
  also: Readonly<Record<string, number>> = {},
): Figure => ({ name, value, unit, target: '', holds: true, also })

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

/** Runs groups of measurements one after another, prints them, and sets the exit code when one misses its target. */
export const report = async (
  groups: ReadonlyArray<readonly [string, () => ReadonlyArray<Figure> | Promise<ReadonlyArray<Figure>>]>,
): Promise<void> => {
  const json = process.argv.includes('--json')
  const figures: Array<Figure> = []
  for (const [name, measure] of groups) {
    progress(`measuring ${name} ...`)
    const measured = await measure()
    progress('')
    figures.push(...measured)
    if (json) continue
    console.log(`\n${name}`)
    const width = Math.max(...measured.map((f) => f.name.length))
    for (const f of measured) {
      const also = Object.entries(f.also ?? {}).map(([what, value]) => `${what} ${shown(value)}`)
      const verdict =
        f.target === '' ? also.join(', ') : `${f.target} ${f.unit}`.padEnd(24) + (f.holds ? 'holds' : 'MISSED')
      console.log(`  ${f.name.padEnd(width)}  ${`${shown(f.value)} ${f.unit}`.padEnd(28)}${verdict}`.trimEnd())
    }
  }
  if (json) console.log(JSON.stringify(figures, null, 2))
  if (figures.some((f) => !f.holds)) process.exitCode = 1
}

export const median = (xs: ReadonlyArray<number>): number => {
  const sorted = [...xs].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

export const milliseconds = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}
