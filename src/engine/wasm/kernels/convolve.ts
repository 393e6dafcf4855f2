/**
 * Convolutions with everything but the numbers known, as `src/primitive/convolve.ts` defines them: strides, padding of
 * either sign, dilated inputs and kernels, groups, any number of spatial dimensions. Their gradients are convolutions too,
 * with kernels as large as images or with holes in the input, and are as fast: see `convolvePlan.ts` for the holes.
 *
 * An example of the input is copied between zeros where padding is needed, so that all that is read is an affine function
 * of position, channel and kernel element, and no index is tested. A tile (`convolveTile.ts`) is then either some positions
 * times a vector of outputs, with the kernels packed in vectors beforehand; or some outputs times a vector of positions,
 * which needs neighbours in the result to be neighbours in the input. Whichever fills its vectors better is taken.
 *
 * Padding multiplies by zero what should be left out, which shows where a kernel is not finite; then, and where padding
 * or holes would need more than a few times the memory of the input, a plain loop that tests indices computes the result.
 *
 * Scratch memory and result apart, nothing is written, and nothing is read outside of the operands.
 *
 * @since 0.1.0
 */
import {
  call,
  type Func,
  forEach,
  func,
  i32,
  type Local,
  leave,
  local,
  memory,
  type Statement,
  when,
} from '../assembler.js'
import { address, counted, overBlocks } from './blocks.js'
import { copyBox } from './boxes.js'
import { alongOutputs, alongPositions, type Choice } from './convolveChoice.js'
import { directConvolution } from './convolveDirect.js'
import { combinations, type Geometry, type Phase, pitches, spread } from './convolvePlan.js'
import { convolutionTile, type Terms } from './convolveTile.js'
import type { Features } from './features.js'
import { type Scalar, vectors } from './lanes.js'
import { finite, pack } from './pack.js'

/**
 * A convolution of `[examples, groups * channels, ...input]` with `[outputs, channels, ...kernel]`, both row-major, to
 * `[examples, outputs, ...output]`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Convolve extends Geometry {
  readonly scalar: Scalar
  readonly examples: number
  /** in each group */
  readonly channels: number
  readonly outputs: number
  readonly groups: number
}

/**
 * A function that convolves. Its arguments are the addresses of input, kernel, result and scratch memory, and the range of
 * examples `[from, to)` to compute.
 *
 * @category model
 * @since 0.1.0
 */
export interface ConvolveKernel {
  readonly func: Func<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'>
  /** bytes of scratch memory, for each range that is computed at the same time */
  readonly scratch: number
  /** what the order of sums hangs on; null where they run in the order of their terms */
  readonly tile: (Choice & { readonly along: 'positions' | 'outputs' }) | null
}

const size = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

/**
 * @category constructors
 * @since 0.1.0
 */
export const convolve = (features: Features, g: Convolve): ConvolveKernel => {
  const v = vectors[g.scalar]
  const { bytes } = v
  const direct = directConvolution(g)
  const apart = g.examples * g.outputs === 0 ? null : spread(g, g.groups * g.channels * size(g.input) * bytes)
  if (apart === null) return { func: direct, scratch: 0, tile: null }
  const { axes, phases, padded } = apart
  const padding = size(padded) > size(g.input)

  const each = g.outputs / g.groups
  const last = g.input.length - 1
  // tiles are chosen for the first phase, which is the largest
  const [largest] = phases
  const places = [last === 0 ? 1 : largest[last - 1].count, largest[last].count] as const
  const byOutputs = alongOutputs(v, features, each, ...places)
  const byPositions = largest[last].qStep === 1 ? alongPositions(v, features, each, ...places) : byOutputs
  const along = byPositions !== byOutputs && byPositions.cost <= byOutputs.cost ? 'positions' : 'outputs'
  const choice = along === 'positions' ? byPositions : byOutputs

  const plane = size(padded)
  const pitch = pitches(padded)
  const from = pitches(g.input)
  const onto = pitches(g.output)
  const kernelPitch = pitches(g.kernel)
  const taps = size(g.kernel)
  const kernelSize = g.channels * taps
  const outArea = size(g.output)
  const group = choice.outputs * bytes
  const panels = Math.ceil(each / choice.outputs) * choice.outputs

  const packedBytes = phases.map((f) =>
    along === 'positions' ? 0 : aligned(g.groups * panels * g.channels * size(f.map((p) => p.taps)) * bytes),
  )
  const packedAt = phases.map((_, i) => packedBytes.slice(0, i).reduce((sum, n) => sum + n, 0))
  const spacePacked = packedBytes.reduce((sum, n) => sum + n, 0)
  const spacePadded = padding ? aligned(g.groups * g.channels * plane * bytes) : 0

  /** The kernels of a phase, group by group, in panels of outputs side by side. */
  const packing = (w: Local<'i32'>, scratch: Local<'i32'>, f: ReadonlyArray<Phase>, i: number) => {
    const counts = f.map((p) => p.taps)
    const terms = size(counts)
    const whole = f.every((p, d) => p.jStep === 1 && p.taps === g.kernel[d])
    const outer = whole ? [] : [g.channels, ...counts.slice(0, last)]
    const inner = whole ? kernelSize : counts[last]
    const start = f.reduce((sum, p, d) => sum + p.j0 * kernelPitch[d], 0)
    const steps = [taps, ...f.map((p, d) => p.jStep * kernelPitch[d])]
    const packedPitch = pitches([g.channels, ...counts])
    return overBlocks(
      [...counted([g.groups]), { total: each, block: choice.outputs }, ...counted(outer)],
      ([at, o, ...rest], [, used]) => [
        call(
          pack(v, choice.outputs, used, { term: f[last].jStep * bytes, next: kernelSize * bytes }),
          address(w, start * bytes, [
            [at, each * kernelSize * bytes],
            [o, kernelSize * bytes],
            ...rest.map((c, d) => [c, steps[d] * bytes] as const),
          ]),
          address(scratch, packedAt[i], [
            [at, panels * g.channels * terms * bytes],
            [o, g.channels * terms * bytes],
            ...rest.map((c, d) => [c, packedPitch[d] * group] as const),
          ]),
          inner,
        ),
      ],
    )
  }

  /** Copies an example between the zeros. */
  const copying = (x: Local<'i32'>, scratch: Local<'i32'>, n: Local<'i32'>): ReadonlyArray<Statement> =>
    copyBox(
      v,
      [
        { count: g.groups * g.channels, from: size(g.input) * bytes, to: plane * bytes },
        ...g.input.map((count, d) => ({ count, from: from[d] * bytes, to: pitch[d] * bytes })),
      ],
      address(x, 0, [[n, g.groups * g.channels * size(g.input) * bytes]]),
      i32.add(scratch, spacePacked + axes.reduce((sum, a, d) => sum + a.before * pitch[d], 0) * bytes),
    )

  /** All results of a phase for an example. */
  const computing = (
    [x, w, y, scratch, n]: ReadonlyArray<Local<'i32'>>,
    f: ReadonlyArray<Phase>,
    i: number,
  ): ReadonlyArray<Statement> => {
    const counts = f.map((p) => p.taps)
    const terms = size(counts)
    const packedPitch = pitches([g.channels, ...counts])
    const blocks = f.map((p, d) => ({
      total: p.count,
      block: Math.min(p.count, d === last ? choice.wide : d === last - 1 ? choice.tall : 1),
    }))
    const read = f.map((p, d) => p.qStep * pitch[d] * bytes)
    const write = f.map((p, d) => p.period * onto[d] * bytes)
    const firstRead = f.reduce((sum, p, d) => sum + (axes[d].before + p.q0) * pitch[d], 0) * bytes
    const firstWrite = f.reduce((sum, p, d) => sum + p.first * onto[d], 0) * bytes
    const firstKernel = f.reduce((sum, p, d) => sum + p.j0 * kernelPitch[d], 0) * bytes
    const inputTerms = [plane * bytes, ...f.map((p, d) => p.qTap * pitch[d] * bytes)]
    const kernelTerms = [taps * bytes, ...f.map((p, d) => p.jStep * kernelPitch[d] * bytes)]
    const loops = (single: ReadonlyArray<number>, vector: ReadonlyArray<number>): ReadonlyArray<Terms> =>
      [g.channels, ...counts].map((count, l) => ({ count, single: single[l], vector: vector[l] }))
    return overBlocks(
      [...counted([g.groups]), { total: each, block: Math.min(each, choice.outputs) }, ...blocks],
      ([at, o, ...p], [, outputs, ...sizes]) => {
        const input = address(padding ? scratch : x, firstRead + (padding ? spacePacked : 0), [
          ...(padding ? [] : [[n, g.groups * g.channels * plane * bytes] as const]),
          [at, g.channels * plane * bytes],
          ...p.map((l, d) => [l, read[d]] as const),
        ])
        const result = address(y, firstWrite, [
          [n, g.outputs * outArea * bytes],
          [at, each * outArea * bytes],
          [o, outArea * bytes],
          ...p.map((l, d) => [l, write[d]] as const),
        ])
        if (along === 'positions') {
          const outputsOf = Array.from({ length: outputs }, (_, r) => r)
          const t = convolutionTile(v, features, {
            singles: outputsOf.map((r) => r * kernelSize * bytes),
            results: outputsOf.map((r) => r * outArea * bytes),
            columns: sizes[last],
            column: write[last],
            padded: false,
            terms: loops(kernelTerms, inputTerms),
          })
          const kernel = address(w, firstKernel, [
            [at, each * kernelSize * bytes],
            [o, kernelSize * bytes],
          ])
          return [call(t, kernel, input, result)]
        }
        const tileOf = combinations(sizes.map((n) => Array.from({ length: n }, (_, i) => i)))
        const offsets = (steps: ReadonlyArray<number>) =>
          tileOf.map((place) => place.reduce((sum, t, d) => sum + t * steps[d], 0))
        const t = convolutionTile(v, features, {
          singles: offsets(read),
          results: offsets(write),
          columns: outputs,
          column: outArea * bytes,
          padded: true,
          terms: loops(
            inputTerms,
            packedPitch.map((n) => n * group),
          ),
        })
        const kernel = address(scratch, packedAt[i], [
          [at, panels * g.channels * terms * bytes],
          [o, g.channels * terms * bytes],
        ])
        return [call(t, input, kernel, result)]
      },
    )
  }

  const made = func('convolve', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void', (x, w, y, scratch, begin, end) => {
    const n = local('i32')
    return [
      ...(padding
        ? [
            when(i32.eqz(call(finite(v, g.outputs * kernelSize), w)), [
              call(direct, x, w, y, scratch, begin, end),
              leave(),
            ]),
            memory.fill(i32.add(scratch, spacePacked), 0, spacePadded),
          ]
        : []),
      ...(along === 'outputs' ? phases.flatMap((f, i) => packing(w, scratch, f, i)) : []),
      forEach(n, begin, end, 1, [
        ...(padding ? copying(x, scratch, n) : []),
        ...phases.flatMap((f, i) => computing([x, w, y, scratch, n], f, i)),
      ]),
    ]
  })
  return { func: made, scratch: spacePacked + spacePadded, tile: { ...choice, along } }
}
