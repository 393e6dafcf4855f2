/**
 * In place is as if it were not: random states that move on by themselves, donated and not, bit for bit.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnyVar,
  add,
  compile,
  flip,
  gen,
  mul,
  type Program,
  record,
  type Shape,
  spec,
  sum,
  type Var,
} from 'wengert'
import { choices, draw, drawing, pointOf, shapes, sketches, sources, tensorOf } from '../../laws/arbitrary/index.js'
import { right } from './given.js'

type Any = Var<Shape>
type State = { readonly p: ReadonlyArray<Any> }

const longShapes = fc.oneof(shapes(2, 13), shapes(1, 70))

/** Each new value is made of its old one, of what a random program makes of all, and sometimes of others turned round. */
const moving = (
  sketch: Parameters<typeof draw>[0],
  inputs: ReadonlyArray<Shape>,
  list: ReadonlyArray<number>,
): Program =>
  right(
    record(({ p }: State) =>
      gen(function* () {
        const { int } = drawing(list)
        const made = yield* draw(sketch, 2)(p as ReadonlyArray<AnyVar>)
        const next: Array<Any> = []
        for (const [i, x] of p.entries()) {
          let y: Any = yield* mul(x, 0.5)
          for (const m of made as ReadonlyArray<Any>)
            y = yield* add(
              y,
              m.shape.join() === x.shape.join() ? (mul(m, 0.125) as never) : (mul(sum(m), 0.125) as never),
            )
          if (int(0, 2) === 0) y = yield* add(y, mul(flip(x), 0.25) as never)
          const other = p[(i + int(0, 2)) % p.length]
          if (int(0, 1) === 0 && other.shape.join() === x.shape.join()) y = yield* add(y, other)
          next.push(y)
        }
        return { p: next }
      }),
    )({ p: inputs.map((shape) => spec(shape)) }),
  ) as unknown as Program

describe('a donated input', () => {
  it.each(['f64', 'f32'] as const)('holds what the output would, over %s', (scalar) => {
    fc.assert(
      fc.property(
        sketches('tensor', 4),
        fc.array(longShapes, { minLength: 1, maxLength: 3 }),
        sources,
        choices,
        (sketch, inputs, source, list) => {
          const program = moving(sketch, inputs, list)
          const tensors = pointOf(inputs, source).map((xs, i) => tensorOf({ shape: inputs[i], dtype: 'real' }, xs))
          const begin = (donate: ReadonlyArray<string>) =>
            right(
              right(compile({ engine: 'wasm', scalar, donate })(program)).start({ p: tensors } as never),
            ) as unknown as {
              readonly inputs: { readonly p: ReadonlyArray<Float64Array> }
              readonly outputs: { readonly p: ReadonlyArray<Float64Array> }
              readonly step: () => never
            }
          const inPlace = begin(['p'])
          const apart = begin([])
          for (let i = 0; i < 3; i++) {
            right(inPlace.step())
            right(apart.step())
            apart.outputs.p.forEach((y, k) => {
              expect(inPlace.inputs.p[k]).toEqual(y)
              expect(inPlace.outputs.p[k]).toEqual(y)
              apart.inputs.p[k].set(y)
            })
          }
        },
      ),
      { numRuns: Number(process.env.AGREEMENT_RUNS ?? 60), seed: 20261121 },
    )
  })
})
