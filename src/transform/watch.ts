/**
 * Looking at any intermediate result of a model, and at its cotangent, by name and without touching the model.
 *
 * Every instruction that a model records has a name: the one given by `named`, or its primitive and how many of that
 * primitive came before it, such as `tanh#0` and `contract#1`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { fail } from '../Failure.js'
import type { OnTree } from '../Program.js'
import type { Attributes } from '../primitive/Primitive.js'
import type { Recorder } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import type { Instruction } from '../Tape.js'
import type * as Tree from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'
import { reverseSweep } from './sweep.js'
import { open, type Recorded } from './vjp.js'

/**
 * An intermediate result and the derivative of the final one with respect to it.
 *
 * @category model
 * @since 0.1.0
 */
export type Watched = { readonly value: Var; readonly cotangent: Var }

/** The named instructions of a stretch of tape, the first of each name. */
const named = (recorder: Recorder, from: number, until: number): ReadonlyMap<string, Instruction> => {
  const counts = new Map<string, number>()
  const names = new Map<string, Instruction>()
  for (let id = from; id < until; id++) {
    const instruction = recorder.builder.at(id) as Instruction
    const count = counts.get(instruction.primitive) ?? 0
    counts.set(instruction.primitive, count + 1)
    const name =
      instruction.primitive === 'label'
        ? (instruction.attributes as Attributes['label']).name
        : `${instruction.primitive}#${count}`
    if (!names.has(name)) names.set(name, instruction)
  }
  return names
}

/** How many names a refusal lists. */
const LISTED = 20

/**
 * The value of a scalar model together with some of its intermediate results and their cotangents.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { exp, flatMap, mul, run, scalar, type Var, watch } from 'wengert'
 *
 * const f = (x: Var<readonly []>) => mul(exp(x), 3)
 * const looked = (x: Var<readonly []>) => watch(f, ['exp#0'])(x)
 * const result = run(looked)(scalar(0))
 * assert(result._tag === 'Right')
 * assert.deepStrictEqual(result.right.watched['exp#0'], { value: scalar(1), cotangent: scalar(3) })
 * ```
 *
 * @category looking
 * @since 0.1.0
 */
export const watch =
  <P extends Tree.VarTree, const N extends string>(
    f: (p: P) => Reverse<Var<readonly []>>,
    names: ReadonlyArray<N>,
  ): OnTree<P, Reverse<{ readonly value: Var<readonly []>; readonly watched: { readonly [K in N]: Watched } }>> =>
  (p: unknown) =>
    open('watch', f, p, (recorder, { vars, result, from, until }: Recorded<P, Var<readonly []>>) => {
      const y: AnyVar = result
      if (y._tag !== 'Var' || y.shape.length !== 0 || y.dtype !== 'real')
        return fail('NotScalar', 'watch: the function must give a real scalar; take its sum or mean', {
          operation: 'watch',
        })
      const known = named(recorder, from, until)
      const found: Array<readonly [N, Var<Shape>]> = []
      for (const name of names) {
        const instruction = known.get(name)
        if (instruction === undefined || instruction.dtype !== 'real')
          return fail(
            'InvalidArgument',
            `watch: the model records nothing real named ${name}; it records ${[...known.keys()].slice(0, LISTED).join(', ')}` +
              (known.size > LISTED ? ', ...' : ''),
            { operation: 'watch' },
          )
        found.push([name, instruction as Var])
      }
      const { vocabulary: v } = recorder
      const watchedVars = found.map(([_, x]) => x)
      const adjoint = reverseSweep(recorder, from, [...vars, ...watchedVars], [[y, v.like(y, 1)]], until)
      if (E.isLeft(adjoint)) return adjoint
      const watched = Object.fromEntries(
        found.map(([name, value]) => [
          name,
          { value, cotangent: adjoint.right.cotangents.get(value.id) ?? v.like(value, 0) },
        ]),
      )
      return E.right({ value: result, watched: watched as { readonly [K in N]: Watched } })
    })
