/**
 * Threads for engines that are told to use them.
 *
 * @since 0.1.0
 */
export { startThreads, type ThreadsOptions } from './startThreads.js'
