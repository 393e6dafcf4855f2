/**
 * The instructions on v128, under their own names: `f64x2.mul(x, 0.5)`, `v128.load(address, 16)`. A number beside a vector
 * stands for the vector of that number in every lane.
 *
 * The relaxed instructions (`relaxed_madd` and its kind) may round once or twice, as the host's hardware likes; a module
 * that has them is valid only where the host knows them. Opcodes: WebAssembly core specification 3.0, section 5.4.
 *
 * @since 0.1.0
 */
import {
  type Expr,
  instruction,
  lift,
  littleEndian,
  type Operand,
  type Statement,
  unsigned,
  type ValueType,
} from './assemblerModel.js'
import { type Load, memoryArgument, type Store } from './assemblerScalar.js'

type Vector = Expr<'v128'>

/**
 * A vector, or a number for all of its lanes.
 *
 * @category model
 * @since 0.1.0
 */
export type Lanes<N extends number | bigint = number> = Vector | N

type Table<K extends string, F> = { readonly [P in K]: F }
type Op1<N extends number | bigint> = (x: Lanes<N>) => Vector
type Op2<N extends number | bigint> = (x: Lanes<N>, y: Lanes<N>) => Vector
type Op3<N extends number | bigint> = (x: Lanes<N>, y: Lanes<N>, z: Lanes<N>) => Vector

const simd = <T extends ValueType | 'void'>(
  type: T,
  opcode: number,
  args: ReadonlyArray<Expr>,
  immediate: ReadonlyArray<number> = [],
): Expr<T> => instruction(type, [0xfd, ...unsigned(opcode), ...immediate], args)

const constant = (bytes: ReadonlyArray<number>): Vector => simd('v128', 12, [], bytes)

const table = <K extends string, F>(codes: Table<K, number>, f: (opcode: number) => F): Table<K, F> =>
  Object.fromEntries(Object.entries<number>(codes).map(([name, opcode]) => [name, f(opcode)])) as Table<K, F>

/** The instructions of one shape of lanes; `fill` gives the bytes of a vector of one number. */
const shape = <N extends number | bigint>(fill: (value: N) => ReadonlyArray<number>) => {
  const of = (x: Lanes<N>): Vector => (typeof x === 'object' ? x : constant(fill(x)))
  return {
    of,
    op1: <K extends string>(codes: Table<K, number>): Table<K, Op1<N>> =>
      table(codes, (opcode) => (x) => simd('v128', opcode, [of(x)])),
    op2: <K extends string>(codes: Table<K, number>): Table<K, Op2<N>> =>
      table(codes, (opcode) => (x, y) => simd('v128', opcode, [of(x), of(y)])),
    op3: <K extends string>(codes: Table<K, number>): Table<K, Op3<N>> =>
      table(codes, (opcode) => (x, y, z) => simd('v128', opcode, [of(x), of(y), of(z)])),
    shift: <K extends string>(codes: Table<K, number>): Table<K, (x: Lanes<N>, by: Operand<'i32'>) => Vector> =>
      table(codes, (opcode) => (x, by) => simd('v128', opcode, [of(x), lift('i32', by)])),
    /** from a vector to an i32: the sign bits, or whether no lane is zero */
    test: <K extends string>(codes: Table<K, number>): Table<K, (x: Vector) => Expr<'i32'>> =>
      table(codes, (opcode) => (x) => simd('i32', opcode, [x])),
  }
}

const converting =
  (opcode: number) =>
  (x: Vector): Vector =>
    simd('v128', opcode, [x])

const splatting =
  <T extends ValueType>(type: T, opcode: number) =>
  (x: Operand<T>): Vector =>
    simd('v128', opcode, [lift(type, x)])

const extracting =
  <T extends ValueType>(type: T, opcode: number) =>
  (x: Vector, lane: number): Expr<T> =>
    simd(type, opcode, [x], [lane])

const replacing =
  <T extends ValueType>(type: T, opcode: number) =>
  (x: Vector, lane: number, value: Operand<T>): Vector =>
    simd('v128', opcode, [x, lift(type, value)], [lane])

const repeated = (bytes: ReadonlyArray<number>): ReadonlyArray<number> =>
  Array.from({ length: 16 }, (_, i) => bytes[i % bytes.length])

const bytes = shape<number>((x) => repeated([x & 0xff]))
const shorts = shape<number>((x) => repeated([x & 0xff, (x >> 8) & 0xff]))
const ints = shape<number>((x) => repeated(littleEndian.i32(x)))
const longs = shape<bigint>((x) => repeated(littleEndian.i64(x)))
const singles = shape<number>((x) => repeated(littleEndian.f32(x)))
const doubles = shape<number>((x) => repeated(littleEndian.f64(x)))

/** What every shape of lanes has. */
interface Shaped<T extends ValueType, N extends number | bigint> {
  /** a vector from its lanes */
  readonly const: (...lanes: ReadonlyArray<N>) => Vector
  readonly splat: (x: Operand<T>) => Vector
  readonly extract_lane: (x: Vector, lane: number) => Expr<T>
  readonly replace_lane: (x: Vector, lane: number, value: Operand<T>) => Vector
}

type Shifts<N extends number | bigint> = Table<'shl' | 'shr_s' | 'shr_u', (x: Lanes<N>, by: Operand<'i32'>) => Vector>
type Tests = Table<'all_true' | 'bitmask', (x: Vector) => Expr<'i32'>>

// --------------------------------------------------------------------------------------------------- memory

const loading =
  (opcode: number, width: number): Load<'v128'> =>
  (address, offset = 0) =>
    simd('v128', opcode, [lift('i32', address)], memoryArgument(width, offset))

type LoadLane = (address: Operand<'i32'>, x: Vector, lane: number, offset?: number) => Vector
type StoreLane = (address: Operand<'i32'>, x: Vector, lane: number, offset?: number) => Statement

const loadingLane =
  (opcode: number, width: number): LoadLane =>
  (address, x, lane, offset = 0) =>
    simd('v128', opcode, [lift('i32', address), x], [...memoryArgument(width, offset), lane])

const storingLane =
  (opcode: number, width: number): StoreLane =>
  (address, x, lane, offset = 0) =>
    simd('void', opcode, [lift('i32', address), x], [...memoryArgument(width, offset), lane])

const vector = shape<never>(() => [])

/**
 * Vectors as 128 bits, and memory.
 *
 * @category instructions
 * @since 0.1.0
 */
export const v128: Table<'not', Op1<never>> &
  Table<'and' | 'andnot' | 'or' | 'xor', Op2<never>> & {
    /** the bits of `x` where the mask has ones, those of `y` elsewhere */
    readonly bitselect: (x: Vector, y: Vector, mask: Vector) => Vector
    readonly any_true: (x: Vector) => Expr<'i32'>
    readonly load: Load<'v128'>
    readonly load8_splat: Load<'v128'>
    readonly load16_splat: Load<'v128'>
    readonly load32_splat: Load<'v128'>
    readonly load64_splat: Load<'v128'>
    readonly load32_zero: Load<'v128'>
    readonly load64_zero: Load<'v128'>
    readonly store: Store<'v128'>
    readonly load32_lane: LoadLane
    readonly load64_lane: LoadLane
    readonly store32_lane: StoreLane
    readonly store64_lane: StoreLane
  } = {
  ...vector.op1({ not: 77 }),
  ...vector.op2({ and: 78, andnot: 79, or: 80, xor: 81 }),
  bitselect: (x, y, mask) => simd('v128', 82, [x, y, mask]),
  any_true: (x) => simd('i32', 83, [x]),
  load: loading(0, 16),
  load8_splat: loading(7, 1),
  load16_splat: loading(8, 2),
  load32_splat: loading(9, 4),
  load64_splat: loading(10, 8),
  load32_zero: loading(92, 4),
  load64_zero: loading(93, 8),
  store: (address, value, offset = 0) =>
    simd('void', 11, [lift('i32', address), lift('v128', value)], memoryArgument(16, offset)),
  load32_lane: loadingLane(86, 4),
  load64_lane: loadingLane(87, 8),
  store32_lane: storingLane(90, 4),
  store64_lane: storingLane(91, 8),
}

// -------------------------------------------------------------------------------------------------- integers

/**
 * Sixteen bytes. `shuffle` takes bytes 0 to 15 from `x` and 16 to 31 from `y`.
 *
 * @category instructions
 * @since 0.1.0
 */
export const i8x16: Table<'eq' | 'ne' | 'add' | 'sub' | 'swizzle', Op2<number>> &
  Tests & {
    readonly splat: (x: Operand<'i32'>) => Vector
    readonly shuffle: (x: Vector, y: Vector, from: ReadonlyArray<number>) => Vector
  } = {
  ...bytes.op2({ eq: 35, ne: 36, add: 110, sub: 113, swizzle: 14 }),
  ...bytes.test({ all_true: 99, bitmask: 100 }),
  splat: splatting('i32', 15),
  shuffle: (x, y, from) => {
    if (from.length !== 16 || from.some((i) => !(i >= 0 && i < 32))) throw new Error('a shuffle takes 16 of 32 bytes')
    return simd('v128', 13, [x, y], from)
  },
}

/**
 * Eight 16-bit integers.
 *
 * @category instructions
 * @since 0.1.0
 */
export const i16x8: Table<'eq' | 'ne' | 'add' | 'sub' | 'mul', Op2<number>> & Shifts<number> & Tests = {
  ...shorts.op2({ eq: 45, ne: 46, add: 142, sub: 145, mul: 149 }),
  ...shorts.shift({ shl: 139, shr_s: 140, shr_u: 141 }),
  ...shorts.test({ all_true: 131, bitmask: 132 }),
}

/**
 * Four 32-bit integers. The conversions saturate, and those from f64x2 leave the upper lanes zero.
 *
 * @category instructions
 * @since 0.1.0
 */
export const i32x4: Shaped<'i32', number> &
  Table<'abs' | 'neg', Op1<number>> &
  Table<
    | 'eq'
    | 'ne'
    | 'lt_s'
    | 'lt_u'
    | 'gt_s'
    | 'gt_u'
    | 'le_s'
    | 'le_u'
    | 'ge_s'
    | 'ge_u'
    | 'add'
    | 'sub'
    | 'mul'
    | 'min_s'
    | 'min_u'
    | 'max_s'
    | 'max_u',
    Op2<number>
  > &
  Shifts<number> &
  Tests &
  Table<'trunc_sat_f32x4_s' | 'trunc_sat_f64x2_s_zero' | 'trunc_sat_f64x2_u_zero', (x: Vector) => Vector> = {
  const: (...lanes) => constant(lanes.flatMap(littleEndian.i32)),
  splat: splatting('i32', 17),
  extract_lane: extracting('i32', 27),
  replace_lane: replacing('i32', 28),
  ...ints.op1({ abs: 160, neg: 161 }),
  ...ints.op2({
    eq: 55,
    ne: 56,
    lt_s: 57,
    lt_u: 58,
    gt_s: 59,
    gt_u: 60,
    le_s: 61,
    le_u: 62,
    ge_s: 63,
    ge_u: 64,
    add: 174,
    sub: 177,
    mul: 181,
    min_s: 182,
    min_u: 183,
    max_s: 184,
    max_u: 185,
  }),
  ...ints.shift({ shl: 171, shr_s: 172, shr_u: 173 }),
  ...ints.test({ all_true: 163, bitmask: 164 }),
  ...table({ trunc_sat_f32x4_s: 248, trunc_sat_f64x2_s_zero: 252, trunc_sat_f64x2_u_zero: 253 }, converting),
}

/**
 * Two 64-bit integers. The extensions widen two lanes of an i32x4.
 *
 * @category instructions
 * @since 0.1.0
 */
export const i64x2: Shaped<'i64', bigint> &
  Table<'abs' | 'neg', Op1<bigint>> &
  Table<'eq' | 'ne' | 'lt_s' | 'gt_s' | 'le_s' | 'ge_s' | 'add' | 'sub' | 'mul', Op2<bigint>> &
  Shifts<bigint> &
  Tests &
  Table<
    'extend_low_i32x4_s' | 'extend_high_i32x4_s' | 'extend_low_i32x4_u' | 'extend_high_i32x4_u',
    (x: Vector) => Vector
  > = {
  const: (...lanes) => constant(lanes.flatMap(littleEndian.i64)),
  splat: splatting('i64', 18),
  extract_lane: extracting('i64', 29),
  replace_lane: replacing('i64', 30),
  ...longs.op1({ abs: 192, neg: 193 }),
  ...longs.op2({ eq: 214, ne: 215, lt_s: 216, gt_s: 217, le_s: 218, ge_s: 219, add: 206, sub: 209, mul: 213 }),
  ...longs.shift({ shl: 203, shr_s: 204, shr_u: 205 }),
  ...longs.test({ all_true: 195, bitmask: 196 }),
  ...table(
    { extend_low_i32x4_s: 199, extend_high_i32x4_s: 200, extend_low_i32x4_u: 201, extend_high_i32x4_u: 202 },
    converting,
  ),
}

// ---------------------------------------------------------------------------------------------------- floats

type FloatUnary = 'abs' | 'neg' | 'sqrt' | 'ceil' | 'floor' | 'trunc' | 'nearest'
type FloatBinary =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'gt'
  | 'le'
  | 'ge'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'min'
  | 'max'
  | 'pmin'
  | 'pmax'
type FloatTernary = 'relaxed_madd' | 'relaxed_nmadd'

type Floats<T extends 'f32' | 'f64'> = Shaped<T, number> &
  Table<FloatUnary, Op1<number>> &
  Table<FloatBinary, Op2<number>> &
  /** `x y + z` and `z - x y` */
  Table<FloatTernary, Op3<number>>

/**
 * Four float32.
 *
 * @category instructions
 * @since 0.1.0
 */
export const f32x4: Floats<'f32'> &
  Table<'convert_i32x4_s' | 'convert_i32x4_u' | 'demote_f64x2_zero', (x: Vector) => Vector> = {
  const: (...lanes) => constant(lanes.flatMap(littleEndian.f32)),
  splat: splatting('f32', 19),
  extract_lane: extracting('f32', 31),
  replace_lane: replacing('f32', 32),
  ...singles.op1({ abs: 224, neg: 225, sqrt: 227, ceil: 103, floor: 104, trunc: 105, nearest: 106 }),
  ...singles.op2({
    eq: 65,
    ne: 66,
    lt: 67,
    gt: 68,
    le: 69,
    ge: 70,
    add: 228,
    sub: 229,
    mul: 230,
    div: 231,
    min: 232,
    max: 233,
    pmin: 234,
    pmax: 235,
  }),
  ...singles.op3({ relaxed_madd: 0x105, relaxed_nmadd: 0x106 }),
  ...table({ convert_i32x4_s: 250, convert_i32x4_u: 251, demote_f64x2_zero: 94 }, converting),
}

/**
 * Two float64. The conversions take the two lower lanes.
 *
 * @category instructions
 * @since 0.1.0
 */
export const f64x2: Floats<'f64'> &
  Table<'convert_low_i32x4_s' | 'convert_low_i32x4_u' | 'promote_low_f32x4', (x: Vector) => Vector> = {
  const: (...lanes) => constant(lanes.flatMap(littleEndian.f64)),
  splat: splatting('f64', 20),
  extract_lane: extracting('f64', 33),
  replace_lane: replacing('f64', 34),
  ...doubles.op1({ abs: 236, neg: 237, sqrt: 239, ceil: 116, floor: 117, trunc: 122, nearest: 148 }),
  ...doubles.op2({
    eq: 71,
    ne: 72,
    lt: 73,
    gt: 74,
    le: 75,
    ge: 76,
    add: 240,
    sub: 241,
    mul: 242,
    div: 243,
    min: 244,
    max: 245,
    pmin: 246,
    pmax: 247,
  }),
  ...doubles.op3({ relaxed_madd: 0x107, relaxed_nmadd: 0x108 }),
  ...table({ convert_low_i32x4_s: 254, convert_low_i32x4_u: 255, promote_low_f32x4: 95 }, converting),
}
