/**
 * Primitives whose value is their operand's, and which say something about it.
 *
 * - `variable` is a value seen as an independent one. Each occurrence is a new instruction, which is what keeps nested
 *   derivatives apart: differentiating with respect to `x` inside a function that also captures `x` moves only the
 *   variable, never the captured one.
 * - `label` gives a value a name, for people and for `watch`.
 * - `stopGradient` has derivative zero by definition.
 * - `peek` states the value that a recording has looked at. A tape with such a statement is specialised to it, and is
 *   refused where the value differs.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { fail } from '../Failure.js'
import { equals, show } from '../Shape.js'
import { TensorCodec } from '../tensor/codec.js'
import { free } from './cost.js'
import type { Attributes, Primitive } from './Primitive.js'
import { elementwise, linear, none } from './rows.js'

type Marker = 'variable' | 'label' | 'stopGradient' | 'peek'

const marker = <K extends Marker>(
  name: K,
  attributes: Primitive<K>['attributes'],
  print: (x: string, a: Attributes[K]) => string,
): Primitive<K> => ({
  name,
  family: 'marker',
  arity: 1,
  attributes,
  spec: ([x]) => E.right(x),
  kernel:
    () =>
    ([x], out) => {
      for (let i = 0; i < out.length; i++) out[i] = x[i]
    },
  derivative: linear<Marker>(name, (_, ct) => ct) as Primitive<K>['derivative'],
  batch: elementwise(name),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], a) => print(x, a),
})

/**
 * @category rows
 * @since 0.1.0
 */
export const markerRows = {
  variable: marker('variable', none, (x) => `variable(${x})`),
  label: marker(
    'label',
    t.readonly(t.strict({ name: t.string })),
    (x, { name }) => `label(${x}, ${JSON.stringify(name)})`,
  ),
  stopGradient: { ...marker('stopGradient', none, (x) => `stopGradient(${x})`), derivative: null },
  peek: {
    ...marker('peek', t.readonly(t.strict({ value: TensorCodec })), (x) => `peek(${x})`),
    spec: ([x], { value }) =>
      equals(x.shape, value.shape) && x.dtype === value.dtype
        ? E.right(x)
        : fail('ShapeMismatch', `peek: the stated value has shape ${show(value.shape)}, the operand ${show(x.shape)}`, {
            operation: 'peek',
            shapes: [x.shape, value.shape],
          }),
  },
} satisfies { readonly [K in Marker]: Primitive<K> }
