/**
 * Progress of a training: a bar where there is a terminal, a line every so often where there is none.
 *
 * @since 0.1.0
 */
import type { Terminal } from './terminal.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Progress {
  /** so many epochs are done, and the training loss is this */
  readonly report: (done: number, loss: number) => void
  readonly stop: () => void
}

/** How many lines a training prints where no bar can be drawn. */
const LINES = 10

const plain = (terminal: Terminal, total: number): Progress => {
  const started = terminal.now()
  const every = Math.max(1, Math.floor(total / LINES))
  return {
    report: (done, loss) => {
      if (done % every !== 0 && done !== total) return
      const left = ((terminal.now() - started) / done) * (total - done)
      const eta = done === total ? '' : `   about ${Math.ceil(left / 1000)} s left`
      terminal.write(
        `  epoch ${String(done).padStart(String(total).length)}/${total}   loss ${loss.toFixed(2)}${eta}\n`,
      )
    },
    stop: () => undefined,
  }
}

/**
 * Starts reporting. Without the optional peer cli-progress, lines take the place of the bar.
 *
 * @category constructors
 * @since 0.1.0
 */
export const startProgress = async (terminal: Terminal, total: number): Promise<Progress> => {
  if (terminal.screen === null) return plain(terminal, total)
  const library = await import('cli-progress').catch(() => null)
  if (library === null) return plain(terminal, total)
  const bar = new library.default.SingleBar({
    format: '  [{bar}] epoch {value}/{total}   loss {loss}   {eta_formatted} left',
    barCompleteChar: '#',
    barIncompleteChar: '.',
    barsize: 30,
    hideCursor: true,
    stream: terminal.screen as NodeJS.WriteStream,
  })
  bar.start(total, 0, { loss: '-' })
  return {
    report: (done, loss) => bar.update(done, { loss: loss.toFixed(2) }),
    stop: () => bar.stop(),
  }
}
