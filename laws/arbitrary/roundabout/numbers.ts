/**
 * Numbers at which identities that are false fail: zeros of both signs, infinities, NaN, and what over- or underflows.
 *
 * @since 0.1.0
 */

/** Numbers that identities turn on. */
const PIVOTS: ReadonlyArray<number> = [0, -0, 1, -1, 2, 0.5, -4, 3]

const INFINITY = Number.POSITIVE_INFINITY

const ODDITIES: ReadonlyArray<number> = [0.1, 1 / 3, INFINITY, -INFINITY, Number.NaN, 1 + 2 ** -30, 2 ** -130, 16777217]

/**
 * Those and odd ones, as literals.
 *
 * @category model
 * @since 0.1.0
 */
export const SPECIAL: ReadonlyArray<number> = [...PIVOTS, ...PIVOTS, ...ODDITIES]

/**
 * Numbers of inputs.
 *
 * @category model
 * @since 0.1.0
 */
export const EXTREME: ReadonlyArray<number> = [...PIVOTS, 0, -0, ...ODDITIES, -0.3, 7, 2 ** -1060, 1.5e308, -3e38]

/**
 * Numbers of inputs at which derivatives exist.
 *
 * @category model
 * @since 0.1.0
 */
export const ORDINARY: ReadonlyArray<number> = [0.5, -0.75, 1.25, 2, -3, 0.1, 1.75, -1]

/**
 * Literals at which derivatives exist.
 *
 * @category model
 * @since 0.1.0
 */
export const TAME_PIVOTS: ReadonlyArray<number> = [0, 1, -1, 2, 3, 0.5, 4, -2]

/**
 * Literals that are integers.
 *
 * @category model
 * @since 0.1.0
 */
export const WHOLE: ReadonlyArray<number> = [0, 1, -1, 2, 16777217, -(2 ** 31)]

/**
 * Powers of two with and without an inverse, and others.
 *
 * @category model
 * @since 0.1.0
 */
export const DIVISORS: ReadonlyArray<number> = [3, -7, 0.1, 2, -0.25, 2 ** 127, 2 ** 1023, 2 ** -1060]
