/**
 * The BLAS of the system: OpenBLAS, MKL or Accelerate, called through the optional library `koffi` on the engine's own
 * memory, without a copy.
 *
 * One thread unless told otherwise, so that a step has the same bits each time and leaves the other cores alone.
 *
 * @since 0.1.0
 */
import { createRequire } from 'node:module'
import * as E from 'fp-ts/lib/Either.js'
import type { Blas, Multiplication } from '../engine/Blas.js'
import { type Failure, fail } from '../Failure.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface SystemBlasOptions {
  /** a file or library name to load instead of looking for one; else what the variable `WENGERT_BLAS` says */
  readonly library?: string
  /** how many threads it may use, where it lets itself be told; 1 unless given */
  readonly threads?: number
}

/** What is called of koffi. */
interface Koffi {
  readonly load: (name: string) => {
    readonly func: (
      name: string,
      result: string,
      parameters: ReadonlyArray<string>,
    ) => (...args: ReadonlyArray<unknown>) => unknown
  }
}

/** Where libraries stand, in the order in which they are tried. */
const candidates: Readonly<Record<string, ReadonlyArray<string>>> = {
  linux: ['libopenblas.so.0', 'libopenblas.so', 'libmkl_rt.so.2', 'libmkl_rt.so'],
  darwin: [
    '/System/Library/Frameworks/Accelerate.framework/Accelerate',
    '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
    '/usr/local/opt/openblas/lib/libopenblas.dylib',
  ],
  win32: ['libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.dll'],
}

/** How to get one. */
const advice: Readonly<Record<string, string>> = {
  linux: 'install OpenBLAS (apt install libopenblas0, dnf install openblas)',
  darwin: 'install OpenBLAS (brew install openblas)',
  win32: 'install OpenBLAS and put libopenblas.dll on the PATH',
}

/** The functions by which libraries are told how many threads to use. */
const THREADS = ['openblas_set_num_threads', 'MKL_Set_Num_Threads']

/**
 * Below so many multiplications a call takes longer than the engine's own kernel: calling takes 0.2 to 0.4 us, and libraries
 * need some time to begin.
 */
const LEAST = 100_000

const ROW_MAJOR = 101
const [PLAIN, TRANSPOSED] = [111, 112]

const attempt = <A>(f: () => A): E.Either<Error, A> => E.tryCatch(f, E.toError)

const lacking = (sentence: string): E.Either<Failure, never> =>
  fail('Unsupported', `systemBlas: ${sentence}`, { operation: 'systemBlas' })

type Call = (...args: ReadonlyArray<unknown>) => unknown

/** `cblas_sgemm` or `cblas_dgemm` of a library. */
const gemmOf = (library: ReturnType<Koffi['load']>, letter: 's' | 'd', real: 'float' | 'double'): Call =>
  library.func(`cblas_${letter}gemm`, 'void', [
    ...['int', 'int', 'int', 'int', 'int', 'int'],
    ...[real, 'const void*', 'int', 'const void*', 'int'],
    ...[real, 'void*', 'int'],
  ])

const opened = (koffi: Koffi, name: string, threads: number): E.Either<Error, Blas> =>
  attempt(() => {
    const library = koffi.load(name)
    const gemm = { f32: gemmOf(library, 's', 'float'), f64: gemmOf(library, 'd', 'double') }
    for (const setting of THREADS) attempt(() => library.func(setting, 'void', ['int'])(threads))
    return {
      name,
      least: LEAST,
      product: ({ scalar, m, n, k, left, right, leading, accumulate }: Multiplication, a, b, c) => {
        const call = gemm[scalar]
        const [formA, formB] = [left, right].map(({ transposed }) => (transposed ? TRANSPOSED : PLAIN))
        return () => {
          call(ROW_MAJOR, formA, formB, m, n, k, 1, a, left.leading, b, right.leading, accumulate ? 1 : 0, c, leading)
        }
      },
    }
  })

/**
 * The BLAS of this system, to be given to `compile`. Fails with `Unsupported`, saying what to install, where there is none
 * or no `koffi`; the engine's own kernels serve without it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { compile, matmul, record, spec, tensor, type Var } from 'wengert'
 * import { systemBlas } from 'wengert/blas'
 *
 * const square = (x: Var<readonly [2, 2]>) => matmul(x, x)
 * const program = record(square)(spec([2, 2]))
 * assert(isRight(program))
 * const blas = systemBlas()
 * const fast = compile(isRight(blas) ? { blas: blas.right } : {})(program.right)
 * assert(isRight(fast))
 * assert.deepStrictEqual(fast.right.run(tensor([[1, 1], [0, 1]])), { _tag: 'Right', right: tensor([[1, 2], [0, 1]]) })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const systemBlas = (options: SystemBlasOptions = {}): E.Either<Failure, Blas> => {
  const { threads = 1, library = process.env.WENGERT_BLAS } = options
  if (!Number.isInteger(threads) || threads < 1)
    return fail('InvalidArgument', `systemBlas: the number of threads must be an integer >= 1, not ${threads}`, {
      operation: 'systemBlas',
    })
  const koffi = attempt(() => createRequire(import.meta.url)('koffi') as Koffi)
  if (E.isLeft(koffi)) return lacking('it needs the optional package koffi; npm install koffi')
  // Accelerate reads this when it is loaded
  if (process.platform === 'darwin') process.env.VECLIB_MAXIMUM_THREADS = String(threads)
  const names = library === undefined ? (candidates[process.platform] ?? []) : [library]
  for (const name of names) {
    const blas = opened(koffi.right, name, threads)
    if (E.isRight(blas)) return blas
    if (library !== undefined) return lacking(`${library} is no BLAS that can be loaded: ${blas.left.message}`)
  }
  return lacking(
    `no BLAS was found (${names.join(', ')}); ${advice[process.platform] ?? 'name one by the option library'}`,
  )
}
