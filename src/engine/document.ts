/**
 * Executables as JSON: the program and the options it was compiled with. Reading one back compiles the program again,
 * without recording it; code is not written, since hosts differ and compiling is quick. Neither are a library for
 * products and threads: whoever reads gives them.
 *
 * Law: `load(save(options)(program))` runs as `compile(options)(program)` does.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Failure, fail } from '../Failure.js'
import { type DecodeOptions, decode, encode, type TapeDocument } from '../ProgramCodec.js'
import type { Program } from '../Tape.js'
import type { VarTree } from '../Tree.js'
import { compile, type EngineOptions } from './compile.js'
import type { Executable } from './Executable.js'

const FORMAT = 'wengert-executable'
const VERSION = 1

/**
 * @category model
 * @since 0.1.0
 */
export interface ExecutableDocument {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly options: Omit<EngineOptions, 'blas' | 'threads'>
  readonly program: TapeDocument
}

const Options: t.Type<ExecutableDocument['options'], unknown> = t.readonly(
  t.exact(
    t.partial({
      engine: t.keyof({ wasm: null, reference: null }),
      scalar: t.keyof({ f64: null, f32: null }),
      limit: t.number,
      donate: t.readonlyArray(t.string),
      finite: t.boolean,
    }),
  ),
) as t.Type<ExecutableDocument['options'], unknown>

const Document = t.type({
  format: t.literal(FORMAT),
  version: t.literal(VERSION),
  options: Options,
  program: t.unknown,
})

/**
 * A program and its options as plain JSON.
 *
 * @category encoding
 * @since 0.1.0
 */
export const save =
  ({ blas: _, threads: __, ...options }: EngineOptions = {}) =>
  (program: Program): ExecutableDocument => ({ format: FORMAT, version: VERSION, options, program: encode(program) })

/**
 * Compiles what was saved. Fails with `MalformedTape` on what is no such document, with what `decode` finds wrong with its
 * program, and with what `compile` refuses.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, record, spec, tensor, type Var } from 'wengert'
 * import { load, save } from 'wengert/engine'
 *
 * const program = record((x: Var<readonly [2]>) => mul(x, 3))(spec([2]))
 * assert(isRight(program))
 * const text = JSON.stringify(save({ scalar: 'f32' })(program.right))
 * const again = load(JSON.parse(text))
 * assert(isRight(again))
 * const y = again.right.run(tensor([1, 2]))
 * assert(isRight(y))
 * assert.deepStrictEqual(Array.from((y.right as { data: ArrayLike<number> }).data), [3, 6])
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const load = (
  u: unknown,
  { blas, threads, ...options }: DecodeOptions & Pick<EngineOptions, 'blas' | 'threads'> = {},
): E.Either<Failure, Executable<VarTree, VarTree>> => {
  const document = Document.decode(u)
  if (E.isLeft(document)) {
    const keys = document.left[0].context.map(({ key }) => key).filter((key) => key !== '')
    return fail(
      'MalformedTape',
      `load: ${keys.length === 0 ? 'the document' : keys.join('.')} is not what a ${FORMAT} of version ${VERSION} holds there`,
      { operation: 'load', path: keys.join('.') },
    )
  }
  const program = decode(document.right.program, options)
  if (E.isLeft(program)) return program
  const settings = {
    ...document.right.options,
    ...(blas === undefined ? {} : { blas }),
    ...(threads === undefined ? {} : { threads }),
  }
  return compile(settings)(program.right as Program<VarTree, VarTree>)
}
