#!/usr/bin/env node
/**
 * `wengert`.
 *
 * @since 0.1.0
 */
import { wengert } from './commands.js'
import { main } from './terminal.js'

await main(wengert)
