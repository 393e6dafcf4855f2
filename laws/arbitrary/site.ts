/**
 * Sites: one primitive by itself, at a valid use and at numbers inside its domain.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import type { Attributes, Primitive, PrimitiveName } from '../../src/primitive/index.js'
import { step } from '../../src/Reverse.js'
import { type Spec, size } from '../../src/Shape.js'
import { type AnyTensor, allocate, unsafeMake } from '../../src/Tensor.js'
import type { AnyVar } from '../../src/Var.js'
import type { Subject } from '../Law.js'
import type { Model, Numbers } from '../Model.js'
import type { Maker, Use } from './Use.js'
import { uses } from './uses.js'
import { bitsOf, choices, drawing, type Source, shapes, sources, valuesAt } from './values.js'

/**
 * A primitive, a use of it and the numbers of its operands.
 *
 * @category model
 * @since 0.1.0
 */
export interface SiteOf<K extends PrimitiveName = PrimitiveName> extends Use<K> {
  readonly primitive: K
  readonly values: ReadonlyArray<Numbers>
  readonly source: Source
}

/**
 * The primitives that can be used by themselves, in the order of the table of uses.
 *
 * @category model
 * @since 0.1.0
 */
export const names: ReadonlyArray<PrimitiveName> = (Object.keys(uses) as ReadonlyArray<PrimitiveName>).filter(
  (name) => uses[name] !== null,
)

/**
 * Numbers for the operands of a use, inside their domains: real ones as `valuesAt` says, whole ones for integers and
 * conditions.
 *
 * @category destructors
 * @since 0.1.0
 */
export const numbersFor = ({ operands, domains }: Use, source: Source): ReadonlyArray<Numbers> =>
  operands.map(({ dtype, shape }, k) => {
    const { low, high } = domains[k]
    return dtype === 'real'
      ? valuesAt(source, domains[k], k, size(shape))
      : Array.from({ length: size(shape) }, (_, i) => low + (bitsOf(source.seed, k, i) % (high - low + 1)))
  })

/**
 * Uses of a maker at numbers in their domains.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const sitesOf = <K extends PrimitiveName>(primitive: K, make: Maker<K>): fc.Arbitrary<SiteOf<K>> =>
  fc.record({ shape: shapes(), choices, source: sources }).map(({ shape, choices: list, source }) => {
    const use = make(drawing(list), shape)
    return { ...use, primitive, source, values: numbersFor(use, source) }
  })

/**
 * Sites of a primitive: as the subject says how to use it, or else the table of uses.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const sites = <K extends PrimitiveName>(
  primitive: K,
  subject: Pick<Subject, 'uses'> = {},
): fc.Arbitrary<SiteOf<K>> => {
  const make = (subject.uses?.[primitive] ?? uses[primitive]) as unknown as Maker<K> | null
  if (make === null) throw new RangeError(`${primitive} cannot be used by itself`)
  return sitesOf(primitive, make)
}

/**
 * Numbers as a tensor.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tensorOf = ({ shape, dtype }: Spec, numbers: Numbers): AnyTensor => {
  const data = allocate(dtype, numbers.length)
  for (let i = 0; i < numbers.length; i++) data[i] = numbers[i]
  return unsafeMake(shape, dtype, data)
}

/**
 * Records one instruction.
 *
 * @category constructors
 * @since 0.1.0
 */
export const emitting = <K extends PrimitiveName>(
  primitive: K,
  operands: ReadonlyArray<AnyVar | AnyTensor>,
  attributes: Attributes[K],
) => step(operands, (recorder, xs) => recorder.emit(primitive, xs, attributes))

/**
 * The result's spec, where the use is valid.
 *
 * @category destructors
 * @since 0.1.0
 */
export const resultOf = (row: Primitive, site: SiteOf): Spec => {
  const spec = row.spec(site.operands, site.attributes)
  if (E.isLeft(spec)) throw new RangeError(`a use of ${site.primitive} is not valid: ${spec.left.message}`)
  return spec.right
}

/**
 * A site as a model of its real operands; the others are constants.
 *
 * @category conversions
 * @since 0.1.0
 */
export const siteModel = (site: SiteOf): Model => {
  const moving = site.operands.flatMap(({ dtype }, k) => (dtype === 'real' ? [k] : []))
  return {
    label: site.primitive,
    inputs: moving.map((k) => site.operands[k].shape),
    point: moving.map((k) => site.values[k]),
    f: (xs) =>
      step(
        site.operands.map((operand, k) =>
          moving.includes(k) ? xs[moving.indexOf(k)] : tensorOf(operand, site.values[k]),
        ),
        (recorder, operands) =>
          E.map((y: AnyVar) => [y] as ReadonlyArray<AnyVar>)(recorder.emit(site.primitive, operands, site.attributes)),
      ),
  }
}
