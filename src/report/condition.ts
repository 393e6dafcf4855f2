/**
 * Where digits are lost: how much of the function flows through each instruction. With its value `v_i` and its cotangent
 * `a_i`, a relative error of `u` made at `i` moves the function by `u a_i v_i`. Shares far above the size of the function
 * itself are where terms cancel (S. Linnainmaa, BIT 16, 1976).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, F64 } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import { evaluated, nameOf, type Problem, sweepOf } from '../verify/problem.js'

/**
 * One instruction of the problem's program.
 *
 * @category model
 * @since 0.1.0
 */
export interface Share {
  readonly id: number
  readonly name: string
  /** `sum |a_i v_i|` over its elements, relative to the size of the function */
  readonly share: number
}

const inOrder = (xs: ReadonlyArray<Share>): ReadonlyArray<Share> => [...xs].sort((a, b) => b.share - a.share)

/**
 * The shares of all instructions that the sweep passes, largest first.
 *
 * @category destructors
 * @since 0.1.0
 */
export const condition = (problem: Problem): E.Either<Failure, ReadonlyArray<Share>> => {
  const { calculus, point, cotangent } = problem
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  const { program, results, adjoint, visited } = sweep.right
  const values = evaluated(F64, calculus, program)([...point, ...cotangent])
  if (E.isLeft(values)) return values
  const at = (id: number): Buffer<number> => values.right.value(id) as Buffer<number>
  const total = results.reduce((sum, { id }, i) => sum + cotangent[i].reduce((s, c, j) => s + c * at(id)[j], 0), 0)
  const shares = visited.map((y): Share => {
    const adjoints = at((adjoint.cotangents.get(y.id) as { readonly id: number }).id)
    const v = at(y.id)
    let flow = 0
    for (let j = 0; j < v.length; j++) flow += Math.abs(adjoints[j] * v[j])
    return { id: y.id, name: nameOf(problem, y), share: flow / Math.abs(total) }
  })
  return E.right(inOrder(shares.filter(({ share }) => Number.isFinite(share))))
}
