#!/usr/bin/env node
/**
 * `npm start`.
 *
 * @since 0.1.0
 */
import { boston } from './bostonProgram.js'
import { main } from './terminal.js'

await main(boston)
