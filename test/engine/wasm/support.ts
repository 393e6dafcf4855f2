/** Assembles, compiles and instantiates a module, and gives its exports. */
import { assemble, type Module } from '../../../src/engine/wasm/assembler.js'

export type Exports = Record<string, (...args: ReadonlyArray<any>) => any>

export interface HostMemory {
  readonly buffer: ArrayBuffer
}

/** What the tests use of the host's WebAssembly, whose types are those of browsers. */
interface Host {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => HostMemory
}

export const host = (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly

export const instantiate = (module: Module, imports: object = {}): Exports =>
  new host.Instance(new host.Module(assemble(module)), imports).exports as Exports
