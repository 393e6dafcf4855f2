import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/03-graph.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 3: the computing graph', () => {
  it('walks the four chains: two of four factors and two of two, of which three are shared', async () => {
    const { factors, separate, shared } = (await told).numbers
    expect({ factors, separate, shared }).toEqual({ factors: 7, separate: 4 + 4 + 2 + 2, shared: 3 })
  })

  it('prints the chain of k1 as in a textbook', async () => {
    const blocks = (await told).page.sections.flatMap((section) => section.blocks)
    const chain = 'dloss/dk1 = dloss/dlinear2 * dlinear2/dsigmoid * dsigmoid/dlinear1 * dlinear1/dk1'
    expect(blocks.some((block) => block.kind === 'code' && block.code.includes(chain))).toBe(true)
  })

  it('counts the work of networks: squares and powers of two, against lines', async () => {
    const { towerSeparate, towerOnce, branchesSeparate, branchesOnce } = (await told).numbers
    const n = 16
    // chains of 2 i factors to both parameters of level i and of 2 n to the input, each level's last factor being its own
    const chains = Array.from({ length: n }, (_, i) => 2 * (2 * (i + 1))).reduce((a, b) => a + b, 0)
    expect(towerSeparate).toBe(chains + 2 * n)
    // a level has the edge of its bend and those of its three operands
    expect(towerOnce).toBe(4 * n)
    // 2^n paths with two edges a level, and one to the input
    expect(branchesSeparate).toBe(2 ** n * (2 * n + 1))
    expect(branchesOnce).toBe(4 * n + 1)
  })

  it('gives the same bits from the graph that was data', async () => {
    const { difference, roundTrip } = (await told).numbers
    expect({ difference, roundTrip }).toEqual({ difference: 0, roundTrip: 1 })
  })

  it('refuses a cycle, a missing node and a missing feed, by name', async () => {
    const said = (await told).page.sections.flatMap((section) =>
      section.blocks.flatMap((block) => (block.kind === 'table' ? block.rows.map((row) => String(row[1])) : [])),
    )
    expect(said).toContain('`graph: nodes wait for each other: L1 -> hidden -> L2 -> L1`')
    expect(said).toContain('`graph: the node L1 takes b1, which the graph does not have`')
    expect(said).toContain('`graph: k1 is not fed`')
  })
})

describePage(lesson, told)
