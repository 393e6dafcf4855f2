/**
 * The few things of WebAssembly that the engine uses, typed here because the core knows no platform.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../../Failure.js'
import { assemble, func, i32x4 } from './assembler.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
}

/**
 * A compiled module. Only the host knows what is in it.
 *
 * @category model
 * @since 0.1.0
 */
export interface WasmModule {
  readonly __wasm: never
}

interface Platform {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Memory: new (size: {
    readonly initial: number
    readonly maximum?: number
    readonly shared?: boolean
  }) => WasmMemory
}

/**
 * The bytes of a page of memory.
 *
 * @category constants
 * @since 0.1.0
 */
export const PAGE: number = 65536

const probe = (): Uint8Array =>
  assemble({ exports: { probe: func('probe', [], 'i32', () => [i32x4.extract_lane(i32x4.const(0, 0, 0, 0), 0)]) } })

let found: E.Either<Failure, Platform> | null = null

/**
 * WebAssembly with vectors, or why there is none: `Unsupported`, once and for all.
 *
 * @category constructors
 * @since 0.1.0
 */
export const platform = (): E.Either<Failure, Platform> => {
  if (found !== null) return found
  const host = (globalThis as { readonly WebAssembly?: Platform }).WebAssembly
  const lacking =
    host === undefined ? 'no WebAssembly' : host.validate(probe()) ? null : 'a WebAssembly without vector instructions'
  found =
    lacking === null
      ? E.right(host as Platform)
      : fail('Unsupported', `compile: this host has ${lacking}; use the engine 'reference'`, { operation: 'compile' })
  return found
}

/** What a host throws when it will not, as a refusal. */
const attempt = <A>(tag: 'Unsupported' | 'TooLarge', what: string, f: () => A): E.Either<Failure, A> => {
  try {
    return E.right(f())
  } catch (e) {
    return fail(tag, `compile: the host refuses ${what}: ${e instanceof Error ? e.message : String(e)}`, {
      operation: 'compile',
    })
  }
}

/**
 * Compiles a module. Fails with `Unsupported` where the host forbids it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compiled = (host: Platform, bytes: Uint8Array): E.Either<Failure, WasmModule> =>
  attempt('Unsupported', 'the module', () => new host.Module(bytes))

/**
 * Allocates memory, of which threads may share the bytes. Fails with `TooLarge` where the host has not so much.
 *
 * @category constructors
 * @since 0.1.0
 */
export const allocated = (bytes: number, shared = false): E.Either<Failure, WasmMemory> => {
  const host = platform()
  if (E.isLeft(host)) return host
  const { Memory } = host.right
  const initial = Math.max(1, Math.ceil(bytes / PAGE))
  return attempt(
    'TooLarge',
    `${bytes} bytes of memory`,
    () => new Memory(shared ? { initial, maximum: initial, shared } : { initial }),
  )
}
