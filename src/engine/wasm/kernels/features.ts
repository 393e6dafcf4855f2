/**
 * What the host's WebAssembly can do beyond the standard that every supported host has. It is found out by asking the host
 * to validate a module, never by its version.
 *
 * @since 0.1.0
 */
import { assemble, f32x4, func, v128 } from '../assembler.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Features {
  /** fused multiply-add (`relaxed_madd`) */
  readonly fma: boolean
  /** fused, and by a compiler that keeps a dozen sums in registers through long loops */
  readonly wide: boolean
}

/**
 * @category constants
 * @since 0.1.0
 */
export const baseline: Features = { fma: false, wide: false }

/** A module of one type, a structure: compilers that know such types are young enough for wide tiles. */
const STRUCTURE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0)

/**
 * The features of a host, by its `WebAssembly.validate`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const featuresOf = (validate: (bytes: Uint8Array<ArrayBuffer>) => boolean): Features => {
  const fma = validate(
    assemble({
      exports: {
        f: func('f', ['i32'], 'void', (p) => [
          v128.store(p, f32x4.relaxed_madd(v128.load(p), v128.load(p), v128.load(p))),
        ]),
      },
      memory: { pages: 1 },
    }),
  )
  return { fma, wide: fma && validate(STRUCTURE) }
}
