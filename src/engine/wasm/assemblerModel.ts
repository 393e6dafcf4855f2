/**
 * WebAssembly code as data: typed expressions, locals, labels and functions. Nothing here knows the binary format
 * (`assemblerEncode.ts` does), and nothing here runs.
 *
 * An `Expr<T>` leaves one value of type `T` on the stack, a `Statement` leaves none. An expression is a tree and is
 * emitted wherever it stands: what is used twice is computed twice, unless it is `set` to a local first. A `Local` is the
 * expression that reads it, and needs no declaration: the locals of a function are those that its body mentions. Likewise
 * the functions of a module are those that its exports reach, so a library of functions costs a module what it uses.
 *
 * Numbers stand for constants wherever the instruction fixes their type: `i32.add(i, 1)`, `f64x2.mul(x, 0.5)`.
 *
 * @since 0.1.0
 */

/**
 * The types of values.
 *
 * @category model
 * @since 0.1.0
 */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/**
 * The types of what an instruction leaves: a value or nothing.
 *
 * @category model
 * @since 0.1.0
 */
export type ResultType = ValueType | 'void'

/**
 * An instruction with its operands.
 *
 * @category model
 * @since 0.1.0
 */
export interface Expr<T extends ResultType = ResultType> {
  readonly type: T
  readonly op: Op
  readonly args: ReadonlyArray<Expr>
}

/**
 * @category model
 * @since 0.1.0
 */
export type Statement = Expr<'void'>

/**
 * What an instruction does with its operands, once they are on the stack. `Get` reads the local that the expression is.
 *
 * @category model
 * @since 0.1.0
 */
export type Op =
  | { readonly _tag: 'Bytes'; readonly bytes: ReadonlyArray<number> }
  | { readonly _tag: 'Get' }
  | { readonly _tag: 'Set'; readonly local: Local; readonly keep: boolean }
  | { readonly _tag: 'Call'; readonly target: Callable }
  | { readonly _tag: 'Sequence' }
  | { readonly _tag: 'Block'; readonly loop: boolean; readonly label: Label }
  /** the first operand is the condition, the next `taken` ones are one branch, the rest the other */
  | { readonly _tag: 'If'; readonly taken: number }
  | { readonly _tag: 'Branch'; readonly label: Label; readonly conditional: boolean }

/**
 * A variable of a function, and the expression that reads it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly op: { readonly _tag: 'Get' }
}

/**
 * Where a branch goes: behind the end of a block, or to the beginning of a loop. Its identity is what counts.
 *
 * @category model
 * @since 0.1.0
 */
export interface Label {
  readonly _tag: 'Label'
}

/**
 * A function of the module.
 *
 * @category model
 * @since 0.1.0
 */
export interface Func<
  P extends ReadonlyArray<ValueType> = ReadonlyArray<ValueType>,
  R extends ResultType = ResultType,
> {
  readonly _tag: 'Func'
  readonly name: string
  readonly params: P
  readonly result: R
  readonly locals: ReadonlyArray<Local>
  readonly body: ReadonlyArray<Expr>
}

/**
 * A function that the host gives under `module` and `name`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Imported<
  P extends ReadonlyArray<ValueType> = ReadonlyArray<ValueType>,
  R extends ResultType = ResultType,
> {
  readonly _tag: 'Imported'
  readonly module: string
  readonly name: string
  readonly params: P
  readonly result: R
}

/**
 * @category model
 * @since 0.1.0
 */
export type Callable<P extends ReadonlyArray<ValueType> = ReadonlyArray<ValueType>, R extends ResultType = ResultType> =
  | Func<P, R>
  | Imported<P, R>

/**
 * An expression, or a literal of its type.
 *
 * @category model
 * @since 0.1.0
 */
export type Operand<T extends ValueType> = Expr<T> | Literal<T>

type Literal<T extends ValueType> = T extends 'i64' ? bigint : T extends 'v128' ? never : number

type Operands<P extends ReadonlyArray<ValueType>> = { readonly [K in keyof P]: Operand<P[K]> }

type Locals<P extends ReadonlyArray<ValueType>> = { readonly [K in keyof P]: Local<P[K]> }

/**
 * Code that ends with a value of type `R`: statements, then the value, which `void` has not.
 *
 * @category model
 * @since 0.1.0
 */
export type Body<R extends ResultType> = R extends 'void'
  ? ReadonlyArray<Statement>
  : readonly [...ReadonlyArray<Statement>, Expr<R>]

// ------------------------------------------------------------------------------------------------- literals

/**
 * An instruction of fixed bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const instruction = <T extends ResultType>(
  type: T,
  bytes: ReadonlyArray<number>,
  args: ReadonlyArray<Expr> = [],
): Expr<T> => ({ type, op: { _tag: 'Bytes', bytes }, args })

/**
 * LEB128 of a signed integer: a bigint of 64 bits, or a number of 32.
 *
 * @category encoding
 * @since 0.1.0
 */
export const signed = (value: bigint | number): ReadonlyArray<number> => {
  const out: Array<number> = []
  if (typeof value === 'number') {
    let rest = value
    for (; rest < -64 || rest >= 64; rest >>= 7) out.push((rest & 0x7f) | 0x80)
    out.push(rest & 0x7f)
    return out
  }
  let rest = value
  for (; rest < -64n || rest >= 64n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80)
  out.push(Number(rest & 0x7fn))
  return out
}

/**
 * LEB128 of an unsigned integer below 2^53.
 *
 * @category encoding
 * @since 0.1.0
 */
export const unsigned = (value: number): ReadonlyArray<number> => {
  const out: Array<number> = []
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
  return out
}

const cell = new DataView(new ArrayBuffer(8))

const cellBytes = (count: 4 | 8): ReadonlyArray<number> => {
  const out = new Array<number>(count)
  for (let i = 0; i < count; i++) out[i] = cell.getUint8(i)
  return out
}

/**
 * The little-endian bytes of numbers of the types of lanes.
 *
 * @category encoding
 * @since 0.1.0
 */
export const littleEndian: {
  readonly i32: (x: number) => ReadonlyArray<number>
  readonly i64: (x: bigint) => ReadonlyArray<number>
  readonly f32: (x: number) => ReadonlyArray<number>
  readonly f64: (x: number) => ReadonlyArray<number>
} = {
  i32: (x) => {
    cell.setInt32(0, x, true)
    return cellBytes(4)
  },
  i64: (x) => {
    cell.setBigInt64(0, x, true)
    return cellBytes(8)
  },
  f32: (x) => {
    cell.setFloat32(0, x, true)
    return cellBytes(4)
  },
  f64: (x) => {
    cell.setFloat64(0, x, true)
    return cellBytes(8)
  },
}

/**
 * A literal as an expression of a type that is known. `i32` takes integers from -2^31 to 2^32 - 1.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lift = <T extends ValueType>(type: T, x: Operand<T>): Expr<T> => {
  if (typeof x === 'bigint') return instruction(type, [0x42, ...signed(BigInt.asIntN(64, x))])
  if (typeof x !== 'number') return x as Expr<T>
  if (type === 'f64') return instruction(type, [0x44, ...littleEndian.f64(x)])
  if (type === 'f32') return instruction(type, [0x43, ...littleEndian.f32(x)])
  if (!Number.isInteger(x) || x < -(2 ** 31) || x >= 2 ** 32) throw new Error(`${x} is not an i32`)
  return instruction(type, [0x41, ...signed(x | 0)])
}

// ---------------------------------------------------------------------------------------- locals and functions

/**
 * A new variable. It is zero when its function starts, not when its block does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const local = <T extends ValueType>(type: T): Local<T> => ({ type, op: { _tag: 'Get' }, args: [] })

/**
 * @category locals
 * @since 0.1.0
 */
export const set = <T extends ValueType>(target: Local<T>, value: NoInfer<Operand<T>>): Statement => ({
  type: 'void',
  op: { _tag: 'Set', local: target, keep: false },
  args: [lift(target.type, value)],
})

/**
 * Sets a local and leaves its value.
 *
 * @category locals
 * @since 0.1.0
 */
export const tee = <T extends ValueType>(target: Local<T>, value: NoInfer<Operand<T>>): Expr<T> => ({
  type: target.type,
  op: { _tag: 'Set', local: target, keep: true },
  args: [lift(target.type, value)],
})

/**
 * A function: its body is written once, with the parameters as locals.
 *
 * @category constructors
 * @since 0.1.0
 */
export const func = <const P extends ReadonlyArray<ValueType>, R extends ResultType>(
  name: string,
  params: P,
  result: R,
  body: (...params: Locals<P>) => Body<NoInfer<R>>,
): Func<P, R> => {
  const locals = params.map((type) => local(type))
  return { _tag: 'Func', name, params, result, locals, body: body(...(locals as unknown as Locals<P>)) }
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const imported = <const P extends ReadonlyArray<ValueType>, R extends ResultType>(
  module: string,
  name: string,
  params: P,
  result: R,
): Imported<P, R> => ({ _tag: 'Imported', module, name, params, result })

/**
 * @category control
 * @since 0.1.0
 */
export const call = <P extends ReadonlyArray<ValueType>, R extends ResultType>(
  target: Callable<P, R>,
  ...args: NoInfer<Operands<P>>
): Expr<R> => ({
  type: target.result,
  op: { _tag: 'Call', target: target as Callable },
  args: target.params.map((type, i) => lift(type, (args as ReadonlyArray<Operand<ValueType>>)[i])),
})
