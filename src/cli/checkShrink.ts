/**
 * The smallest point at which a gradient is wrong, among those that an arbitrary shrinks to.
 *
 * @since 0.1.0
 */

/** Verifications that one search may cost: a large point has more ways to shrink than anyone waits for. */
const MOST = 200

interface FastCheck {
  readonly property: (arbitrary: never, predicate: (point: unknown) => boolean) => unknown
  readonly check: (
    property: never,
    parameters: { readonly seed: number; readonly numRuns: number },
  ) => { readonly failed: boolean; readonly counterexample: readonly [unknown] | null }
}

/**
 * Draws points as the samples were drawn, and shrinks the first wrong one; `null` where none is wrong. The same seed gives the
 * same point.
 *
 * @category verification
 * @since 0.1.0
 */
export const smallestWrong = async (
  arbitrary: unknown,
  isWrong: (point: unknown) => boolean,
  { seed, samples }: { readonly seed: number; readonly samples: number },
): Promise<{ readonly point: unknown } | null> => {
  const fc = (await import('fast-check')) as unknown as FastCheck
  let calls = 0
  const property = fc.property(arbitrary as never, (point) => calls++ >= MOST || !isWrong(point))
  const { failed, counterexample } = fc.check(property as never, { seed, numRuns: samples })
  return failed && counterexample !== null ? { point: counterexample[0] } : null
}
