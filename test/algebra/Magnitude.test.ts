import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { F64, Magnitude as M, type MagnitudeNumber, magnitudeSeed } from 'wengert/algebra'
import { BINARY, ordinary, stratified, UNARY } from './support.js'

type N = MagnitudeNumber

const either: fc.Arbitrary<N> = fc
  .tuple(stratified, fc.boolean())
  .map(([x, s]) => (s ? magnitudeSeed(x) : M.literal(x)))

describe('Magnitude', () => {
  it('has the values of float64, bit for bit', () => {
    fc.assert(
      fc.property(either, either, (x, y) => {
        for (const name of UNARY) expect(M[name](x).value).toBe(F64[name](x.value))
        for (const name of BINARY) expect(M[name](x, y).value).toBe(F64[name](x.value, y.value))
        for (const order of [0, 1, 2]) expect(M.polygamma(order, x).value).toBe(F64.polygamma(order, x.value))
        expect([M.primal(x), M.buffer(1)[0]]).toEqual([x.value, M.literal(0)])
      }),
    )
  })

  it('forward numbers are as large as they are', () => {
    fc.assert(
      fc.property(stratified, stratified, (x, y) => {
        for (const name of UNARY) expect(M[name](M.literal(x))).toEqual(M.literal(F64[name](x)))
        for (const name of BINARY) {
          const found = M[name](M.literal(x), M.literal(y))
          expect([found.size, found.swept]).toEqual([Math.abs(F64[name](x, y)), false])
        }
      }),
    )
  })

  it('sizes of what depends on a seed add, multiply and divide', () => {
    fc.assert(
      fc.property(ordinary, ordinary, ordinary, (x, y, z) => {
        const [u, v] = [M.sub(magnitudeSeed(x), magnitudeSeed(x)), M.add(magnitudeSeed(y), M.literal(z))]
        expect(u).toEqual({ value: 0, size: 2 * Math.abs(x), swept: true })
        expect(v.size).toBe(Math.abs(y) + Math.abs(z))
        expect(M.mul(u, v).size).toBe(u.size * v.size)
        expect(M.div(u, M.literal(z)).size).toBe(u.size / Math.abs(z))
        expect(M.neg(v)).toEqual({ ...v, value: -v.value })
        expect(M.abs(M.neg(v)).size).toBe(v.size)
        expect(M.mod(v, M.literal(1)).size).toBe(v.size + Math.abs(Math.floor(v.value)))
        expect(M.exp(v)).toEqual(M.literal(Math.exp(v.value)))
        // of equal ones the larger, otherwise that of the one that was chosen
        expect(M.max(u, M.literal(0)).size).toBe(u.size)
        expect(M.max(u, M.literal(1)).size).toBe(1)
        expect(M.min(u, M.literal(1)).size).toBe(u.size)
      }),
    )
  })

  // A sweep: node k > 0 reads earlier nodes by edges with a partial derivative each.
  interface Edge {
    readonly to: number
    readonly d: number
  }
  const sweeps: fc.Arbitrary<ReadonlyArray<ReadonlyArray<Edge>>> = fc
    .array(fc.array(fc.record({ to: fc.nat(), d: ordinary }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 10,
    })
    .map((nodes) => nodes.map((edges, k) => edges.map(({ to, d }) => ({ to: to % (k + 1), d }))))

  const reverse = (nodes: ReadonlyArray<ReadonlyArray<Edge>>, c: N): N => {
    const a = Array.from({ length: nodes.length + 1 }, () => M.literal(0))
    a[nodes.length] = c
    for (let k = nodes.length; k > 0; k--)
      for (const { to, d } of nodes[k - 1]) a[to] = M.add(a[to], M.mul(M.literal(d), a[k]))
    return a[0]
  }

  const paths = (nodes: ReadonlyArray<ReadonlyArray<Edge>>, k: number): number =>
    k === 0 ? 1 : nodes[k - 1].reduce((sum, { to, d }) => sum + Math.abs(d) * paths(nodes, to), 0)

  it('is the sum over paths of the products of |partial derivatives| on a sweep', () => {
    fc.assert(
      fc.property(sweeps, ordinary, (nodes, c) => {
        const right = Math.abs(c) * paths(nodes, nodes.length)
        expect(Math.abs(reverse(nodes, magnitudeSeed(c)).size - right)).toBeLessThanOrEqual(2 ** -45 * right)
      }),
    )
  })

  it('bounds how far forward and reverse are apart: 2 γ_2L G', () => {
    let worst = 0
    fc.assert(
      fc.property(sweeps, (nodes) => {
        const t = [1]
        for (const edges of nodes) t.push(edges.reduce((sum, { to, d }) => sum + d * t[to], 0))
        const found = reverse(nodes, magnitudeSeed(1))
        // the longest path, each node with a product and up to as many additions as edges meet there
        const depth = [0]
        for (const edges of nodes) depth.push(Math.max(...edges.map(({ to }) => depth[to])) + 1)
        const additions = nodes.reduce((sum, edges) => sum + edges.length, 0)
        const steps = depth[nodes.length] + additions
        const scale = 2 ** -53 * steps * found.size
        worst = Math.max(worst, Math.abs(found.value - t[nodes.length]) / scale)
        expect(Math.abs(found.value - t[nodes.length])).toBeLessThanOrEqual(4 * scale)
      }),
    )
    console.log(`forward and reverse are ${worst.toFixed(2)} u L G apart at most, where 4 are allowed`)
  })
})
