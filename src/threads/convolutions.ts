/**
 * Convolutions cut into some of their examples, or, where there is one example, into some of its outputs.
 *
 * The order of a sum hangs on the tile that its element is in. Parts of the outputs begin at whole tiles, and there are none
 * where a part would be computed by other tiles than the whole. Where a kernel is not finite, all outputs are computed without
 * tiles; the first part then computes them all, so that they are the same.
 *
 * @since 0.1.0
 */
import type { Flat } from '../compile/flat.js'
import type { Convolve } from '../compile/Nest.js'
import { call, i32, when } from '../engine/wasm/assembler.js'
import { convolving, geometryOf, type Kernel } from '../engine/wasm/kernelCode.js'
import type { ConvolveKernel } from '../engine/wasm/kernels/convolve.js'
import type { Features } from '../engine/wasm/kernels/features.js'
import { type Scalar, vectors } from '../engine/wasm/kernels/lanes.js'
import { finite } from '../engine/wasm/kernels/pack.js'
import { size } from '../Shape.js'
import { type Grain, partsOf, ranges } from './ranges.js'

const sameTile = (a: ConvolveKernel['tile'], b: ConvolveKernel['tile']): boolean =>
  a?.along === b?.along && a?.outputs === b?.outputs && a?.tall === b?.tall && a?.wide === b?.wide

/**
 * The parts of a convolution, or null where it is too small or cannot be cut.
 *
 * @category destructors
 * @since 0.1.0
 */
export const convolutionParts = (
  by: Grain,
  features: Features,
  scalar: Scalar,
  item: Convolve,
  flat: Flat,
): ReadonlyArray<Kernel> | null => {
  const geometry = geometryOf(scalar, item, flat)
  const { examples, outputs, channels, groups, kernel, output } = geometry
  const v = vectors[scalar]
  const [kernelSize, area] = [channels * size(kernel), size(output)]
  const parts = partsOf(by, examples * outputs * area * kernelSize)
  if (parts < 2) return null
  const [input, weights] = item.reads
  const { func: whole, scratch, tile } = convolving(features, geometry)
  if (examples > 1)
    return ranges(examples, 1, parts).map(([from, to]) => ({
      scratch,
      code: (address, space) => call(whole, address(input), address(weights), address(item.value), space, from, to),
    }))
  // each part copies the input between its zeros, so there is one for each thread
  const cuts = ranges(outputs, tile?.outputs ?? 1, Math.min(parts, by.threads))
  const pieces = cuts.map(([from, to]) => convolving(features, { ...geometry, outputs: to - from }))
  if (groups > 1 || cuts.length < 2 || pieces.some((some) => !sameTile(some.tile, tile))) return null
  const allFinite = finite(v, outputs * kernelSize)
  return cuts.map(([from], i) => {
    const some = pieces[i]
    return {
      scratch: Math.max(scratch, some.scratch),
      code: (address, space) => {
        const [x, w, y] = [input, weights, item.value].map(address)
        return when(
          call(allFinite, i32.const(w)),
          [call(some.func, x, w + from * kernelSize * v.bytes, y + from * area * v.bytes, space, 0, 1)],
          from === 0 ? [call(whole, x, w, y, space, 0, 1)] : [],
        )
      },
    }
  })
}
