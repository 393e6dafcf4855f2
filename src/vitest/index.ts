/**
 * `wengert/vitest`: importing it teaches vitest's `expect` whether a gradient is right. Needs vitest.
 *
 * @since 0.1.0
 */
import { expect } from 'vitest'
import { checkModel } from '../cli/checkOutcome.js'
import type { Reverse } from '../Reverse.js'
import type * as Tree from '../Tree.js'
import type { VerifyOptions } from '../verify/index.js'

/**
 * Where and how to check: a point, and whatever `verifyGradient` takes.
 *
 * @category model
 * @since 0.1.0
 */
export interface GradientOptions<At> extends VerifyOptions {
  readonly at: At
}

/**
 * The points of a model.
 *
 * @category types
 * @since 0.1.0
 */
export type PointOf<Model> = Model extends (p: infer P) => Reverse<Tree.VarTree>
  ? P extends Tree.VarTree
    ? Tree.Inputs<P>
    : never
  : never

declare module 'vitest' {
  interface Matchers<T> {
    /**
     * The gradient of a model is right at a point, by `verifyGradient`. A kink passes where the derivative given is a
     * subgradient. `not` holds for a wrong gradient, and not for one that cannot be judged.
     */
    toHaveCorrectGradient(options: GradientOptions<PointOf<Awaited<T>>>): void
  }
}

/**
 * Judges a model for `expect`; importing this module registers it.
 *
 * @example
 * ```ts
 * import 'wengert/vitest'
 * import { expect } from 'vitest'
 * import { mul, sin, sum, tensor, type Var } from 'wengert'
 *
 * const model = (x: Var<readonly [3]>) => sum(mul(x, sin(x)))
 * expect(model).toHaveCorrectGradient({ at: tensor([-1, 0.5, 2]) })
 * ```
 *
 * @category matchers
 * @since 0.1.0
 */
export function toHaveCorrectGradient(
  this: { readonly isNot?: boolean },
  received: unknown,
  options: GradientOptions<unknown>,
): { readonly pass: boolean; readonly message: () => string } {
  if (typeof received !== 'function')
    throw new TypeError(`toHaveCorrectGradient: a model is needed, a function that records, not ${typeof received}`)
  const { at, ...how } = options
  const { status, message, report } = checkModel(received.name, received, at, how, () => 0)
  const reproducer = report?.reproducer ?? null
  const told = `${message}${reproducer === null ? '' : `\n\nreproducer:\n${reproducer}`}`
  if (this.isNot === true && status === 'undecided')
    return { pass: true, message: () => `expected a wrong gradient, and it cannot be told whether it is:\n${told}` }
  return {
    pass: status === 'right',
    message: () => (this.isNot === true ? `expected a wrong gradient, and it is right:\n${told}` : told),
  }
}

expect.extend({ toHaveCorrectGradient })
