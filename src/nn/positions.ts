/**
 * How many positions a window has along a dimension, in types: `floor((N + 2 padding - K) / stride) + 1`.
 *
 * Counts are tuples, which is simple and reaches 999; beyond that, and wherever a setting is no literal, the answer is
 * `number`, and recording finds it.
 *
 * @since 0.1.0
 */

/** Whether a type is one literal rather than several. */
type IsOne<N, All = N> = N extends All ? ([All] extends [N] ? true : false) : never

/** Whether a number is one literal integer from 1 to 999. */
type IsCount<N extends number> =
  IsOne<N> extends true
    ? `${N}` extends `${bigint}`
      ? `${N}` extends `-${string}` | '0' | `${infer _A}${infer _B}${infer _C}${infer _D}${string}`
        ? false
        : true
      : false
    : false

type Units = ReadonlyArray<0>

type Count<N extends number, Out extends Units = readonly []> = Out['length'] extends N
  ? Out
  : Count<N, readonly [...Out, 0]>

/** How often `K` fits into `T`, after `Q` times. */
type Times<T extends Units, K extends Units, Q extends Units> = T extends readonly [...K, ...infer R extends Units]
  ? Times<R, K, readonly [...Q, 0]>
  : Q['length']

/** The first window at the start, and one more for each stride that remains; none where the window does not fit. */
type Slides<T extends Units, K extends Units, S extends Units> = T extends readonly [...K, ...infer R extends Units]
  ? Times<R, S, readonly [0]>
  : 0

type Strided<T extends Units, K extends number, S> = S extends number
  ? IsCount<S> extends true
    ? Slides<T, Count<K>, Count<S>>
    : number
  : number

/** The setting of an option for a dimension: `F` where it is absent. */
type Setting<X, Name extends string, F> = X extends { readonly [K in Name]: infer V } ? V : F

/**
 * The positions of a window of `K` along a dimension of `N`, with the options `X` and a stride of `S` where they have none.
 *
 * @category dimensions
 * @since 0.1.0
 */
export type Windows<N extends number, K, X, S> = X extends { readonly dilation: unknown }
  ? number
  : K extends number
    ? IsCount<N> extends true
      ? IsCount<K> extends true
        ? Padded<N, K, Setting<X, 'padding', 'valid'>, Setting<X, 'stride', S>>
        : number
      : number
    : number

type Padded<N extends number, K extends number, P, S> = P extends 'valid' | 0
  ? Strided<Count<N>, K, S>
  : P extends 'same'
    ? S extends 1
      ? N
      : number
    : P extends number
      ? IsCount<P> extends true
        ? readonly [Count<N>, Count<P>] extends readonly [infer T extends Units, infer Q extends Units]
          ? Strided<readonly [...Q, ...T, ...Q], K, S>
          : number
        : number
      : number

/**
 * The setting for one dimension of one that is given for all of them or for each.
 *
 * @category dimensions
 * @since 0.1.0
 */
export type Along<K, D extends number> = K extends ReadonlyArray<number> ? K[D] : K
