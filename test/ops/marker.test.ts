import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { mul } from '../../src/ops/arithmetic.js'
import { neg } from '../../src/ops/elementary.js'
import { named, peek, stopGradient } from '../../src/ops/marker.js'
import { record, spec } from '../../src/Program.js'
import { flatMap } from '../../src/Reverse.js'
import { at } from '../../src/Tape.js'
import { scalar } from '../../src/Tensor.js'
import type { Var } from '../../src/Var.js'
import { slope, value } from './given.js'

const magnitude = (x: Var<readonly []>) => flatMap(peek(x), (seen) => neg(seen.data[0] < 0 ? x : neg(x)))

describe('markers', () => {
  it('hold a value for the derivative', () => {
    expect(slope((x) => mul(stopGradient(x), x), scalar(3))).toBe(3)
  })
  it('name a value', () => {
    const program = record((x: Var<readonly []>) => named('twice')(mul(x, 2)))(spec([]))
    expect(E.isRight(program) && at(program.right.tape, program.right.outputs.id)).toMatchObject({
      primitive: 'label',
      attributes: { name: 'twice' },
    })
  })
  it('look at a value where it is known', () => {
    expect(value(magnitude as any, scalar(-2))).toBe(2)
    expect(value(magnitude as any, scalar(2))).toBe(2)
    const unknown = record(magnitude)(spec([]))
    expect(E.isLeft(unknown) && unknown.left._tag).toBe('NeedsValue')
  })
})
