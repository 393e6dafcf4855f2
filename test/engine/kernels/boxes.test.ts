import { describe, expect, it } from 'vitest'
import { func, i32 } from '../../../src/engine/wasm/assembler.js'
import { copyBox } from '../../../src/engine/wasm/kernels/boxes.js'
import { vectors } from '../../../src/engine/wasm/kernels/lanes.js'
import { call } from './memory.support.js'

/** Loops, outermost first; steps are in elements. */
type Box = ReadonlyArray<readonly [count: number, from: number, to: number]>

/** How many elements an array needs. */
const reach = (box: Box, side: 1 | 2): number => box.reduce((last, loop) => last + (loop[0] - 1) * loop[side], 1)

const boxes: ReadonlyArray<Box> = [
  [[1, 1, 1]],
  [[5, 1, 1]],
  [[70, 1, 1]],
  [[200, 1, 1]],
  [[19, 2, 1]],
  [[19, 1, 3]],
  [[16, 0, 1]],
  [
    [3, 10, 4],
    [4, 1, 1],
  ],
  [
    [3, 4, 4],
    [4, 1, 1],
  ],
  [
    [3, 1, 7],
    [7, 3, 1],
  ],
  [
    [2, 100, 60],
    [1, 5, 9],
    [5, 12, 12],
    [2, 6, 6],
    [6, 1, 1],
  ],
  [
    [4, 1, 1],
    [1, 9, 9],
  ],
]

describe('copyBox', () => {
  it('copies each number to its place, and nothing else', () => {
    for (const scalar of ['f32', 'f64'] as const)
      for (const box of boxes) {
        const v = vectors[scalar]
        const sides = box.map(([count, from, to]) => ({ count, from: from * v.bytes, to: to * v.bytes }))
        const given = Array.from({ length: reach(box, 1) }, (_, i) => i + 1)
        const wanted = new Array<number>(reach(box, 2)).fill(-1)
        const fill = (d: number, from: number, to: number): void => {
          if (d === box.length) wanted[to] = given[from]
          else for (let i = 0; i < box[d][0]; i++) fill(d + 1, from + i * box[d][1], to + i * box[d][2])
        }
        fill(0, 0, 0)
        const copied = call(
          scalar,
          func('copy', ['i32', 'i32'], 'void', (from, to) => copyBox(v, sides, from, to)),
          [
            { values: given, writable: false },
            { values: wanted.map(() => -1), writable: true },
          ],
          [[]],
        )
        expect([...copied[1]], JSON.stringify(box)).toEqual(wanted)
      }
  })

  it('copies nothing where a loop has no turns', () => {
    const nothing = [
      { count: 3, from: 8, to: 8 },
      { count: 0, from: 8, to: 8 },
    ]
    expect(copyBox(vectors.f64, nothing, i32.const(0), i32.const(0))).toEqual([])
  })
})
