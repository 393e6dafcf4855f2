/**
 * Reference tables computed by other people's software. They lie beside the repository where it is developed and on no
 * user's machine; what needs them says that it is skipped.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The nearest folder `shared` beside an ancestor of this file (compiled benchmarks lie deeper than the sources). */
const folder = (): string | null => {
  for (const up of ['../../../shared', '../../../../../shared', '../../../../shared'])
    if (existsSync(new URL(`${up}/conformance`, import.meta.url))) return fileURLToPath(new URL(up, import.meta.url))
  return null
}

export const shared = folder()

export const readShared = (path: string): string => readFileSync(`${shared}/${path}`, 'utf8')

if (shared === null) console.log('the folder ../shared is absent: conformance with other software is not checked here')
