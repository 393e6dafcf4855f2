/**
 * A process of the benchmark: `node engineSystem.js SYSTEM WORKLOAD`. See `engine.ts`.
 */
import { compile, type EngineOptions, type Running, type VarTree } from 'wengert'
import { systemBlas } from 'wengert/blas'
import { right } from '../engine/given.js'
import { loops } from './engineLoops.js'
import { type Stepper, serve } from './engineStepper.js'
import { workloads } from './engineWorkloads.js'

const compiled = (name: string, options: EngineOptions): Stepper => {
  const { program, inputs, donate, lossAfterTen } = workloads[name]()
  const state = right(right(compile({ ...options, donate })(program)).start(inputs as never)) as Running<
    VarTree,
    VarTree
  >
  const { loss } = state.outputs as unknown as { readonly loss: ArrayLike<number> }
  return { step: state.step, loss: () => (lossAfterTen === null ? null : loss[0]) }
}

const peer = async (file: string, name: string): Promise<Stepper> => {
  const { stepper } = (await import(`./peers/${file}.js`)) as {
    readonly stepper: (name: string) => Stepper | Promise<Stepper>
  }
  return stepper(name)
}

const systems: Readonly<Record<string, (name: string) => Stepper | Promise<Stepper>>> = {
  'wasm f32': (name) => compiled(name, { engine: 'wasm', scalar: 'f32' }),
  'wasm f64': (name) => compiled(name, { engine: 'wasm', scalar: 'f64' }),
  'BLAS f32': (name) => compiled(name, { engine: 'wasm', scalar: 'f32', blas: right(systemBlas()) }),
  'BLAS f64': (name) => compiled(name, { engine: 'wasm', scalar: 'f64', blas: right(systemBlas()) }),
  reference: (name) => compiled(name, { engine: 'reference' }),
  loops: (name) => loops[name](),
  'jax-js': (name) => peer('jaxjs', name),
  tfjs: (name) => peer('tfjs', name),
  'ONNX Runtime': (name) => peer('ort', name),
}

const [system, workload] = process.argv.slice(2)
await serve(() => systems[system](workload))
