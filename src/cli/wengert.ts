#!/usr/bin/env node
/**
 * `wengert`.
 *
 * @since 0.1.0
 */
import { setFlagsFromString } from 'node:v8'
import { wengert } from './commands.js'
import { main } from './terminal.js'

// Node 20 has fused multiply-add in WebAssembly, without which training a large model takes 1.3 times as long, behind this
// flag; later ones have it, and no such flag. Flags are for the owner of the process to set, which is this command.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

await main(wengert)
