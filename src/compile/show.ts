/**
 * Schedules as text, which is how one debugs them.
 *
 * @since 0.1.0
 */

import type { Primitive } from '../primitive/Primitive.js'
import { primitives } from '../primitive/table.js'
import { show as showShape } from '../Shape.js'
import type { Access } from './access.js'
import type { Flat } from './flat.js'
import type { Item, Matrix, Nest, Node } from './Nest.js'

const NAMES = 'ijklmnpqrstuvwxyzabcdefgh'

/** `%3[4i + j]`. */
const showAccess = (value: number, { offset, steps }: Access): string => {
  const parts = steps.flatMap((step, d) =>
    step === 0 ? [] : [`${step === 1 ? '' : step === -1 ? '-' : step}${NAMES[d]}`],
  )
  if (offset !== 0 || parts.length === 0) parts.push(String(offset))
  return `%${value}[${parts.join(' + ')}]`
}

const showNode = (node: Node): string => {
  if (node.kind === 'load') return showAccess(node.value, node.access)
  if (node.kind === 'literal') return String(node.number)
  if (node.kind === 'join') return `${node.combine} of t${node.arg}`
  return (primitives[node.primitive] as Primitive).show(
    node.args.map((k) => `t${k}`),
    node.attributes,
  )
}

const showNest = ({ dims, reduced, nodes, stores }: Nest): string => {
  const range = (gone: boolean): string =>
    dims.flatMap((n, d) => (reduced[d] === gone ? [`${NAMES[d]} < ${n}`] : [])).join(', ')
  const line = (tail: boolean): ReadonlyArray<string> => [
    ...nodes.flatMap((node, k) => (node.tail === tail ? [`t${k} = ${showNode(node)}`] : [])),
    ...stores.flatMap(({ value, node, access, adding }) =>
      nodes[node].tail === tail ? [`${showAccess(value, access)} ${adding ? '+=' : '='} t${node}`] : [],
    ),
  ]
  const indented = (lines: ReadonlyArray<string>, by: string): string => lines.map((l) => `${by}${l}\n`).join('')
  return reduced.some((gone) => gone)
    ? `for ${range(false)}\n  over ${range(true)}\n${indented(line(false), '    ')}${indented(line(true), '  ')}`
    : `for ${range(false)}\n${indented(line(false), '  ')}`
}

/**
 * Items, one paragraph for each.
 *
 * @category printing
 * @since 0.1.0
 */
export const showItems = (flat: Flat, items: ReadonlyArray<Item>): string =>
  items
    .map((item) => {
      if (item.kind === 'nest') return showNest(item)
      if (item.kind === 'product') {
        const { value, m, n, k, left, right, batch, accumulate } = item
        const times = batch.map(([length]) => `${length} times `).join('')
        const shown = ({ value: of, offset, steps: [i, j] }: Matrix): string => `%${of}[${offset} + ${i}i + ${j}j]`
        return `%${value} ${accumulate ? '+=' : '='} ${times}${m} x ${k} by ${k} x ${n}: ${shown(left)} ${shown(right)}\n`
      }
      const value = flat.values[item.value]
      const row = primitives[value.primitive] as Primitive
      return `%${item.value} = ${row.show(
        item.reads.map((k) => `%${k}`),
        value.attributes as never,
      )}: ${value.dtype} ${showShape(value.shape)}, by ${item.kind === 'host' ? 'the kernel of its primitive' : 'a kernel'}\n`
    })
    .join('\n')
