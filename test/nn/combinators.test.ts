import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { add, compile, grad, record, run, spec, sum, tanh, type Var } from '../../src/index.js'
import * as nn from '../../src/nn/index.js'
import { key } from '../../src/Random.js'
import { map } from '../../src/Reverse.js'
import { fromData, ints, ones, tensor, toNested } from '../../src/Tensor.js'
import { given, sentence } from './support.js'

const double = {
  w: tensor([
    [2, 0],
    [0, 2],
  ]),
  b: tensor([0, 0]),
}
const minus = {
  w: tensor([
    [-1, 0],
    [0, -1],
  ]),
  b: tensor([0, 1]),
}
const x = tensor([[1, 2]])

const output = (model: any, parameters: any, input: any, state: any = []): any =>
  toNested(given(run((v: any) => (nn.predict(model) as any)(parameters, state)(v))(input) as any) as any)

describe('side by side', () => {
  const [f, g] = [nn.linear(2, 2), nn.linear(2, 2)]
  it('each model has its own input and parameters', () => {
    const both = given(
      run((v: any) => nn.predict(nn.parallel(f, g))([double, minus] as any)(v) as any)([x, x] as any),
    ) as any
    expect(both.map(toNested)).toEqual([[[2, 4]], [[-1, -1]]])
  })
  it('first and second carry the other value', () => {
    const firsts = given(
      run((v: any) => nn.predict(nn.first<any>()(f))([double] as any)(v) as any)([x, x] as any),
    ) as any
    expect(firsts.map(toNested)).toEqual([[[2, 4]], [[1, 2]]])
    const seconds = given(
      run((v: any) => nn.predict(nn.second<any>()(f))([double] as any)(v) as any)([x, x] as any),
    ) as any
    expect(seconds.map(toNested)).toEqual([[[1, 2]], [[2, 4]]])
  })
  it('a lifted function joins them again', () => {
    type Two = readonly [Var<readonly [2]>, Var<readonly [2]>]
    const joined = nn.sequential(
      nn.fanOut(f, g),
      nn.lift<Two, Var<readonly [2]>>(([a, b]) => add(a, b)),
    )
    expect(output(joined, [double, minus], x)).toEqual([[1, 3]])
    expect(joined.layers.map(({ name }) => name)).toEqual(['fanOut(linear(2, 2) | linear(2, 2))', 'function'])
  })
  it('another number of values is refused', () => {
    const model = nn.parallel(f, g)
    expect(sentence(run((v: any) => nn.predict(model)([double, minus] as any)([v] as any) as any)(x as any))).toBe(
      'parallel: takes 2 values, one for each model',
    )
  })
})

describe('around and one of two', () => {
  it('residual adds what comes in', () => {
    expect(output(nn.residual(nn.linear(2, 2)), [double], x)).toEqual([[3, 6]])
  })
  it('choice takes the side that is there', () => {
    const model = nn.choice(nn.linear(2, 2), nn.linear(2, 2))
    const on = (side: any) => (v: any) => nn.predict(model)([double, minus] as any)(side(v)) as any
    expect(toNested(given(run(on(E.left))(x as any)) as any)).toEqual([[2, 4]])
    expect(toNested(given(run(on(E.right))(x as any)) as any)).toEqual([[-1, -1]])
    expect(sentence(run(on((v: any) => v))(x as any))).toBe('choice: takes an Either')
  })
  it('the side not taken has the derivative 0 and keeps its state', () => {
    const model = nn.choice(nn.linear(2, 2), nn.sequential(nn.linear(2, 2), nn.batchNorm(2)))
    const { state } = given(model.init(key(1)))
    const scale = { scale: ones([2]), shift: ones([2]) }
    const loss = (p: any) => sum(nn.predict(model)(p, state as any)(E.left(x) as any) as any)
    const g = given(run(grad(loss as any))([double, minus, scale] as any)) as any
    expect([toNested(g[0].w), toNested(g[1].w)]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ])
    const after = run((v: any) =>
      map(({ state }: any) => state)(
        model.apply({ parameters: [double, minus, scale], state } as any, { mode: 'training', key: key(1) })(
          E.left(v) as any,
        ) as any,
      ),
    )
    expect(toNested((given(after(x as any)) as any)[0].mean)).toEqual([0, 0])
  })
})

describe('sequence', () => {
  it('nothing is the identity, and functions have their names', () => {
    expect(output(nn.identity(), [], x)).toEqual([[1, 2]])
    expect(
      nn.sequential(nn.linear(2, 2), tanh, nn.block('head', nn.linear(2, 1))).layers.map(({ name }) => name),
    ).toEqual(['linear(2, 2)', expect.any(String), 'head'])
  })
  it('is a thousand layers deep', () => {
    const deep = nn.fromLayers(Array.from({ length: 1000 }, () => nn.linear(2, 2).layers).flat())
    const { parameters } = given(deep.init(key(1)))
    expect(output(deep, parameters, x)[0].every(Number.isFinite)).toBe(true)
  })
  it('operands of every kind go in', () => {
    const p = [double] as const
    const f = nn.predict(nn.linear(2, 2))(p)
    const same = [[2, 4]]
    expect(toNested(given(run((v: Var<readonly [1, 2]>) => f(v))(x)))).toEqual(same)
    expect(toNested(given(run((_: Var<readonly []>) => f(x))(0)))).toEqual(same)
    expect(toNested(given(run((v: Var<readonly [1, 2]>) => f(add(v, 0)))(x)))).toEqual(same)
  })
})

describe('the instances of fp-ts', () => {
  const { Category, Choice, Strong, Profunctor, arrow } = nn.instances
  const [f, g] = [nn.linear(2, 2), nn.linear(2, 2)]
  it('compose as sequential does, and as the combinators', () => {
    const weights = [double, minus]
    expect(output(Category.compose(arrow(g), arrow(f)), weights, x)).toEqual(output(nn.sequential(f, g), weights, x))
    expect(output(Category.compose(arrow(f), Category.id<Var<readonly [2]>>()), [double], x)).toEqual([[2, 4]])
    const swap = ([a, b]: any): any => [b, a]
    const pair = run(
      (v: any) =>
        nn.predict(Profunctor.promap(Strong.first<any, any, any>(arrow(f)), swap, swap))([double] as any, [])(v) as any,
    )([x, x] as any)
    expect((given(pair) as any).map(toNested)).toEqual([[[1, 2]], [[2, 4]]])
    const either = run((v: any) =>
      map((e: any) => e.right)(
        nn.predict(Choice.right<any, any, any>(arrow(f)))([double] as any, [])(E.right(v) as any) as any,
      ),
    )(x as any)
    expect(toNested(given(either as any) as any)).toEqual([[2, 4]])
  })
})

describe('keys', () => {
  it('a mask does not depend on how a sequence is nested, nor on layers that draw nothing', () => {
    const drop = nn.dropout(0.5)
    const input = given(
      fromData(
        [1, 64],
        Array.from({ length: 64 }, () => 1),
      ),
    )
    const masks = (model: any) =>
      toNested(
        given(
          run((v: any) =>
            map(({ output }: any) => output)(
              model.apply({ parameters: [], state: [] }, { mode: 'training', key: key(9) })(v),
            ),
          )(input as any) as any,
        ) as any,
      )
    const flat = masks(nn.sequential(drop, nn.activation(tanh, 'tanh'), drop))
    expect(masks(nn.sequential(drop, nn.sequential(nn.sequential(nn.activation(tanh, 'tanh')), drop)))).toEqual(flat)
  })
  it('a key may be an input of the program, which then draws anew for each', () => {
    const model = nn.sequential(nn.input([64]), nn.dropout(0.5))
    const step = ({ x, key }: { readonly x: Var<readonly [1, 64]>; readonly key: Var<readonly [2], 'int'> }) =>
      map(({ output }: any) => output)(model.apply({ parameters: [], state: [] }, { mode: 'training', key })(x)) as any
    const program = given(record(step as any)({ x: spec([1, 64]), key: spec([2], 'int') } as any))
    const executable = given(compile()(program))
    const masks = [1, 1, 2].map((k) =>
      toNested(given(executable.run({ x: ones([1, 64]), key: ints([k, 0]) } as any)) as any),
    )
    expect(masks[0]).toEqual(masks[1])
    expect(masks[0]).not.toEqual(masks[2])
  })
  it('two layers draw different masks', () => {
    const both = nn.fanOut(
      nn.sequential(nn.input([64]), nn.dropout(0.5)),
      nn.sequential(nn.input([64]), nn.dropout(0.5)),
    )
    const input = given(
      fromData(
        [1, 64],
        Array.from({ length: 64 }, () => 1),
      ),
    )
    const [a, b] = given(
      run((v: any) =>
        map(({ output }: any) => output)(
          both.apply({ parameters: [], state: [] } as any, { mode: 'training', key: key(9) })(v) as any,
        ),
      )(input as any) as any,
    ) as any
    expect(toNested(a)).not.toEqual(toNested(b))
  })
})
