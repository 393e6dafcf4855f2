/**
 * Programs that go roundabout: what a simplifier should see through, and what only looks like it. They are made of the
 * operands of every identity, true or false, and are tested at the numbers at which the false ones fail: zeros of both
 * signs, infinities, NaN, and numbers that over- or underflow.
 *
 * Like the sketches of `sketch.ts` they are lists of steps each of which fits whatever stands before it, so they shrink by
 * leaving out any step.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import type { Vocabulary } from '../../src/primitive/index.js'
import { attempt } from '../../src/primitive/Recorder.js'
import { step } from '../../src/Reverse.js'
import { equals, type Shape, size } from '../../src/Shape.js'
import type { AnyVar } from '../../src/Var.js'
import type { Model } from '../Model.js'
import { type Lookalike, lookalikeNames, lookalikes } from './roundabout/lookalikes.js'
import { EXTREME, ORDINARY, SPECIAL, TAME_PIVOTS, WHOLE } from './roundabout/numbers.js'
import { type Scene, type Step, steps } from './roundabout/steps.js'
import { bitsOf, choices, drawing, shapes } from './values.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Roundabout {
  readonly inputs: ReadonlyArray<Shape>
  readonly path: ReadonlyArray<{ readonly kind: number; readonly choices: ReadonlyArray<number> }>
  readonly seed: number
  /** commutative operations with their operands the other way round */
  readonly mirrored: boolean
  /** at numbers at which derivatives exist */
  readonly tame: boolean
}

/** How far back a step looks: seldom far. */
const BACK: ReadonlyArray<number> = [0, 0, 0, 1, 1, 2, 3, 5]

const all: ReadonlyArray<Step> = [...steps, ...Object.values(lookalikes)]

const MOST = 48
const MOST_DIMENSIONS = 4
const RESULTS = 3

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'eq', 'ne', 'and', 'or', 'xor'])

/** The vocabulary with swapped operands, where that makes no difference. */
const mirroring = (v: Vocabulary): Vocabulary => {
  const emit: Vocabulary['emit'] = (name, xs, attributes) =>
    v.emit(name, COMMUTATIVE.has(name) ? xs.toReversed() : xs, attributes)
  return { ...v, emit, add: (x, y) => v.add(y, x), mul: (x, y) => v.mul(y, x) }
}

const walk = (
  { path, mirrored, tame }: Roundabout,
  words: Vocabulary,
  inputs: ReadonlyArray<AnyVar>,
): ReadonlyArray<AnyVar> => {
  const v = mirrored ? mirroring(words) : words
  const pool = [...inputs]
  for (const { kind, choices: list } of path) {
    const draw = drawing(list)
    const back = (): AnyVar => pool[Math.max(0, pool.length - 1 - draw.pick(BACK))]
    const literal = (x: AnyVar): AnyVar => {
      const value = draw.pick(x.dtype === 'int' ? WHOLE : tame ? TAME_PIVOTS : SPECIAL)
      return v.like(x, x.dtype === 'bool' ? value & 1 : value)
    }
    const scene: Scene = {
      v,
      draw,
      any: (dtype) => {
        const x = back()
        return dtype === undefined ? x : v.convert(x, dtype)
      },
      beside: (x) => {
        const y = back()
        return draw.bool() && equals(x.shape, y.shape) ? v.convert(y, x.dtype) : literal(x)
      },
      literal,
    }
    const y = all[kind % all.length](scene)
    pool.push(
      size(y.shape) <= MOST && y.shape.length <= MOST_DIMENSIONS
        ? y
        : v.convert(
            v.sum(
              v.convert(y, 'real'),
              y.shape.map((_, d) => d),
            ),
            y.dtype,
          ),
    )
  }
  return pool.slice(-RESULTS).map((y) => v.convert(y, 'real'))
}

/**
 * A roundabout program as a model.
 *
 * @category conversions
 * @since 0.1.0
 */
export const roundaboutModel = (roundabout: Roundabout): Model => {
  const { inputs, seed, tame } = roundabout
  const numbers = tame ? ORDINARY : EXTREME
  return {
    label: 'roundabout program',
    inputs,
    point: inputs.map((shape, i) =>
      Array.from({ length: size(shape) }, (_, j) => numbers[bitsOf(seed, i, j) % numbers.length]),
    ),
    f: (xs) => step(xs, ({ vocabulary }, vars) => attempt(() => E.right(walk(roundabout, vocabulary, vars)))),
  }
}

const strokes = (from: number, to: number = all.length - 1) =>
  fc.record({ kind: fc.integer({ min: from, max: to }), choices })

/**
 * Roundabout programs: at extreme numbers, or at tame ones, where derivatives exist; ending in any of the look-alikes, or
 * in one of them.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const roundabouts = ({
  tame = false,
  maxLength = 5,
  ending,
}: {
  readonly tame?: boolean
  readonly maxLength?: number
  readonly ending?: Lookalike
} = {}): fc.Arbitrary<Roundabout> => {
  const one = ending === undefined ? undefined : steps.length + lookalikeNames.indexOf(ending)
  return fc.record({
    inputs: fc.array(
      fc.oneof(
        { weight: 1, arbitrary: shapes(3) },
        { weight: 1, arbitrary: fc.constantFrom<Shape>([2, 2, 2], [2, 2, 2], [2, 3]) },
      ),
      { minLength: 1, maxLength: 2 },
    ),
    path: fc
      .tuple(
        fc.array(strokes(0), { maxLength }),
        fc.array(strokes(one ?? steps.length, one), { minLength: 1, maxLength: RESULTS }),
      )
      .map(([before, last]) => [...before, ...last]),
    seed: fc.noShrink(fc.nat(2 ** 30)),
    mirrored: fc.constant(false),
    tame: fc.constant(tame),
  })
}
