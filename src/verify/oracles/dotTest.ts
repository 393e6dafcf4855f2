/**
 * The adjoint dot test: `<c, J u> = <J^T c, u>`, forward mode by the pushforwards of the table against reverse mode by its
 * pullbacks. It finds transposes, indices and accumulations that are wrong; it is blind to a mistake that both modes share,
 * so it never stands alone.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Bounded } from '../../algebra/ErrorBound.js'
import { SAFETY } from '../../algebra/tolerance.js'
import type { Failure } from '../../Failure.js'
import { attempt, recorderOn } from '../../primitive/Recorder.js'
import { forwardSweep } from '../../transform/index.js'
import type { AnyVar } from '../../Var.js'
import { evaluated, type Flat, type Numbers, type Problem, weighed } from '../problem.js'
import { worstCase } from './rounding.js'

/**
 * Both sides, and what rounding explains.
 *
 * @category model
 * @since 0.1.0
 */
export interface DotTest {
  readonly forward: number
  readonly reverse: number
  readonly tolerance: number
  readonly agrees: boolean
}

/**
 * Compares both modes along a direction; `gradient` is that of reverse mode with its error bounds.
 *
 * @category oracles
 * @since 0.1.0
 */
export const dotTest = (
  { calculus, program, point, cotangent }: Problem,
  gradient: ReadonlyArray<ReadonlyArray<Bounded>>,
  direction: ReadonlyArray<Numbers>,
): E.Either<Failure, DotTest> => {
  const recorder = recorderOn(program.tape, calculus)
  const pushed = attempt((): E.Either<Failure, Flat> => {
    const { vocabulary: v, builder } = recorder
    const moving = program.inputs.map(
      (x, i) => [x, v.emit('input', [], { path: `tangent ${i}`, shape: x.shape, dtype: x.dtype })] as const,
    )
    const tangents = forwardSweep(recorder, 0, moving, program.tape.length)
    if (E.isLeft(tangents)) return tangents
    const outputs = program.outputs.map((y): AnyVar => tangents.right.get(y.id) ?? v.like(y, 0))
    const inputs = [...program.inputs, ...moving.map(([_, dx]) => dx)]
    return E.right({ _tag: 'Program', tape: builder.tape(), inputs, outputs })
  })
  if (E.isLeft(pushed)) return pushed
  const values = evaluated(worstCase, calculus, pushed.right)([...point, ...direction])
  if (E.isLeft(values)) return values
  const forward = weighed(worstCase, values.right.outputs, cotangent)
  const reverse = weighed(worstCase, gradient, direction)
  const tolerance = SAFETY * (forward.error + reverse.error)
  const difference = Math.abs(forward.value - reverse.value)
  return E.right({
    forward: forward.value,
    reverse: reverse.value,
    tolerance,
    agrees: difference <= tolerance || !Number.isFinite(difference),
  })
}
