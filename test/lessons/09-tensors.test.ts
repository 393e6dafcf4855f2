import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/09-tensors.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

const cells = async (): Promise<ReadonlyArray<string>> =>
  (await told).page.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'table' ? block.rows.flat().map(String) : [])),
  )

describe('lesson 9: tensors', () => {
  it('computes 3 (x + 2)^2 at ones, its gradient, and what is inside', async () => {
    const { out, gradient, simple, y, yCotangent, z, zCotangent } = (await told).numbers
    expect({ out, gradient, simple }).toEqual({ out: 27, gradient: 4.5, simple: 0.5 })
    expect({ y, yCotangent, z, zCotangent }).toEqual({ y: 3, yCotangent: 4.5, z: 27, zCotangent: 0.25 })
  })

  it('lets nobody change a tensor, not even whoever made it; and shares memory because of that', async () => {
    const { betrayed, shared, again } = (await told).numbers
    expect({ betrayed, shared, again }).toEqual({ betrayed: 1, shared: 1, again: 1 })
  })

  it('wraps integers at 32 bits', async () => {
    expect((await told).numbers.wrapped).toBe(-(2 ** 31))
  })

  it('says what does not fit', async () => {
    const said = await cells()
    expect(said).toContain('`add: operands must have one element type, not int and real`')
    expect(said).toContain('add: cannot broadcast [3, 4] with [3]: 4 and 3 differ and neither is 1')
    expect(said).toContain('`slice: along axis 0 of [2, 3]: position 2 is out of range for a dimension of 2`')
    expect(said).toContain('`reshape: [2, 3] has 6 elements and [4] has 4`')
  })
})

describePage(lesson, told)
