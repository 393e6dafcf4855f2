#!/usr/bin/env node
/**
 * `wengert`.
 *
 * @since 0.1.0
 */
import { wengert } from './checkProgram.js'
import { processTerminal } from './terminal.js'

process.exitCode = await wengert(process.argv.slice(2), processTerminal())
