/**
 * Convolution by its definition: a number at a time, every index tested. It is for what other ways cannot do.
 *
 * @since 0.1.0
 */
import {
  type Expr,
  type Func,
  f32,
  f64,
  forEach,
  func,
  i32,
  type Local,
  local,
  type Statement,
  set,
  when,
} from '../assembler.js'
import { type Geometry, pitches } from './convolvePlan.js'
import type { Scalar } from './lanes.js'

interface Direct extends Geometry {
  readonly scalar: Scalar
  readonly channels: number
  readonly outputs: number
  readonly groups: number
}

const size = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

/** `a * b + c` on indices, where `b` is a literal. */
const affine = (a: Expr<'i32'>, b: number, c: Expr<'i32'>): Expr<'i32'> => i32.add(i32.mul(a, b), c)

/**
 * The arguments are those of `convolve`; no scratch memory is used.
 *
 * @category constructors
 * @since 0.1.0
 */
export const directConvolution = (g: Direct): Func<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'> =>
  func('convolve_direct', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void', (x, w, y, _scratch, begin, end) => {
    const real = g.scalar === 'f32' ? f32 : f64
    const bytes = g.scalar === 'f32' ? 4 : 8
    const total = local(g.scalar)
    const [n, o, c, q] = [local('i32'), local('i32'), local('i32'), local('i32')]
    const p = g.output.map(() => local('i32'))
    const j = g.kernel.map(() => local('i32'))
    const met = g.input.map(() => local('i32'))
    const each = g.outputs / g.groups
    const plane = pitches(g.input)
    const onto = pitches(g.output)
    const within = pitches(g.kernel)
    const sum = (base: Expr<'i32'>, list: ReadonlyArray<Local<'i32'>>, steps: ReadonlyArray<number>): Expr<'i32'> =>
      list.reduce((rest: Expr<'i32'>, l, d) => affine(l, steps[d], rest), base)

    const channel = i32.add(affine(n, g.groups * g.channels, i32.mul(i32.div_u(o, each), g.channels)), c)
    const fromX = i32.add(x, i32.mul(sum(i32.mul(channel, size(g.input)), met, plane), bytes))
    const fromW = i32.add(w, i32.mul(sum(i32.mul(affine(o, g.channels, c), size(g.kernel)), j, within), bytes))
    const toY = i32.add(y, i32.mul(sum(i32.mul(affine(n, g.outputs, o), size(g.output)), p, onto), bytes))

    const real2 = real as typeof f64
    const add: Statement = set(
      total as Local<'f64'>,
      real2.add(total as Local<'f64'>, real2.mul(real2.load(fromX), real2.load(fromW))),
    )
    /** Loops over the kernel from dimension `d` on; what it meets outside of the input or in a hole is left out. */
    const taps = (d: number): ReadonlyArray<Statement> => {
      if (d === j.length) return [add]
      const gap = g.inputDilation[d]
      return [
        forEach(j[d], 0, g.kernel[d], 1, [
          set(q, i32.sub(affine(p[d], g.strides[d], i32.mul(j[d], g.kernelDilation[d])), g.low[d])),
          when(i32.and(i32.lt_u(q, g.input[d] * gap), i32.eqz(gap === 1 ? 0 : i32.rem_u(q, gap))), [
            set(met[d], gap === 1 ? q : i32.div_u(q, gap)),
            ...taps(d + 1),
          ]),
        ]),
      ]
    }
    const positions = (d: number): ReadonlyArray<Statement> =>
      d === p.length
        ? [
            set(total as Local<'f64'>, 0),
            forEach(c, 0, g.channels, 1, taps(0)),
            real2.store(toY, total as Local<'f64'>),
          ]
        : [forEach(p[d], 0, g.output[d], 1, positions(d + 1))]
    return [forEach(n, begin, end, 1, [forEach(o, 0, g.outputs, 1, positions(0))])]
  })
