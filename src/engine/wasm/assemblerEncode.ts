/**
 * From functions to the binary format: which functions and locals are used, their indices, labels as depths, sections.
 *
 * Time and memory are linear in the size of the code, and trees may be nested as deeply as they like.
 *
 * @since 0.1.0
 */
import {
  type Callable,
  type Expr,
  type Func,
  type Imported,
  type Label,
  type Local,
  type ResultType,
  unsigned,
  type ValueType,
} from './assemblerModel.js'

const TYPES: { readonly [T in ResultType]: number } = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  void: 0x40,
}

/**
 * Bytes that grow.
 *
 * @category encoding
 * @since 0.1.0
 */
export interface Sink {
  readonly put: (bytes: ArrayLike<number>) => void
  /** all that was put so far */
  readonly done: () => Uint8Array<ArrayBuffer>
}

/**
 * @category encoding
 * @since 0.1.0
 */
export const sink = (): Sink => {
  let bytes = new Uint8Array(256)
  let used = 0
  return {
    put: (more) => {
      if (used + more.length > bytes.length) {
        const grown = new Uint8Array(Math.max(2 * bytes.length, used + more.length))
        grown.set(bytes.subarray(0, used))
        bytes = grown
      }
      bytes.set(more, used)
      used += more.length
    },
    done: () => bytes.slice(0, used),
  }
}

/** Every expression of a body, in any order. */
const walk = (body: ReadonlyArray<Expr>, visit: (e: Expr) => void): void => {
  const rest = [...body]
  for (let e = rest.pop(); e !== undefined; e = rest.pop()) {
    visit(e)
    for (const arg of e.args) rest.push(arg)
  }
}

/**
 * The functions that some functions reach, themselves included: imports first, then the module's own, each in the order
 * in which it is met.
 *
 * @category encoding
 * @since 0.1.0
 */
export const reach = (roots: ReadonlyArray<Callable>): readonly [ReadonlyArray<Imported>, ReadonlyArray<Func>] => {
  const met = new Set<Callable>(roots)
  for (const f of met)
    if (f._tag === 'Func')
      walk(f.body, ({ op }) => {
        if (op._tag === 'Call') met.add(op.target)
      })
  const all = [...met]
  return [all.filter((f) => f._tag === 'Imported'), all.filter((f) => f._tag === 'Func')]
}

/** The locals that a body mentions beyond the parameters, grouped by type, as the format wants them. */
const mentioned = ({ name, locals, body }: Func): ReadonlyMap<ValueType, ReadonlyArray<Local>> => {
  const known = new Set<Expr>(locals)
  const found = new Map<ValueType, Array<Local>>()
  walk(body, (e) => {
    const l = e.op._tag === 'Get' ? (e as Local) : e.op._tag === 'Set' ? e.op.local : null
    if (l === null || known.has(l)) return
    known.add(l)
    const list = found.get(l.type)
    if (list === undefined) found.set(l.type, [l])
    else list.push(l)
  })
  if (known.size > MAX_LOCALS) throw new Error(`${name} has ${known.size} locals, more than ${MAX_LOCALS}`)
  return found
}

/**
 * The most locals that hosts take in a function.
 *
 * @category constants
 * @since 0.1.0
 */
export const MAX_LOCALS = 50000

/**
 * The most bytes that hosts take in the body of a function.
 *
 * @category constants
 * @since 0.1.0
 */
export const MAX_BODY = 7654321

/**
 * The body of a function: its locals and its instructions, without the size before it.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeBody = (f: Func, indexOf: ReadonlyMap<Callable, number>): Uint8Array<ArrayBuffer> => {
  const out = sink()
  const extra = mentioned(f)
  const indices = new Map<Expr, number>()
  for (const l of f.locals) indices.set(l, indices.size)
  out.put(unsigned(extra.size))
  for (const [type, list] of extra) {
    out.put([...unsigned(list.length), TYPES[type]])
    for (const l of list) indices.set(l, indices.size)
  }

  const labels: Array<Label | null> = []
  const depth = (label: Label): number => {
    const at = labels.lastIndexOf(label)
    if (at < 0) throw new Error(`${f.name} branches to a label that it is not inside of`)
    return labels.length - 1 - at
  }
  const end = (): void => {
    labels.pop()
    out.put([0x0b])
  }
  const otherwise = (): void => out.put([0x05])

  // what is still to be done, the next thing last
  const rest: Array<Expr | (() => void)> = []
  const later = (list: ReadonlyArray<Expr>, from = 0, to = list.length): void => {
    for (let i = to - 1; i >= from; i--) rest.push(list[i])
  }
  later(f.body)
  for (let e = rest.pop(); e !== undefined; e = rest.pop()) {
    if (typeof e === 'function') {
      e()
      continue
    }
    const { op, args, type } = e
    switch (op._tag) {
      case 'Bytes': {
        if (args.length === 0) out.put(op.bytes)
        else rest.push(() => out.put(op.bytes))
        later(args)
        break
      }
      case 'Get':
        out.put([0x20, ...unsigned(indices.get(e) as number)])
        break
      case 'Set':
        rest.push(() => out.put([op.keep ? 0x22 : 0x21, ...unsigned(indices.get(op.local) as number)]))
        later(args)
        break
      case 'Call':
        rest.push(() => out.put([0x10, ...unsigned(indexOf.get(op.target) as number)]))
        later(args)
        break
      case 'Sequence':
        later(args)
        break
      case 'Block':
        labels.push(op.label)
        out.put([op.loop ? 0x03 : 0x02, TYPES[type]])
        rest.push(end)
        later(args)
        break
      case 'If':
        rest.push(end)
        later(args, 1 + op.taken)
        if (args.length > 1 + op.taken) rest.push(otherwise)
        later(args, 1, 1 + op.taken)
        rest.push(() => {
          labels.push(null)
          out.put([0x04, TYPES[type]])
        })
        rest.push(args[0])
        break
      case 'Branch':
        rest.push(() => out.put([op.conditional ? 0x0d : 0x0c, ...unsigned(depth(op.label))]))
        later(args)
        break
    }
  }
  out.put([0x0b])
  const bytes = out.done()
  if (bytes.length > MAX_BODY) throw new Error(`${f.name} has ${bytes.length} bytes of code, more than ${MAX_BODY}`)
  return bytes
}

/**
 * A string of the format: UTF-8 with its length. Names here are ASCII.
 *
 * @category encoding
 * @since 0.1.0
 */
export const text = (s: string): ReadonlyArray<number> => {
  const bytes = Array.from(s, (c) => c.codePointAt(0) as number)
  if (bytes.some((b) => b >= 0x80)) throw new Error(`the name ${s} is not ASCII`)
  return [...unsigned(bytes.length), ...bytes]
}

/**
 * The type of a function, as the format writes it.
 *
 * @category encoding
 * @since 0.1.0
 */
export const signature = ({ params, result }: Callable): ReadonlyArray<number> => [
  0x60,
  ...unsigned(params.length),
  ...params.map((p) => TYPES[p]),
  ...(result === 'void' ? [0] : [1, TYPES[result]]),
]
