/**
 * Progress of a check: a bar where there is a terminal and more than one thing to check, nothing elsewhere.
 *
 * @since 0.1.0
 */
import type { Terminal } from './terminal.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface CheckProgress {
  /** whether something is drawn that other output would break */
  readonly drawn: boolean
  /** so many are done, and this is next */
  readonly report: (done: number, next: string) => void
  readonly stop: () => void
}

const NOTHING: CheckProgress = { drawn: false, report: () => undefined, stop: () => undefined }

/**
 * Starts reporting. Without the optional peer cli-progress there is no bar.
 *
 * @category constructors
 * @since 0.1.0
 */
export const startCheckProgress = async (
  { screen, columns }: Pick<Terminal, 'screen' | 'columns'>,
  total: number,
): Promise<CheckProgress> => {
  if (screen === null || total < 2) return NOTHING
  const library = await import('cli-progress').catch(() => null)
  if (library === null) return NOTHING
  const bar = new library.default.SingleBar({
    format: '  [{bar}] {value}/{total}   {eta_formatted} left   {next}',
    barCompleteChar: '#',
    barIncompleteChar: '.',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    stream: screen as NodeJS.WriteStream,
  })
  const room = Math.max(8, columns - 60)
  bar.start(total, 0, { next: '' })
  return {
    drawn: true,
    report: (done, next) => bar.update(done, { next: next.slice(0, room) }),
    stop: () => bar.stop(),
  }
}
