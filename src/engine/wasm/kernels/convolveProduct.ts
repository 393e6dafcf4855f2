/**
 * Convolutions as products of matrices, for a library that multiplies: what is summed is copied side by side into scratch
 * memory (K. Chellapilla, S. Puri and P. Simard, 2006), and a result is a row of kernels times a column of copies,
 *
 *     T[o, (n, p)] = sum over (c, j) of W[o, (c, j)] X[(c, j), (n, p)],   X[(c, j), (n, p)] = x[n, c, q(p, j)]
 *
 * for each group and phase (`convolvePlan.ts`), and T is then copied to where it belongs. Inputs stand between zeros as for
 * the engine's own kernels, and a kernel that is not finite is left to them.
 *
 * X would be as large as the input times the kernel, so it is made in blocks: of examples, or of rows of positions where
 * one example is too large. Where kernels are larger than results, as in gradients of kernels, X is copied as its
 * transpose, whose rows follow the rows of the input, and the blocks are of channels, or of rows of kernel elements, whose
 * products are added up in T.
 *
 * @since 0.1.0
 */
import type { Multiplication, Placed } from '../../Blas.js'
import {
  call,
  type Expr,
  type Func,
  forEach,
  func,
  type Imported,
  i32,
  imported,
  type Local,
  leave,
  local,
  memory,
  type Statement,
  set,
  when,
} from '../assembler.js'
import { address, overBlocks } from './blocks.js'
import { copyBox, type Side } from './boxes.js'
import type { Convolve } from './convolve.js'
import { directConvolution } from './convolveDirect.js'
import { type Phase, pitches, spread } from './convolvePlan.js'
import { vectors } from './lanes.js'
import { finite } from './pack.js'

/**
 * A function of the addresses of input, kernel, result and scratch memory, and of a number by which it calls `multiply`,
 * with the position of a product in the list.
 *
 * @category model
 * @since 0.1.0
 */
export interface ConvolveProducts {
  readonly func: Func<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], 'void'>
  /** bytes of scratch memory */
  readonly scratch: number
  readonly products: ReadonlyArray<Placed>
}

/**
 * What multiplies, by the number of a convolution and the position of a product.
 *
 * @category model
 * @since 0.1.0
 */
export const multiply: Imported<readonly ['i32', 'i32'], 'void'> = imported('host', 'multiply', ['i32', 'i32'], 'void')

/** The bytes of a block of copies: a part of a level-two cache. */
const BLOCK = 2 ** 18

const size = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

/** How many of `total` make a block, where each takes so many bytes. */
const blockOf = (total: number, bytes: number): number => Math.max(1, Math.min(total, Math.floor(BLOCK / bytes)))

/** Where the blocks of a dimension start that are of a size. */
const startsOf = (total: number, block: number, of: number): ReadonlyArray<number> =>
  of < block ? [total - of] : Array.from({ length: Math.floor(total / block) }, (_, i) => i * block)

/** More products than this need too many views of memory. */
const MOST_PRODUCTS = 1024

type Loop = readonly [count: number, step: number]

/** Loops by row-major steps in the array that they are copied to; given are counts and steps in the other, in elements. */
const dense = (bytes: number, loops: ReadonlyArray<Loop>): ReadonlyArray<Side> => {
  const to = pitches(loops.map(([count]) => count))
  return loops.map(([count, step], d) => ({ count, from: step * bytes, to: to[d] * bytes }))
}

/**
 * Copying a number takes as long as some multiplications, and it is multiplied once for each output of its group: as many
 * make it worth while, more where numbers do not stand side by side or products are added up. Thinner matrices than `THIN` are multiplied slowly.
 */
const [SIDE_BY_SIDE, APART, THIN] = [16, 32, 32]

/**
 * The convolution by products; null where there is nothing to compute, where some positions sum nothing, where that would
 * take too much memory, or, unless `always`, where the engine's own kernels take less time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const convolveProducts = (g: Convolve, always = false): ConvolveProducts | null => {
  const v = vectors[g.scalar]
  const { bytes } = v
  const each = g.outputs / g.groups
  const all = g.groups * g.channels
  const image = size(g.input)
  const taps = size(g.kernel)
  const area = size(g.output)
  const apart = g.examples * g.outputs === 0 ? null : spread(g, all * image * bytes)
  if (apart === null || apart.phases.some((f) => f.some((p) => p.taps === 0))) return null
  const { axes, phases, padded } = apart
  const padding = size(padded) > image
  const whole = (f: ReadonlyArray<Phase>): boolean => f.every((p, d) => p.jStep === 1 && p.taps === g.kernel[d])
  const [largest] = phases
  const turned = phases.length === 1 && whole(largest) && taps > area

  const last = largest[largest.length - 1]
  const enough = !turned && last.qStep === 1 ? SIDE_BY_SIDE : APART
  if (!always && (each < enough || Math.min(g.channels * taps, g.examples * area) < THIN)) return null

  const [pitch, onto, within] = [padded, g.output, g.kernel].map(pitches)
  const plane = size(padded)
  /** bytes */
  const offset = (steps: ReadonlyArray<number>, of: (d: number) => number): number =>
    steps.reduce((sum, step, d) => sum + step * of(d), 0) * bytes
  const tapsOf = (f: ReadonlyArray<Phase>): number => size(f.map((p) => p.taps))
  const placesOf = (f: ReadonlyArray<Phase>): number => size(f.map((p) => p.count))

  // blocks are of examples and of rows of positions, or of channels and of rows of kernel elements
  const rowsOf = ([p]: ReadonlyArray<Phase>): number => (turned ? p.taps : p.count)
  const [ones, rows] = [turned ? g.channels : g.examples, rowsOf(largest)]
  const lines = phases.map((f) => ((tapsOf(f) * placesOf(f)) / rowsOf(f)) * (turned ? g.examples : g.channels))
  const line = Math.max(...lines)
  const block = { ones: blockOf(ones, rows * line * bytes), rows: blockOf(rows, line * bytes) }
  const [examples, channels] = turned ? [g.examples, block.ones] : [block.ones, g.channels]

  // where inputs stand between zeros, X, T, and the kernels of phases that have not all elements
  const spaces = [
    padding ? examples * channels * plane : 0,
    block.ones * block.rows * line,
    (each * examples * placesOf(largest) * (turned ? 1 : block.rows)) / (turned ? 1 : rows),
    ...phases.map((f) => (whole(f) ? 0 : each * g.channels * tapsOf(f))),
  ].map((n) => Math.ceil((n * bytes) / 64) * 64)
  const starts = spaces.map((_, i) => spaces.slice(0, i).reduce((sum, n) => sum + n, 0))
  const [, atX, atT, ...atPacked] = starts
  const products: Array<Placed> = []

  const made = func('convolve_products', ['i32', 'i32', 'i32', 'i32', 'i32'], 'void', (x, w, y, scratch, id) => {
    const [group, input, kernel, result] = [local('i32'), local('i32'), local('i32'), local('i32')]
    const [example, channel] = padding ? [channels * plane, plane] : [all * image, image]

    /** The input of a block between its zeros. */
    const spreading = (first: Local<'i32'>, count: number): ReadonlyArray<Statement> =>
      copyBox(
        v,
        [
          { count: turned ? g.examples : count, from: all * image * bytes, to: example * bytes },
          { count: turned ? count : g.channels, from: image * bytes, to: channel * bytes },
          ...g.input.map((n, d) => ({ count: n, from: pitches(g.input)[d] * bytes, to: pitch[d] * bytes })),
        ],
        address(input, 0, [[first, (turned ? image : all * image) * bytes]]),
        i32.add(
          scratch,
          offset(pitch, (d) => axes[d].before),
        ),
      )

    /** The kernels of a phase in a row. */
    const packing = (f: ReadonlyArray<Phase>, i: number): ReadonlyArray<Statement> =>
      copyBox(
        v,
        dense(bytes, [[each * g.channels, taps], ...f.map((p, d): Loop => [p.taps, p.jStep * within[d]])]),
        i32.add(
          kernel,
          offset(within, (d) => f[d].j0),
        ),
        i32.add(scratch, atPacked[i]),
      )

    /** The product of a block: `n` examples or channels from `first` on, and `m` rows from `row` on. */
    const multiplying = (
      f: ReadonlyArray<Phase>,
      i: number,
      [first, n]: readonly [Local<'i32'>, number],
      [row, m]: readonly [Local<'i32'>, number],
    ): ReadonlyArray<Statement> => {
      const terms: ReadonlyArray<Loop> = [
        [turned ? n : g.channels, channel],
        ...f.map((p, d): Loop => [turned && d === 0 ? m : p.taps, p.qTap * pitch[d]]),
      ]
      const cases: ReadonlyArray<Loop> = [
        [turned ? g.examples : n, example],
        ...f.map((p, d): Loop => [!turned && d === 0 ? m : p.count, p.qStep * pitch[d]]),
      ]
      const [k, columns] = [terms, cases].map((loops) => size(loops.map(([count]) => count)))
      const start = offset(pitch, (d) => axes[d].before + f[d].q0)
      const step = (turned ? f[0].qTap : f[0].qStep) * pitch[0] * bytes
      const from = address(padding ? scratch : input, start, [
        [row, step],
        [first, padding ? 0 : (turned ? channel : example) * bytes],
      ])
      const multiplication: Multiplication = {
        scalar: g.scalar,
        m: each,
        n: columns,
        k,
        left: { transposed: false, leading: g.channels * tapsOf(f) },
        right: { transposed: turned, leading: turned ? k : columns },
        leading: columns,
        accumulate: turned,
      }
      // X and T always stand in the same places; a block of terms has its own columns of the kernels
      const before = products.length
      const [firsts, starting] = turned ? [startsOf(ones, block.ones, n), startsOf(rows, block.rows, m)] : [[0], [0]]
      for (const c of firsts)
        for (const r of starting)
          for (let at = 0; at < g.groups; at++)
            products.push({
              multiplication,
              left: whole(f)
                ? { packed: false, at: at * each * g.channels * taps + c * taps + (r * taps) / rows }
                : { packed: true, at: atPacked[i] / bytes },
              right: atX / bytes,
              result: atT / bytes,
            })
      const position = (start: Local<'i32'>, list: ReadonlyArray<number>, of: number): Expr<'i32'> =>
        list.length === 1 ? i32.const(0) : i32.div_u(start, of)
      const which = turned
        ? i32.add(i32.mul(position(first, firsts, block.ones), starting.length), position(row, starting, block.rows))
        : i32.const(0)
      return [
        ...copyBox(v, dense(bytes, turned ? [...cases, ...terms] : [...terms, ...cases]), from, i32.add(scratch, atX)),
        call(multiply, id, i32.add(i32.add(group, before), i32.mul(which, g.groups))),
      ]
    }

    /** T to where it belongs, for so many examples from `first` on and so many rows of positions from `row` on. */
    const placing = (f: ReadonlyArray<Phase>, first: Expr<'i32'>, n: number, row: Expr<'i32'>, m: number) => {
      const places = f.map((p, d) => (d === 0 ? m : p.count))
      const loops: ReadonlyArray<Loop> = [
        [each, area],
        [n, g.outputs * area],
        ...f.map((p, d): Loop => [places[d], p.period * onto[d]]),
      ]
      return copyBox(
        v,
        dense(bytes, loops).map(({ count, from, to }) => ({ count, from: to, to: from })),
        i32.add(scratch, atT),
        address(
          result,
          offset(onto, (d) => f[d].first),
          [
            [first, g.outputs * area * bytes],
            [row, f[0].period * onto[0] * bytes],
          ],
        ),
      )
    }

    const blocks = overBlocks([{ total: ones, block: block.ones }], ([first], [n]) => [
      ...(padding ? spreading(first, n) : []),
      ...phases.flatMap((f, i) =>
        overBlocks([{ total: rowsOf(f), block: Math.min(rowsOf(f), block.rows) }], ([row], [m]) => [
          ...multiplying(f, i, [first, n], [row, m]),
          ...(turned ? [] : placing(f, first, n, row, m)),
        ]),
      ),
    ])
    return [
      ...(padding
        ? [
            when(i32.eqz(call(finite(v, g.outputs * g.channels * taps), w)), [
              call(directConvolution(g), x, w, y, scratch, 0, g.examples),
              leave(),
            ]),
            memory.fill(scratch, 0, spaces[0]),
          ]
        : []),
      forEach(group, 0, g.groups, 1, [
        set(input, address(x, 0, [[group, g.channels * image * bytes]])),
        set(kernel, address(w, 0, [[group, each * g.channels * taps * bytes]])),
        set(result, address(y, 0, [[group, each * area * bytes]])),
        ...phases.flatMap((f, i) => (whole(f) ? [] : packing(f, i))),
        ...(turned ? [memory.fill(i32.add(scratch, atT), 0, spaces[2])] : []),
        ...blocks,
        ...(turned ? placing(largest, i32.const(0), g.examples, i32.const(0), largest[0].count) : []),
      ]),
    ]
  })
  const scratch = spaces.reduce((sum, n) => sum + n, 0)
  return products.length > MOST_PRODUCTS ? null : { func: made, scratch, products }
}
