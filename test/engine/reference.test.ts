import { describe, expect, it } from 'vitest'
import { checkpoint, compile, evaluate, exp, ints, mul, record, relu, spec, sub, sum, tensor, type Var } from 'wengert'
import { Complex, dual, F32, F64 } from 'wengert/algebra'

type Vec = Var<readonly [3]>

const right = <A>(
  e:
    | { readonly _tag: 'Left'; readonly left: { readonly message: string } }
    | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (e._tag === 'Left') throw new Error(e.left.message)
  return e.right
}

const kinked = right(record((x: Vec) => sum(mul(relu(x), x)))(spec([3])))

describe('compile', () => {
  it('gives new tensors on each call', () => {
    const program = right(record((x: Vec) => exp(x))(spec([3])))
    const { run } = right(compile()(program))
    const first = right(run(tensor([0, 0, 0])))
    right(run(tensor([1, 1, 1])))
    expect(Array.from(first.data)).toEqual([1, 1, 1])
  })

  it('rounds every operation to float32 when asked', () => {
    const program = right(record((x: Vec) => sub(mul(x, 3), x))(spec([3])))
    const x = 0.1
    const { run } = right(compile({ scalar: 'f32' })(program))
    const f = Math.fround(Math.fround(Math.fround(x) * 3) - Math.fround(x))
    expect(right(run(tensor([x, x, x]))).data[0]).toBe(f)
  })

  it('refuses what it cannot hold before allocating it', () => {
    const program = right(record((x: Vec) => exp(x))(spec([3])))
    expect(compile({ limit: 4 })(program)).toMatchObject({ _tag: 'Left', left: { _tag: 'TooLarge' } })
  })

  it('names what does not fit', () => {
    const program = right(
      record(({ a, b }: { readonly a: Vec; readonly b: Vec }) => mul(a, b))({ a: spec([3]), b: spec([3]) }),
    )
    const { run } = right(compile()(program))
    const a = tensor([1, 2, 3])
    expect(run({ a } as never)).toMatchObject({ left: { _tag: 'StructureMismatch' } })
    expect(run({ a, b: tensor([1]) } as never)).toMatchObject({ left: { _tag: 'ShapeMismatch', path: 'b' } })
    expect(run({ a, b: ints([1, 2, 3]) } as never)).toMatchObject({ left: { _tag: 'TypeMismatch', path: 'b' } })
  })
})

describe('evaluate', () => {
  it('reads one tape over any algebra', () => {
    const x = [1, 2, 3]
    const over = <N>(algebra: Parameters<typeof evaluate<N>>[0]): N =>
      right(right(evaluate(algebra)(kinked))([x.map(algebra.literal)])).outputs[0][0]
    expect(over(F64)).toBe(14)
    expect(over(F32)).toBe(14)
    expect(over(Complex).re).toBe(14)
    expect(over(dual(F64)).primal).toBe(14)
  })

  it('tells smooth pieces apart, also inside called functions', () => {
    const plain = right(evaluate(F64)(kinked))
    const called = right(evaluate(F64)(right(record((x: Vec) => checkpoint((y: Vec) => sum(relu(y)))(x))(spec([3])))))
    for (const run of [plain, called]) {
      const at = (...x: ReadonlyArray<number>) => right(run([Float64Array.from(x)])).signature()
      expect(at(1, 2, 3)).toEqual(at(2, 3, 4))
      expect(at(1, 2, 3)).not.toEqual(at(1, -2, 3))
    }
  })

  it('wants the inputs it knows', () => {
    const run = right(evaluate(F64)(kinked))
    expect(run([])).toMatchObject({ left: { _tag: 'MissingInput' } })
    expect(run([[1, 2]])).toMatchObject({ left: { _tag: 'MissingInput' } })
  })
})
