/** What tests of the scheduler share. */
import { assembled } from '../../src/compile/assemble.js'
import { type Flat, flatten } from '../../src/compile/flat.js'
import { fused } from '../../src/compile/fuse.js'
import { type Schedule, schedule } from '../../src/compile/schedule.js'
import type { Program } from '../../src/Tape.js'
import type { AnyTensor } from '../../src/Tensor.js'
import { right } from '../engine/given.js'

/** A schedule of a program whose constants are all literals of the tape. */
export const scheduled = (program: Program): Schedule => {
  const flat: Flat = assembled(right(flatten(program)))
  const constant = (id: number): ArrayLike<number> => {
    const { attributes } = flat.values[id]
    return (attributes as { readonly value: AnyTensor }).value.data
  }
  return fused(schedule(flat, constant))
}
