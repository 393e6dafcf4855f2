/**
 * Contractions: permutations of their operands and of their results become a matter of which axes they name. Exact: the
 * products of each sum are the same, in the same order.
 *
 * @since 0.1.0
 */
import { others, pick } from '../../primitive/indexing.js'
import type { Attributes } from '../../primitive/Primitive.js'
import { equals } from '../../Shape.js'
import type { AnyVar } from '../../Var.js'
import { attributesOf, isAscending, type Rule, type Rules } from './Rewrite.js'

type Pairs = Attributes['contract']

/** The free axes of one side. */
const free = (x: AnyVar, { contract, batch }: Pairs, side: 0 | 1): ReadonlyArray<number> =>
  others(x.shape.length, [...batch[side], ...contract[side]])

const onSide = <A>([x, w]: readonly [A, A], side: 0 | 1, y: A): readonly [A, A] => (side === 0 ? [y, w] : [x, y])

/**
 * A permuted operand: the contraction names the axes before the permutation. The pairs stay in their order, and so do the
 * products in each sum. The result's dimensions follow the operand's own order, which must stay the same for its free
 * axes.
 */
const contract: Rule<'contract'> = (cx, [x, w], a) => {
  for (const side of [0, 1] as const) {
    const own = side === 0 ? x : w
    if (own.primitive !== 'permute') continue
    const { order } = attributesOf<'permute'>(own)
    if (!isAscending(pick(order, free(own, a, side)))) continue
    return cx.v.emit('contract', onSide([x, w], side, cx.operands(own)[0]), {
      contract: onSide(a.contract, side, pick(order, a.contract[side])),
      batch: onSide(a.batch, side, pick(order, a.batch[side])),
    })
  }
  return null
}

/**
 * A permuted result: batch dimensions stand in the order of their pairs, which may be any, and the free dimensions of the
 * two sides may change places with the sides. Products commute, and each sum keeps its order.
 */
const permuted: Rule<'permute'> = (cx, [y], { order }) => {
  if (y.primitive !== 'contract' || !cx.alone(y)) return null
  const a = attributesOf<'contract'>(y)
  const [x, w] = cx.operands(y)
  const lead = a.batch[0].length
  const [first, rest] = [order.slice(0, lead), order.slice(lead)]
  const split = lead + free(x, a, 0).length
  const [mine, theirs] = [rest.filter((d) => d < split), rest.filter((d) => d >= split)]
  if (!first.every((d) => d < lead) || !isAscending(mine) || !isAscending(theirs)) return null
  const batch = [pick(a.batch[0], first), pick(a.batch[1], first)] as const
  if (isAscending(rest)) return cx.v.emit('contract', [x, w], { contract: a.contract, batch })
  return equals(rest, [...theirs, ...mine])
    ? cx.v.emit('contract', [w, x], { contract: [a.contract[1], a.contract[0]], batch: [batch[1], batch[0]] })
    : null
}

/**
 * Permutations folded into contractions.
 *
 * @category rules
 * @since 0.1.0
 */
export const contractionRules: Rules = { contract: [contract], permute: [permuted] }
