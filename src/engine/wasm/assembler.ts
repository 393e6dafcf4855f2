/**
 * A small assembler for WebAssembly: functions written as typed expressions become a module's bytes.
 *
 * A module is what its exports reach: their functions, the functions called from there, and the imports among them. The
 * same functions always give the same bytes. A misuse that types cannot rule out (a branch to a label from outside of its
 * block, a function beyond the host's limits) throws: it is a bug of the generator, not of data.
 *
 *     const square = func('square', ['f64'], 'f64', (x) => [f64.mul(x, x)])
 *     const fourth = func('fourth', ['f64'], 'f64', (x) => [call(square, call(square, x))])
 *     const bytes = assemble({ exports: { fourth } })
 *
 * @since 0.1.0
 */
import { encodeBody, reach, type Sink, signature, sink, text } from './assemblerEncode.js'
import { type Callable, type Func, signed, unsigned } from './assemblerModel.js'

export * from './assemblerControl.js'
export { MAX_BODY, MAX_LOCALS } from './assemblerEncode.js'
export {
  type Body,
  type Callable,
  call,
  type Expr,
  type Func,
  func,
  type Imported,
  imported,
  type Label,
  type Local,
  local,
  type Operand,
  type ResultType,
  type Statement,
  set,
  tee,
  type ValueType,
} from './assemblerModel.js'
export { f32, f64, i32, i64, memory } from './assemblerScalar.js'
export { f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, type Lanes, v128 } from './assemblerVector.js'

/**
 * The linear memory, in pages of 65536 bytes. A shared one needs a maximum.
 *
 * @category model
 * @since 0.1.0
 */
export interface Memory {
  /** the smallest number of pages */
  readonly pages: number
  readonly most?: number
  readonly shared?: boolean
  /** where the host gives it; the module has its own where this is absent */
  readonly from?: readonly [module: string, name: string]
  /** the name it is exported under, if it is */
  readonly as?: string
}

/**
 * Bytes that memory holds from the start.
 *
 * @category model
 * @since 0.1.0
 */
export interface Data {
  readonly address: number
  readonly bytes: Uint8Array
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Module {
  readonly exports: Readonly<Record<string, Func>>
  readonly memory?: Memory
  readonly data?: ReadonlyArray<Data>
}

const section = (out: Sink, id: number, content: Uint8Array): void => {
  if (content.length > 0) {
    out.put([id, ...unsigned(content.length)])
    out.put(content)
  }
}

/** A vector of the format, empty where nothing is in it. */
const list = <A>(items: ReadonlyArray<A>, put: (out: Sink, item: A) => void): Uint8Array => {
  const out = sink()
  if (items.length > 0) out.put(unsigned(items.length))
  for (const item of items) put(out, item)
  return out.done()
}

const limits = ({ pages, most, shared = false }: Memory): ReadonlyArray<number> =>
  most === undefined ? [shared ? 2 : 0, ...unsigned(pages)] : [shared ? 3 : 1, ...unsigned(pages), ...unsigned(most)]

/**
 * The bytes of a module.
 *
 * @category destructors
 * @since 0.1.0
 */
export const assemble = ({ exports, memory, data = [] }: Module): Uint8Array<ArrayBuffer> => {
  const [imports, functions] = reach(Object.values(exports))
  const indexOf = new Map<Callable, number>([...imports, ...functions].map((f, i) => [f, i]))

  const types = new Map<string, number>()
  const typeOf = (f: Callable): number => {
    const key = signature(f).join()
    const known = types.get(key)
    if (known !== undefined) return known
    types.set(key, types.size)
    return types.size - 1
  }
  const typeOfEach = [...indexOf.keys()].map(typeOf)
  const signatures = [...types.keys()].map((key) => key.split(',').map(Number))

  const given: ReadonlyArray<ReadonlyArray<number>> = [
    ...imports.map((f, i) => [...text(f.module), ...text(f.name), 0x00, ...unsigned(typeOfEach[i])]),
    ...(memory?.from === undefined ? [] : [[...memory.from.flatMap(text), 0x02, ...limits(memory)]]),
  ]
  const shown: ReadonlyArray<ReadonlyArray<number>> = [
    ...Object.entries(exports).map(([name, f]) => [...text(name), 0x00, ...unsigned(indexOf.get(f) as number)]),
    ...(memory?.as === undefined ? [] : [[...text(memory.as), 0x02, 0]]),
  ]
  const put = (out: Sink, bytes: ReadonlyArray<number>): void => out.put(bytes)
  const sized = (out: Sink, bytes: Uint8Array): void => {
    out.put(unsigned(bytes.length))
    out.put(bytes)
  }

  const out = sink()
  out.put([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  section(out, 1, list(signatures, put))
  section(out, 2, list(given, put))
  section(
    out,
    3,
    list(typeOfEach.slice(imports.length), (o, type) => o.put(unsigned(type))),
  )
  section(out, 5, list(memory === undefined || memory.from !== undefined ? [] : [limits(memory)], put))
  section(out, 7, list(shown, put))
  section(
    out,
    10,
    list(functions, (o, f) => sized(o, encodeBody(f, indexOf))),
  )
  section(
    out,
    11,
    list(data, (o, { address, bytes }) => {
      o.put([0x00, 0x41, ...signed(address | 0), 0x0b])
      sized(o, bytes)
    }),
  )
  // the names of the functions, for whoever reads a stack trace or a disassembly
  const names = list([...indexOf], (o, [f, i]) => o.put([...unsigned(i), ...text(f.name)]))
  const custom = sink()
  custom.put(text('name'))
  section(custom, 1, names)
  section(out, 0, custom.done())
  return out.done()
}
