/**
 * Sums and products of literal numbers, by school arithmetic on decimal digits, least significant first. (Counting with
 * tuples, the usual way, ends at 10 000.) `ShapeTypes.ts` is the module to use.
 *
 * @since 0.1.0
 */

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'
/**
 * A number, its least significant digit first.
 *
 * @category digits
 * @since 0.1.0
 */
export type Digits = ReadonlyArray<Digit>

type Plus = [
  ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09'],
  ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10'],
  ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11'],
  ['03', '04', '05', '06', '07', '08', '09', '10', '11', '12'],
  ['04', '05', '06', '07', '08', '09', '10', '11', '12', '13'],
  ['05', '06', '07', '08', '09', '10', '11', '12', '13', '14'],
  ['06', '07', '08', '09', '10', '11', '12', '13', '14', '15'],
  ['07', '08', '09', '10', '11', '12', '13', '14', '15', '16'],
  ['08', '09', '10', '11', '12', '13', '14', '15', '16', '17'],
  ['09', '10', '11', '12', '13', '14', '15', '16', '17', '18'],
]

type Times = [
  ['00', '00', '00', '00', '00', '00', '00', '00', '00', '00'],
  ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09'],
  ['00', '02', '04', '06', '08', '10', '12', '14', '16', '18'],
  ['00', '03', '06', '09', '12', '15', '18', '21', '24', '27'],
  ['00', '04', '08', '12', '16', '20', '24', '28', '32', '36'],
  ['00', '05', '10', '15', '20', '25', '30', '35', '40', '45'],
  ['00', '06', '12', '18', '24', '30', '36', '42', '48', '54'],
  ['00', '07', '14', '21', '28', '35', '42', '49', '56', '63'],
  ['00', '08', '16', '24', '32', '40', '48', '56', '64', '72'],
  ['00', '09', '18', '27', '36', '45', '54', '63', '72', '81'],
]

/**
 * The digits of a number that is written in digits; none of any other (`1e21`).
 *
 * @category digits
 * @since 0.1.0
 */
export type DigitsOf<
  T extends string,
  Out extends Digits = readonly [],
> = T extends `${infer D extends Digit}${infer R}`
  ? DigitsOf<R, readonly [D, ...Out]>
  : T extends ''
    ? Out
    : readonly []

/**
 * The number in the usual order.
 *
 * @category digits
 * @since 0.1.0
 */
export type Written<N extends Digits, Out extends string = ''> = N extends readonly [
  infer D extends Digit,
  ...infer R extends Digits,
]
  ? Written<R, `${D}${Out}`>
  : Out

/**
 * The sum. The low digit of `x + y + carry` joins `Out`, the high one is carried.
 *
 * @category digits
 * @since 0.1.0
 */
export type Added<
  A extends Digits,
  B extends Digits,
  C extends Digit = '0',
  Out extends Digits = readonly [],
> = A extends readonly [infer X extends Digit, ...infer R extends Digits]
  ? B extends readonly [infer Y extends Digit, ...infer T extends Digits]
    ? Plus[X][Y] extends `${infer H extends Digit}${infer L extends Digit}`
      ? Plus[L][C] extends `${infer K extends Digit}${infer M extends Digit}`
        ? Added<R, T, H extends '1' ? '1' : K, readonly [...Out, M]>
        : never
      : never
    : Added<A, readonly ['0'], C, Out>
  : B extends readonly []
    ? C extends '0'
      ? Out
      : readonly [...Out, C]
    : Added<readonly ['0'], B, C, Out>

type Scaled<
  A extends Digits,
  D extends Digit,
  C extends Digit = '0',
  Out extends Digits = readonly [],
> = A extends readonly [infer X extends Digit, ...infer R extends Digits]
  ? Times[D][X] extends `${infer H extends Digit}${infer L extends Digit}`
    ? Plus[L][C] extends `${infer K extends Digit}${infer M extends Digit}`
      ? Plus[H][K] extends `0${infer E extends Digit}`
        ? Scaled<R, D, E, readonly [...Out, M]>
        : never
      : never
    : never
  : C extends '0'
    ? Out
    : readonly [...Out, C]

/**
 * The product.
 *
 * @category digits
 * @since 0.1.0
 */
export type Multiplied<A extends Digits, B extends Digits> = B extends readonly [
  infer D extends Digit,
  ...infer R extends Digits,
]
  ? R extends readonly []
    ? Scaled<A, D>
    : Added<Scaled<A, D>, readonly ['0', ...Multiplied<A, R>]>
  : readonly []

/**
 * The literal that a string spells.
 *
 * @category digits
 * @since 0.1.0
 */
export type Parsed<T extends string> = T extends `${infer N extends number}` ? N : number

/**
 * Whether a dimension is written in digits: no unknown, no brand.
 *
 * @category digits
 * @since 0.1.0
 */
export type IsLiteral<N extends number> = `${N}` extends `${infer _ extends Digit}${string}` ? true : false
