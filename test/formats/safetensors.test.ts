import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type Packed, readSafetensors, unpack, unsafePacked, writeSafetensors } from '../../src/formats/index.js'
import { bools, ints, scalar, tensor, zeros } from '../../src/Tensor.js'
import { bits, bytesOf, damaged, left, packedOf, right } from './support.js'

const NAME = 'net.safetensors'
const read = readSafetensors(NAME)
const write = writeSafetensors(NAME)

const anyPacked = packedOf('f64', 'f32', 'i32', 'i16', 'i8', 'u8', 'bool')
const names = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((s) => s !== '__metadata__')
const content = fc.record({
  tensors: fc.dictionary(names, anyPacked, { maxKeys: 5 }),
  metadata: fc.dictionary(names, fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
})

/** A file made by hand. */
const file = (header: string, data: ArrayLike<number> = [], length?: number): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const out = new Uint8Array(8 + text.length + data.length)
  new DataView(out.buffer).setUint32(0, length ?? text.length, true)
  out.set(text, 8)
  out.set(Uint8Array.from(data), 8 + text.length)
  return out
}

const one = (dtype: string, shape: string, begin: number, end: number): string =>
  `{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}}`

describe('round trips', () => {
  it('keep every bit, name and word', () => {
    fc.assert(
      fc.property(content, ({ tensors, metadata }) => {
        const back = right(read(right(write({ tensors, metadata }))))
        expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort())
        for (const key of Object.keys(tensors)) expect(bits(back.tensors[key])).toEqual(bits(tensors[key]))
        expect({ ...back.metadata }).toEqual({ ...metadata })
      }),
    )
  })

  it('write equal bytes for equal content in any order, each tensor at a multiple of its width', () => {
    fc.assert(
      fc.property(content, ({ tensors, metadata }) => {
        const reversed = <A>(r: Readonly<Record<string, A>>) => Object.fromEntries(Object.entries(r).reverse())
        const bytes = right(write({ tensors, metadata }))
        expect(right(write({ tensors: reversed(tensors), metadata: reversed(metadata) }))).toEqual(bytes)
        const start = 8 + new DataView(bytes.buffer).getUint32(0, true)
        expect(start % 8).toBe(0)
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)))
        for (const key of Object.keys(tensors))
          expect(header[key].data_offsets[0] % tensors[key].data.BYTES_PER_ELEMENT).toBe(0)
      }),
    )
  })

  it('take tensors as they are', () => {
    const tensors = { r: tensor([[1.5, -0]]), s: scalar(Number.NaN), b: bools([true, false]), i: ints([7]) }
    const back = right(read(right(write({ tensors })))).tensors
    for (const [key, t] of Object.entries(tensors)) expect(unpack(back[key])).toEqual(t)
    expect(right(read(right(write({ tensors: { e: zeros([0, 3]) } })))).tensors.e.shape).toEqual([0, 3])
  })

  it('read what is unaligned in memory', () => {
    const bytes = right(write({ tensors: { x: tensor([1, 2]) } }))
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect([...right(read(shifted.subarray(3))).tensors.x.data]).toEqual([1, 2])
  })
})

describe('the reference implementation, safetensors 0.8.0 with numpy 2.4', () => {
  it('writes the bytes that we write, and we read them', () => {
    // save({'layer.0.w': [[1, -0, inf], [.1, -2.5, 3]], 'ü': [1.5] (float64), 'b': [.5, 1e-40], 'e': zeros(0, 3) (float32),
    //   'n': -7 (int32), 's': [-300] (int16), 'k': [1, 2] (int8), 'px': [0, 255] (uint8), 'mask': [True, False]},
    //   metadata={'step': '7'})
    const theirs = bytesOf(
      'IAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJzdGVwIjoiNyJ9LCJsYXllci4wLnciOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzAsNDhdfSwiw7wiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0OCw1Nl19LCJiIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNTYsNjRdfSwiZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZzZXRzIjpbNjQsNjRdfSwibiI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbNjQsNjhdfSwicyI6eyJkdHlwZSI6IkkxNiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzY4LDcwXX0sImsiOnsiZHR5cGUiOiJJOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzcwLDcyXX0sInB4Ijp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls3Miw3NF19LCJtYXNrIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6Wzc0LDc2XX19ICAgICAgAAAAAAAA8D8AAAAAAAAAgAAAAAAAAPB/mpmZmZmZuT8AAAAAAAAEwAAAAAAAAAhAAAAAAAAA+D8AAAA/whYBAPn////U/gECAP8BAA==',
    )
    const file = right(read(theirs))
    expect([...file.tensors['layer.0.w'].data]).toEqual([1, -0, Number.POSITIVE_INFINITY, 0.1, -2.5, 3])
    expect([...file.tensors.b.data]).toEqual([0.5, Math.fround(1e-40)])
    expect(file.tensors.e.shape).toEqual([0, 3])
    expect([file.tensors.n, file.tensors.s, file.tensors.k, file.tensors.px].map(({ data }) => [...data])).toEqual([
      [-7],
      [-300],
      [1, 2],
      [0, 255],
    ])
    expect(unpack(file.tensors.mask)).toEqual(bools([true, false]))
    expect(file.metadata).toEqual({ step: '7' })
    expect(right(write(file))).toEqual(theirs)
  })

  it('writes types that we widen', () => {
    // save({'h': [1, -2, 65504] (float16), 'long': [-5, 2**31 - 1] (int64)})
    const { tensors } = right(
      read(
        bytesOf(
          'eAAAAAAAAAB7ImxvbmciOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImgiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOlsxNiwyMl19fSAgICAgICD7/////////////38AAAAAADwAwP97',
        ),
      ),
    )
    expect([...tensors.h.data]).toEqual([1, -2, 65504])
    expect([...tensors.long.data]).toEqual([-5, 2 ** 31 - 1])
  })
})

describe('types that are widened', () => {
  const elements = (dtype: string, width: number, data: ReadonlyArray<number>): ReadonlyArray<number> => {
    const n = data.length / width
    return [...right(read(file(one(dtype, `[${n}]`, 0, data.length), data))).tensors.a.data]
  }

  it('F16 and BF16 exactly', () => {
    // 1, -2, the greatest, the least subnormal, -infinity, -0, as in the table of IEEE 754 binary16
    const half = [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0xfc, 0x00, 0x80]
    expect(elements('F16', 2, half)).toEqual([1, -2, 65504, 2 ** -24, Number.NEGATIVE_INFINITY, -0])
    expect(elements('F16', 2, [0x01, 0x7e])).toEqual([Number.NaN])
    expect(elements('BF16', 2, [0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f])).toEqual([1, -3.140625, Number.POSITIVE_INFINITY])
  })

  it('integers in range, and the element that is not is named', () => {
    expect(elements('I64', 8, [254, 255, 255, 255, 255, 255, 255, 255])).toEqual([-2])
    expect(elements('I64', 8, [0, 0, 0, 128, 255, 255, 255, 255])).toEqual([-(2 ** 31)])
    expect(elements('U32', 4, [255, 255, 255, 127])).toEqual([2 ** 31 - 1])
    expect(elements('U16', 2, [255, 255])).toEqual([65535])
    const big = file(one('I64', '[2]', 0, 16), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0])
    expect(left(read(big))).toMatchObject({
      _tag: 'MalformedFile',
      message: 'net.safetensors: element 1 of tensor "a" does not fit i32',
      path: 'a',
      offset: big.length - 8,
    })
    expect(left(read(file(one('U64', '[1]', 0, 8), [0, 0, 0, 0, 0, 0, 0, 1]))).message).toContain('does not fit i32')
    expect(left(read(file(one('BOOL', '[2]', 0, 2), [1, 2]))).message).toContain('element 1 of tensor "a"')
  })
})

describe('what is refused', () => {
  const said = (bytes: Uint8Array): string => left(read(bytes)).message.replace('net.safetensors: ', '')
  it.each<readonly [string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'a safetensors file has at least 8 bytes, this one has 0'],
    [
      'a header longer than the file',
      file('{}', [], 3),
      'the header says that it has 3 bytes, but 2 follow; is the file cut off?',
    ],
    [
      'an enormous header',
      new Uint8Array(8).fill(255),
      'the header says that it has 18446744073709552000 bytes; at most 16777216',
    ],
    ['a header of other text', file('[1]'), 'the header must begin with {'],
    ['bad JSON', file('{"a"}'), 'the header is not JSON'],
    ['bad UTF-8', file('{"a":1}', [], 7).map((b, i) => (i === 10 ? 0xff : b)), 'the header is not UTF-8 at byte 10'],
    ['a repeated name', file('{"\\u0061":1,"a":2}'), 'the header names "a" twice'],
    ['a repeated field', file('{"a":{"dtype":"U8","dtype":"F64"}}'), 'the header names "dtype" twice'],
    ['an entry that is none', file('{"a":{"dtype":"F64","shape":["2"]}}'), 'tensor "a" needs a dtype'],
    ['an unknown type', file(one('F8_E4M3', '[1]', 0, 1), [0]), 'tensor "a" has the type "F8_E4M3"; known are F64'],
    ['an inherited name as type', file(one('constructor', '[1]', 0, 1), [0]), 'tensor "a" has the type "constructor"'],
    ['a negative dimension', file(one('U8', '[-1]', 0, 1), [0]), 'tensor "a": shape [-1] has the dimension -1'],
    ['a shape beyond the limits', file(one('F64', '[99999999999]', 0, 8)), 'tensor "a": shape [99999999999] is larger'],
    [
      'offsets that do not fit',
      file(one('F64', '[2]', 0, 8), new Uint8Array(8)),
      'tensor "a" of F64 [2] needs 16 bytes; its data_offsets are 0 and 8',
    ],
    ['a negative offset', file(one('U8', '[1]', -1, 0), [0]), 'tensor "a" of U8 [1] needs 1 bytes'],
    ['a fractional offset', file(one('U8', '[1]', 0.5, 1.5), [0, 0]), 'tensor "a" of U8 [1] needs 1 bytes'],
    ['a hole', file(one('U8', '[1]', 1, 2), [0, 0]), 'tensor "a" begins at byte 1 of the data where 0 is expected'],
    [
      'data cut off',
      file(one('U8', '[2]', 0, 2), [0]),
      'tensor "a" ends at byte 2 of the data, which have 1; is the file cut off?',
    ],
    ['data left over', file(one('U8', '[1]', 0, 1), [0, 0]), '1 bytes after the last tensor belong to none'],
    [
      'words that are none',
      file('{"__metadata__":{"a":1}}'),
      '__metadata__ in the header must be an object of strings',
    ],
  ])('%s', (_, bytes, sentence) => {
    expect(said(bytes)).toContain(sentence)
  })

  it('overlapping tensors', () => {
    const both =
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}'
    expect(said(file(both, [0, 0, 0]))).toContain('tensor "b" begins at byte 1 of the data where 2 is expected')
  })

  it('names that cannot be written', () => {
    const x = unsafePacked([1], 'u8', Uint8Array.of(1))
    expect(left(write({ tensors: { __metadata__: x } }))._tag).toBe('InvalidArgument')
    expect(left(write({ tensors: { '\ud800': x } })).message).toContain('lone surrogate')
  })

  it('keeps hostile names as plain names', () => {
    const x: Packed = unsafePacked([1], 'u8', Uint8Array.of(9))
    const tensors = Object.fromEntries([['__proto__', x]])
    const back = right(read(right(write({ tensors })))).tensors
    expect(Object.keys(back)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
  })
})

describe('damaged files', () => {
  it('are refused with their name or are files, and never throw', () => {
    const files = content.map((c) => right(write(c)))
    fc.assert(
      fc.property(files.chain(damaged), (bytes) => {
        const result = read(bytes)
        if (E.isLeft(result)) expect(result.left).toMatchObject({ file: NAME, message: expect.stringContaining(NAME) })
        else {
          const again = right(read(right(write(result.right))))
          for (const [key, p] of Object.entries(result.right.tensors)) expect(bits(again.tensors[key])).toEqual(bits(p))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
