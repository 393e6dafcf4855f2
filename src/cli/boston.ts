#!/usr/bin/env node
/**
 * `npm start`.
 *
 * @since 0.1.0
 */
import { boston } from './bostonProgram.js'
import { processTerminal } from './terminal.js'

process.exitCode = await boston(process.argv.slice(2), processTerminal())
