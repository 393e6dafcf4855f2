/**
 * Which outputs take the place of which inputs.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { equals, show } from '../Shape.js'
import type { Program } from '../Tape.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'

/** An input and the output that takes its place after a step, each by its index among the leaves. */
export type Donation = readonly [input: number, output: number]

type Placed = Tree.Entry<AnyVar> & { readonly index: number }

/** The leaves of one top-level field; of the whole tree where it is a leaf or a list and the field is empty. */
const under = (tree: Tree.VarTree, field: string): ReadonlyArray<Placed> =>
  Tree.flatten<AnyVar>(tree)
    .map((entry, index) => ({ ...entry, index }))
    .filter(({ path }) => path === field || path.startsWith(`${field}.`))

/**
 * Pairs the leaves of the donated fields. Fails with `StructureMismatch` on a field that inputs and outputs do not share,
 * and with `ShapeMismatch` or `TypeMismatch` where a leaf differs.
 *
 * @category constructors
 * @since 0.1.0
 */
export const donations = (
  { inputs, outputs }: Program,
  fields: ReadonlyArray<string>,
): E.Either<Failure, ReadonlyArray<Donation>> => {
  const out: Array<Donation> = []
  for (const field of new Set(fields)) {
    const from = under(inputs, field)
    const to = under(outputs, field)
    const same = from.length === to.length && from.every(({ path }, i) => path === to[i].path)
    if (from.length === 0 || !same)
      return fail(
        'StructureMismatch',
        `compile: the donated field ${field} must stand in the inputs and in the outputs, with one structure; ` +
          `there it has ${from.length} leaves, here ${to.length}`,
        { operation: 'compile', path: field },
      )
    for (const [i, { path, index, leaf }] of from.entries()) {
      const other = to[i].leaf
      if (leaf.dtype !== other.dtype)
        return fail('TypeMismatch', `compile: the donated ${path} is ${leaf.dtype} before and ${other.dtype} after`, {
          operation: 'compile',
          path,
        })
      if (!equals(leaf.shape, other.shape))
        return fail(
          'ShapeMismatch',
          `compile: the donated ${path} has shape ${show(leaf.shape)} before and ${show(other.shape)} after`,
          { operation: 'compile', path, shapes: [leaf.shape, other.shape] },
        )
      out.push([index, to[i].index])
    }
  }
  return E.right(out)
}
