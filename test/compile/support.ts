/** What tests of the scheduler share. */
import { type Buffer, F64 } from '../../src/algebra/index.js'
import { assembled } from '../../src/compile/assemble.js'
import { type Flat, flatten } from '../../src/compile/flat.js'
import { fused } from '../../src/compile/fuse.js'
import { type Schedule, schedule } from '../../src/compile/schedule.js'
import { standard } from '../../src/Program.js'
import { bufferFor, kernelFor } from '../../src/primitive/evaluate.js'
import { size } from '../../src/Shape.js'
import type { Program } from '../../src/Tape.js'
import { right } from '../engine/given.js'

/** A schedule of a program; what depends on no input is computed. */
export const scheduled = (program: Program): Schedule => {
  const flat: Flat = assembled(right(flatten(program)))
  const constant = (id: number): Buffer<number> => {
    const value = flat.values[id]
    const operands = value.operands.map((k) => flat.values[k])
    const out = bufferFor(F64, value.dtype, size(value.shape))
    const given = operands.map((x) => constant(x.id))
    kernelFor(F64, standard.table, value, operands)(given, out)
    return out
  }
  return fused(schedule(flat, constant))
}
