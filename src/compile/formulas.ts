/**
 * Functions of which two share their expensive part, written out in a nest so that it is computed once.
 *
 * A derivative often wants the mirror image of a function beside it, to keep its digits: with `e = exp(-|x|)`,
 *
 *     sigmoid(x) = (x < 0 ? e : 1) / (1 + e)        sigmoid(-x) = (x > 0 ? e : 1) / (1 + e)
 *
 * which is how the engines compute either of them, so the bits are the same.
 *
 * @since 0.1.0
 */
import type { PrimitiveName } from '../primitive/Primitive.js'
import type { DType } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import type { Node } from './Nest.js'

/**
 * The position of a node that applies a primitive: of an equal one if there is one, otherwise of a new one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const apply = (
  nodes: Array<Node>,
  primitive: PrimitiveName,
  args: ReadonlyArray<number>,
  tail: boolean,
  dtype: DType = 'real',
  attributes: object = noAttributes,
): number => {
  if (primitive === 'sigmoid') return sigmoid(nodes, args[0], tail)
  const known = nodes.findIndex(
    (node) =>
      node.kind === 'apply' &&
      node.primitive === primitive &&
      node.dtype === dtype &&
      node.tail === tail &&
      node.attributes === attributes &&
      node.args.every((arg, i) => arg === args[i]),
  )
  return known >= 0
    ? known
    : nodes.push({ kind: 'apply', primitive, attributes: attributes as never, args, dtype, tail }) - 1
}

/**
 * The position of a literal: of an equal one if there is one, otherwise of a new one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const literal = (nodes: Array<Node>, number: number, tail: boolean, dtype: DType = 'real'): number => {
  const known = nodes.findIndex(
    (node) => node.kind === 'literal' && node.dtype === dtype && node.tail === tail && Object.is(node.number, number),
  )
  return known >= 0 ? known : nodes.push({ kind: 'literal', number, dtype, tail }) - 1
}

const sigmoid = (nodes: Array<Node>, arg: number, tail: boolean): number => {
  const node = nodes[arg]
  const mirrored = node.kind === 'apply' && node.primitive === 'neg'
  const x = mirrored ? node.args[0] : arg
  const e = apply(nodes, 'exp', [apply(nodes, 'neg', [apply(nodes, 'abs', [x], tail)], tail)], tail)
  const one = literal(nodes, 1, tail)
  const small = apply(nodes, mirrored ? 'gt' : 'lt', [x, literal(nodes, 0, tail)], tail, 'bool')
  return apply(nodes, 'div', [apply(nodes, 'select', [small, e, one], tail), apply(nodes, 'add', [e, one], tail)], tail)
}
