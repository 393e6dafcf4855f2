/**
 * Progress of something long: a bar where there is a terminal, a line every so often where there is none.
 *
 * @since 0.1.0
 */
import type { Terminal } from './terminal.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Progress {
  /** so much is done, and this is how it goes, or what comes next */
  readonly report: (done: number, told: string) => void
  readonly stop: () => void
}

/** How many lines are printed where no bar can be drawn, at most about. */
const LINES = 10

/** Columns of a bar beside what is told: the bar, the counts, the time left. */
const BESIDE = 66

const plain = (terminal: Terminal, unit: string, total: number, first: number): Progress => {
  const started = terminal.now()
  const every = Math.max(1, Math.floor(total / LINES))
  let next = first + every
  return {
    report: (done, told) => {
      if (done < next && done !== total) return
      next = done + every
      const left = ((terminal.now() - started) / (done - first)) * (total - done)
      const eta = done >= total ? '' : `   about ${Math.ceil(left / 1000)} s left`
      const place = String(done).padStart(String(total).length)
      terminal.write(`  ${unit === '%' ? `${place} %` : `${unit} ${place}/${total}`}   ${told}${eta}\n`)
    },
    stop: () => undefined,
  }
}

/**
 * Starts reporting on `total` things of a kind, of which the first few may have been done before; of the kind `%` there are
 * 100. Without the optional peer cli-progress, lines take the place of the bar.
 *
 * @category constructors
 * @since 0.1.0
 */
export const startProgress = async (
  terminal: Terminal,
  { unit, total, first = 0 }: { readonly unit: string; readonly total: number; readonly first?: number },
): Promise<Progress> => {
  const library = terminal.screen === null ? null : await import('cli-progress').catch(() => null)
  if (library === null) return plain(terminal, unit, total, first)
  const bar = new library.default.SingleBar({
    format: `  [{bar}] ${unit === '%' ? '{value} %' : `${unit} {value}/{total}`}   {told}   {eta_formatted} left`,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    barsize: 24,
    // a program that is stopped must not leave the terminal without its cursor
    hideCursor: false,
    stream: terminal.screen as NodeJS.WriteStream,
  })
  const room = Math.max(12, terminal.columns - BESIDE)
  bar.start(total, first, { told: '' })
  return {
    report: (done, told) => bar.update(done, { told: told.slice(0, room) }),
    stop: () => bar.stop(),
  }
}

/** Milliseconds of work between two looks at what happens outside. */
const BREATH = 40

/**
 * Lets a bar draw and a signal arrive, if that has not been so for a while.
 *
 * @category constructors
 * @since 0.1.0
 */
export const breathing = (now: () => number): (() => Promise<void>) => {
  let last = now()
  return async () => {
    if (now() - last < BREATH) return
    await new Promise((resolve) => setImmediate(resolve))
    last = now()
  }
}
