/**
 * Boston housing: 506 census tracts of the Boston area in 1970, twelve features of each and the median value of its
 * owner-occupied homes.
 *
 * Source: D. Harrison, D. L. Rubinfeld, "Hedonic prices and the demand for clean air", Journal of Environmental Economics
 * and Management 5 (1978) 81-102, from the StatLib archive, in the copy that scikit-learn 1.2.1 carried (BSD-3-Clause).
 * The data have no licence of their own.
 *
 * The thirteenth feature of the original, B, is left out. It is `1000 (p - 0.63)²` for the proportion `p` of Black residents,
 * made on the premise that segregation raises prices; besides, the squared form cannot be undone. scikit-learn removed the
 * data set over it. It stays here without that column because so much teaching material is compared on it; it is no
 * model of how homes should be valued.
 *
 * | name | feature | unit |
 * |---|---|---|
 * | CRIM | crime rate | crimes per person and year |
 * | ZN | residential land zoned for lots over 25 000 square feet | % |
 * | INDUS | land of non-retail business | % |
 * | CHAS | the tract bounds the Charles River | 1 or 0 |
 * | NOX | nitrogen oxides in the air | parts in 10 million |
 * | RM | rooms of a dwelling, on average | rooms |
 * | AGE | owner-occupied homes built before 1940 | % |
 * | DIS | weighted distance to five employment centres | miles, by an index |
 * | RAD | access to radial highways | index, 1 to 24 |
 * | TAX | property tax | $ per $10 000 |
 * | PTRATIO | pupils for each teacher | pupils |
 * | LSTAT | population of lower status | % |
 * | MEDV | median value of owner-occupied homes, the target; cut off at 50 | $1000 |
 *
 * @since 0.1.0
 */
import { type Tensor, unsafeMake } from '../Tensor.js'
import { bostonRows } from './bostonRows.js'

/**
 * The names of the features, in the order of the columns of `bostonFeatures`.
 *
 * @category model
 * @since 0.1.0
 */
export const bostonColumns = [
  'CRIM',
  'ZN',
  'INDUS',
  'CHAS',
  'NOX',
  'RM',
  'AGE',
  'DIS',
  'RAD',
  'TAX',
  'PTRATIO',
  'LSTAT',
] as const

/**
 * @category model
 * @since 0.1.0
 */
export type BostonColumn = (typeof bostonColumns)[number]

const FEATURES = bostonColumns.length

/**
 * The twelve features of every tract, `[506, 12]`, in the units of the table above.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { bostonColumns, bostonFeatures } from 'wengert/data'
 *
 * const x = bostonFeatures()
 * assert.deepStrictEqual(x.shape, [506, 12])
 * assert.strictEqual(x.data[bostonColumns.indexOf('RM')], 6.575) // rooms of a dwelling in the first tract
 * ```
 *
 * @category data
 * @since 0.1.0
 */
export const bostonFeatures = (): Tensor<readonly [506, 12]> =>
  unsafeMake([506, 12] as const, 'real', Float64Array.from(bostonRows.flatMap((row) => row.slice(0, FEATURES))))

/**
 * The median value of owner-occupied homes of every tract, `[506, 1]`, in $1000.
 *
 * @category data
 * @since 0.1.0
 */
export const bostonPrices = (): Tensor<readonly [506, 1]> =>
  unsafeMake(
    [506, 1] as const,
    'real',
    Float64Array.from(bostonRows, (row) => row[FEATURES]),
  )

/**
 * One column over all tracts, `[506]`.
 *
 * @category data
 * @since 0.1.0
 */
export const bostonColumn = (name: BostonColumn | 'MEDV'): Tensor<readonly [506]> => {
  const at = name === 'MEDV' ? FEATURES : bostonColumns.indexOf(name)
  return unsafeMake(
    [506] as const,
    'real',
    Float64Array.from(bostonRows, (row) => row[at]),
  )
}
