/**
 * Items cut into parts that threads compute side by side.
 *
 * Laws. The parts of an item write each of its elements once, and nothing else but their own scratch memory. Each element is
 * computed by the operations, in the order, in which the whole item computes it, so the bits are the same: sums are never
 * cut, and what their order hangs on is the same in a part as in the whole.
 *
 * @since 0.1.0
 */
import type { Flat } from '../compile/flat.js'
import type { Item } from '../compile/Nest.js'
import type { Part } from '../engine/Threads.js'
import type { Features } from '../engine/wasm/kernels/features.js'
import type { Scalar } from '../engine/wasm/kernels/lanes.js'
import { convolutionParts } from './convolutions.js'
import { nestParts } from './nests.js'
import { productParts } from './products.js'
import type { Grain } from './ranges.js'

/**
 * The parts of an item, or null where it is too small or cannot be cut. Items with kernels of their own that are neither
 * products nor convolutions stay whole.
 *
 * @category destructors
 * @since 0.1.0
 */
export const divide =
  (by: Grain) =>
  (features: Features, scalar: Scalar, item: Item, flat: Flat): ReadonlyArray<Part> | null => {
    switch (item.kind) {
      case 'product':
        return productParts(by, features, scalar, item)
      case 'convolve':
        return convolutionParts(by, features, scalar, item, flat)
      case 'nest':
        return nestParts(by, scalar, item)
      case 'host':
        return null
    }
  }
