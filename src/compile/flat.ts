/**
 * A program as one flat list: what the outputs need, called programs put in the place of their calls, and markers that
 * change nothing left out. Positions are dense and operands stand before their uses, as on a tape.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Attributes, PrimitiveName } from '../primitive/Primitive.js'
import type { Shape } from '../Shape.js'
import { type Instruction, noAttributes, type Program } from '../Tape.js'
import { scalar } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'

/**
 * An instruction of a known primitive, at a position of its own.
 *
 * @category model
 * @since 0.1.0
 */
export interface Value extends Instruction {
  readonly primitive: PrimitiveName
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Flat {
  readonly values: ReadonlyArray<Value>
  /** positions of the inputs and of the outputs, in the order of the leaves */
  readonly inputs: ReadonlyArray<number>
  readonly outputs: ReadonlyArray<number>
}

const SILENT: ReadonlySet<string> = new Set(['variable', 'label', 'stopGradient'])

/** Whether an instruction is its operand. */
const same = ({ primitive, attributes }: Instruction, operands: ReadonlyArray<Value>): boolean =>
  SILENT.has(primitive) ||
  (primitive === 'convert' && (attributes as unknown as Attributes['convert']).dtype === operands[0].dtype)

/**
 * Flattens a program. Each output gets a position of its own, by a copy where two would share one or where it is an
 * input. Fails with `MissingInput` where an instruction needs an input that is not among the program's.
 *
 * @category constructors
 * @since 0.1.0
 */
export const flatten = (program: Program): E.Either<Failure, Flat> => {
  const values: Array<Value> = []
  const push = (model: AnyVar, primitive: string, operands: ReadonlyArray<number>, attributes: object): number => {
    values.push({
      _tag: 'Var',
      id: values.length,
      shape: model.shape,
      dtype: model.dtype,
      primitive: primitive as PrimitiveName,
      operands,
      attributes: attributes as Instruction['attributes'],
    })
    return values.length - 1
  }
  const place = (inner: Program, given: ReadonlyArray<number>): E.Either<Failure, ReadonlyArray<number>> => {
    const here = new Map(Tree.leaves<AnyVar>(inner.inputs).map((v, i) => [v.id, given[i]]))
    for (const instruction of needed(inner)) {
      const { id, primitive, attributes } = instruction
      if (here.has(id)) continue
      if (primitive === 'input')
        return fail('MissingInput', `the program needs the input %${id}, which is not among its inputs`, {
          position: id,
        })
      const operands = instruction.operands.map((k) => here.get(k) as number)
      if (primitive === 'call') {
        const results = place((attributes as unknown as Attributes['call']).body, operands)
        if (E.isLeft(results)) return results
        here.set(id, results.right[0])
      } else if (
        same(
          instruction,
          operands.map((k) => values[k]),
        )
      )
        here.set(id, operands[0])
      else here.set(id, push(instruction, primitive, operands, attributes))
    }
    return E.right(Tree.leaves<AnyVar>(inner.outputs).map((v) => here.get(v.id) as number))
  }
  const first = new Map<AnyVar, number>()
  const inputs = Tree.leaves<AnyVar>(program.inputs).map((v) => {
    const known = first.get(v) ?? push(v, 'input', [], (v as Instruction).attributes)
    first.set(v, known)
    return known
  })
  const results = place(program, inputs)
  if (E.isLeft(results)) return results
  const taken = new Set<number>(inputs)
  const outputs = results.right.map((k) => {
    const own = taken.has(k) ? push(values[k], 'label', [k], { name: 'output' }) : k
    taken.add(own)
    return own
  })
  return E.right({ values, inputs, outputs })
}

/**
 * Another way to compute a value: from these operands, by values that are put before it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Substitute {
  readonly operands: ReadonlyArray<number>
  readonly compute: (write: Writer, operands: ReadonlyArray<number>) => number
}

/**
 * Puts values at the end of a list and gives their positions.
 *
 * @category model
 * @since 0.1.0
 */
export interface Writer {
  readonly shape: (id: number) => Shape
  readonly put: (
    primitive: PrimitiveName,
    operands: ReadonlyArray<number>,
    shape: Shape,
    attributes?: Value['attributes'],
  ) => number
  /** one real number at every place of a shape */
  readonly fill: (shape: Shape, number: number) => number
}

/**
 * The same program with some values computed another way. What is then needed no more is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const substituted = (flat: Flat, substitutes: ReadonlyMap<number, Substitute>): Flat => {
  if (substitutes.size === 0) return flat
  const operandsOf = ({ id, operands }: Value): ReadonlyArray<number> => substitutes.get(id)?.operands ?? operands
  const wanted = new Uint8Array(flat.values.length)
  for (const k of [...flat.inputs, ...flat.outputs]) wanted[k] = 1
  for (let id = flat.values.length - 1; id >= 0; id--)
    if (wanted[id] === 1) for (const k of operandsOf(flat.values[id])) wanted[k] = 1

  const values: Array<Value> = []
  const put: Writer['put'] = (primitive, operands, shape, attributes = noAttributes) =>
    values.push({ _tag: 'Var', id: values.length, shape, dtype: 'real', primitive, operands, attributes }) - 1
  const write: Writer = {
    shape: (id) => values[id].shape,
    put,
    fill: (shape, number) =>
      put('broadcast', [put('constant', [], [], { value: scalar(number) })], shape, { shape, axes: [] }),
  }
  const here = new Int32Array(flat.values.length).fill(-1)
  for (const value of flat.values) {
    if (wanted[value.id] === 0) continue
    const operands = operandsOf(value).map((k) => here[k])
    const substitute = substitutes.get(value.id)
    here[value.id] =
      substitute === undefined
        ? values.push({ ...value, id: values.length, operands }) - 1
        : substitute.compute(write, operands)
  }
  return {
    values,
    inputs: flat.inputs.map((k) => here[k]),
    outputs: flat.outputs.map((k) => here[k]),
  }
}
