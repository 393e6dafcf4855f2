/**
 * The instructions on i32, i64, f32, f64 and memory, under their own names: `i32.add(x, 1)`, `f64.load(address, 8)`.
 *
 * An address is an unsigned i32, an offset a literal number of bytes. Opcodes: WebAssembly core specification 2.0,
 * section 5.4, https://www.w3.org/TR/wasm-core-2/.
 *
 * @since 0.1.0
 */
import {
  type Expr,
  instruction,
  lift,
  type Operand,
  type Statement,
  unsigned,
  type ValueType,
} from './assemblerModel.js'

/**
 * One operand.
 *
 * @category model
 * @since 0.1.0
 */
export type Unary<A extends ValueType, R extends ValueType> = (x: Operand<A>) => Expr<R>

/**
 * Two operands of one type.
 *
 * @category model
 * @since 0.1.0
 */
export type Binary<A extends ValueType, R extends ValueType> = (x: Operand<A>, y: Operand<A>) => Expr<R>

/**
 * @category model
 * @since 0.1.0
 */
export type Load<T extends ValueType> = (address: Operand<'i32'>, offset?: number) => Expr<T>

/**
 * @category model
 * @since 0.1.0
 */
export type Store<T extends ValueType> = (address: Operand<'i32'>, value: Operand<T>, offset?: number) => Statement

type Table<K extends string, F> = { readonly [P in K]: F }

const mapped = <K extends string, F>(names: ReadonlyArray<K>, f: (i: number) => F): Table<K, F> =>
  Object.fromEntries(names.map((name, i) => [name, f(i)])) as Table<K, F>

// names in the order of their opcodes, from the first one on
const unaries = <A extends ValueType, R extends ValueType, K extends string>(
  from: number,
  a: A,
  r: R,
  names: ReadonlyArray<K>,
): Table<K, Unary<A, R>> => mapped(names, (i) => (x) => instruction(r, [from + i], [lift(a, x)]))

const binaries = <A extends ValueType, R extends ValueType, K extends string>(
  from: number,
  a: A,
  r: R,
  names: ReadonlyArray<K>,
): Table<K, Binary<A, R>> => mapped(names, (i) => (x, y) => instruction(r, [from + i], [lift(a, x), lift(a, y)]))

/**
 * The operand of a memory instruction: the alignment as a power of two, and the offset.
 *
 * @category encoding
 * @since 0.1.0
 */
export const memoryArgument = (bytes: number, offset: number): ReadonlyArray<number> => {
  if (!Number.isInteger(offset) || offset < 0 || offset >= 2 ** 32) throw new Error(`${offset} is not an offset`)
  return [Math.log2(bytes), ...unsigned(offset)]
}

const loading =
  <T extends ValueType>(type: T, opcode: number, bytes: number): Load<T> =>
  (address, offset = 0) =>
    instruction(type, [opcode, ...memoryArgument(bytes, offset)], [lift('i32', address)])

const storing =
  <T extends ValueType>(type: T, opcode: number, bytes: number): Store<T> =>
  (address, value, offset = 0) =>
    instruction('void', [opcode, ...memoryArgument(bytes, offset)], [lift('i32', address), lift(type, value)])

// ------------------------------------------------------------------------------------------------- integers

type IntegerUnary = 'clz' | 'ctz' | 'popcnt'
type IntegerBinary =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div_s'
  | 'div_u'
  | 'rem_s'
  | 'rem_u'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr_s'
  | 'shr_u'
  | 'rotl'
  | 'rotr'
type IntegerTest = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u'

type Integer<T extends 'i32' | 'i64'> = Table<IntegerUnary, Unary<T, T>> &
  Table<IntegerBinary, Binary<T, T>> &
  Table<IntegerTest, Binary<T, 'i32'>> & {
    readonly const: (value: T extends 'i64' ? bigint : number) => Expr<T>
    readonly eqz: Unary<T, 'i32'>
    readonly load: Load<T>
    readonly load8_s: Load<T>
    readonly load8_u: Load<T>
    readonly load16_s: Load<T>
    readonly load16_u: Load<T>
    readonly store: Store<T>
    readonly store8: Store<T>
    readonly store16: Store<T>
  }

const integerUnary: ReadonlyArray<IntegerUnary> = ['clz', 'ctz', 'popcnt']
const integerBinary: ReadonlyArray<IntegerBinary> = [
  'add',
  'sub',
  'mul',
  'div_s',
  'div_u',
  'rem_s',
  'rem_u',
  'and',
  'or',
  'xor',
  'shl',
  'shr_s',
  'shr_u',
  'rotl',
  'rotr',
]
const integerTest: ReadonlyArray<IntegerTest> = [
  'eq',
  'ne',
  'lt_s',
  'lt_u',
  'gt_s',
  'gt_u',
  'le_s',
  'le_u',
  'ge_s',
  'ge_u',
]

/**
 * @category instructions
 * @since 0.1.0
 */
export const i32: Integer<'i32'> & {
  readonly wrap_i64: Unary<'i64', 'i32'>
  readonly trunc_sat_f32_s: Unary<'f32', 'i32'>
  readonly trunc_sat_f32_u: Unary<'f32', 'i32'>
  readonly trunc_sat_f64_s: Unary<'f64', 'i32'>
  readonly trunc_sat_f64_u: Unary<'f64', 'i32'>
  readonly reinterpret_f32: Unary<'f32', 'i32'>
  readonly extend8_s: Unary<'i32', 'i32'>
  readonly extend16_s: Unary<'i32', 'i32'>
} = {
  const: (value) => lift('i32', value),
  ...unaries(0x45, 'i32', 'i32', ['eqz']),
  ...binaries(0x46, 'i32', 'i32', integerTest),
  ...unaries(0x67, 'i32', 'i32', integerUnary),
  ...binaries(0x6a, 'i32', 'i32', integerBinary),
  wrap_i64: (x) => instruction('i32', [0xa7], [lift('i64', x)]),
  trunc_sat_f32_s: (x) => instruction('i32', [0xfc, 0], [lift('f32', x)]),
  trunc_sat_f32_u: (x) => instruction('i32', [0xfc, 1], [lift('f32', x)]),
  trunc_sat_f64_s: (x) => instruction('i32', [0xfc, 2], [lift('f64', x)]),
  trunc_sat_f64_u: (x) => instruction('i32', [0xfc, 3], [lift('f64', x)]),
  reinterpret_f32: (x) => instruction('i32', [0xbc], [lift('f32', x)]),
  ...unaries(0xc0, 'i32', 'i32', ['extend8_s', 'extend16_s']),
  load: loading('i32', 0x28, 4),
  load8_s: loading('i32', 0x2c, 1),
  load8_u: loading('i32', 0x2d, 1),
  load16_s: loading('i32', 0x2e, 2),
  load16_u: loading('i32', 0x2f, 2),
  store: storing('i32', 0x36, 4),
  store8: storing('i32', 0x3a, 1),
  store16: storing('i32', 0x3b, 2),
}

/**
 * @category instructions
 * @since 0.1.0
 */
export const i64: Integer<'i64'> & {
  readonly extend_i32_s: Unary<'i32', 'i64'>
  readonly extend_i32_u: Unary<'i32', 'i64'>
  readonly trunc_sat_f64_s: Unary<'f64', 'i64'>
  readonly trunc_sat_f64_u: Unary<'f64', 'i64'>
  readonly reinterpret_f64: Unary<'f64', 'i64'>
  readonly load32_s: Load<'i64'>
  readonly load32_u: Load<'i64'>
  readonly store32: Store<'i64'>
} = {
  const: (value) => lift('i64', value),
  ...unaries(0x50, 'i64', 'i32', ['eqz']),
  ...binaries(0x51, 'i64', 'i32', integerTest),
  ...unaries(0x79, 'i64', 'i64', integerUnary),
  ...binaries(0x7c, 'i64', 'i64', integerBinary),
  ...unaries(0xac, 'i32', 'i64', ['extend_i32_s', 'extend_i32_u']),
  trunc_sat_f64_s: (x) => instruction('i64', [0xfc, 6], [lift('f64', x)]),
  trunc_sat_f64_u: (x) => instruction('i64', [0xfc, 7], [lift('f64', x)]),
  reinterpret_f64: (x) => instruction('i64', [0xbd], [lift('f64', x)]),
  load: loading('i64', 0x29, 8),
  load8_s: loading('i64', 0x30, 1),
  load8_u: loading('i64', 0x31, 1),
  load16_s: loading('i64', 0x32, 2),
  load16_u: loading('i64', 0x33, 2),
  load32_s: loading('i64', 0x34, 4),
  load32_u: loading('i64', 0x35, 4),
  store: storing('i64', 0x37, 8),
  store8: storing('i64', 0x3c, 1),
  store16: storing('i64', 0x3d, 2),
  store32: storing('i64', 0x3e, 4),
}

// --------------------------------------------------------------------------------------------------- floats

type FloatUnary = 'abs' | 'neg' | 'ceil' | 'floor' | 'trunc' | 'nearest' | 'sqrt'
type FloatBinary = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'copysign'
type FloatTest = 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge'

type Float<T extends 'f32' | 'f64'> = Table<FloatUnary, Unary<T, T>> &
  Table<FloatBinary, Binary<T, T>> &
  Table<FloatTest, Binary<T, 'i32'>> & {
    readonly const: (value: number) => Expr<T>
    readonly convert_i32_s: Unary<'i32', T>
    readonly convert_i32_u: Unary<'i32', T>
    readonly convert_i64_s: Unary<'i64', T>
    readonly load: Load<T>
    readonly store: Store<T>
  }

const floatUnary: ReadonlyArray<FloatUnary> = ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt']
const floatBinary: ReadonlyArray<FloatBinary> = ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign']
const floatTest: ReadonlyArray<FloatTest> = ['eq', 'ne', 'lt', 'gt', 'le', 'ge']

/**
 * @category instructions
 * @since 0.1.0
 */
export const f32: Float<'f32'> & {
  readonly demote_f64: Unary<'f64', 'f32'>
  readonly reinterpret_i32: Unary<'i32', 'f32'>
} = {
  const: (value) => lift('f32', value),
  ...binaries(0x5b, 'f32', 'i32', floatTest),
  ...unaries(0x8b, 'f32', 'f32', floatUnary),
  ...binaries(0x92, 'f32', 'f32', floatBinary),
  ...unaries(0xb2, 'i32', 'f32', ['convert_i32_s', 'convert_i32_u']),
  convert_i64_s: (x) => instruction('f32', [0xb4], [lift('i64', x)]),
  demote_f64: (x) => instruction('f32', [0xb6], [lift('f64', x)]),
  reinterpret_i32: (x) => instruction('f32', [0xbe], [lift('i32', x)]),
  load: loading('f32', 0x2a, 4),
  store: storing('f32', 0x38, 4),
}

/**
 * @category instructions
 * @since 0.1.0
 */
export const f64: Float<'f64'> & {
  readonly promote_f32: Unary<'f32', 'f64'>
  readonly reinterpret_i64: Unary<'i64', 'f64'>
} = {
  const: (value) => lift('f64', value),
  ...binaries(0x61, 'f64', 'i32', floatTest),
  ...unaries(0x99, 'f64', 'f64', floatUnary),
  ...binaries(0xa0, 'f64', 'f64', floatBinary),
  ...unaries(0xb7, 'i32', 'f64', ['convert_i32_s', 'convert_i32_u']),
  convert_i64_s: (x) => instruction('f64', [0xb9], [lift('i64', x)]),
  promote_f32: (x) => instruction('f64', [0xbb], [lift('f32', x)]),
  reinterpret_i64: (x) => instruction('f64', [0xbf], [lift('i64', x)]),
  load: loading('f64', 0x2b, 8),
  store: storing('f64', 0x39, 8),
}

// --------------------------------------------------------------------------------------------------- memory

/**
 * @category instructions
 * @since 0.1.0
 */
export const memory: {
  /** copies bytes, also where source and target overlap */
  readonly copy: (to: Operand<'i32'>, from: Operand<'i32'>, bytes: Operand<'i32'>) => Statement
  /** fills bytes with the low byte of a value */
  readonly fill: (to: Operand<'i32'>, value: Operand<'i32'>, bytes: Operand<'i32'>) => Statement
} = {
  copy: (to, from, bytes) =>
    instruction('void', [0xfc, 0x0a, 0, 0], [lift('i32', to), lift('i32', from), lift('i32', bytes)]),
  fill: (to, value, bytes) =>
    instruction('void', [0xfc, 0x0b, 0], [lift('i32', to), lift('i32', value), lift('i32', bytes)]),
}
