/**
 * The version of the package that runs.
 *
 * @since 0.1.0
 */
import { createRequire } from 'node:module'

/**
 * As its package.json has it.
 *
 * @category constants
 * @since 0.1.0
 */
export const version = (): string => createRequire(import.meta.url)('wengert/package.json').version
