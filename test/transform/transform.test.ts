import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  add,
  checkpoint,
  customRule,
  exp,
  type Failure,
  flatMap,
  gen,
  grad,
  hessian,
  hvp,
  ints,
  jacobian,
  jvp,
  jvpAndValue,
  map,
  matmul,
  max,
  mul,
  named,
  neg,
  peek,
  raise,
  record,
  run,
  scalar,
  sigmoid,
  sin,
  spec,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  type Var,
  valueAndGrad,
  vjp,
  vmap,
  watch,
} from 'wengert'
import { of } from 'wengert/Reverse'

type Scalar = Var<readonly []>
type Vec3 = Var<readonly [3]>

const right = <A>(
  e: { readonly _tag: 'Left'; readonly left: Failure } | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (e._tag === 'Left') throw new Error(`${e.left._tag}: ${e.left.message}`)
  return e.right
}

const left = (e: { readonly _tag: 'Left'; readonly left: Failure } | { readonly _tag: 'Right' }): Failure => {
  if (e._tag === 'Right') throw new Error('was accepted')
  return e.left
}

const numbers = (t: Tensor): ReadonlyArray<number> => Array.from(t.data)

describe('reverse mode', () => {
  test('the gradient has the structure of the parameters', () => {
    const loss = ({ w, b }: { readonly w: Vec3; readonly b: readonly [Scalar, Scalar] }) =>
      add(sum(mul(w, b[0])), mul(b[1], b[1]))
    const g = right(run(grad(loss))({ w: tensor([1, 2, 3]), b: [scalar(5), scalar(7)] }))
    expect(numbers(g.w)).toEqual([5, 5, 5])
    expect(g.b.map(numbers)).toEqual([[6], [14]])
  })

  test('a value used twice receives the sum of its cotangents', () => {
    const f = (x: Scalar) => {
      const y = exp(x)
      return add(mul(y, y), y)
    }
    const e = Math.exp(0.5)
    expect(numbers(right(run(grad(f))(0.5)))[0]).toBeCloseTo(2 * e * e + e, 14)
  })

  test('an input that is the output, an unused input, and a constant output', () => {
    expect(numbers(right(run(grad((x: Scalar) => map(() => x)(exp(x))))(2)))).toEqual([1])
    const unused = right(
      run(grad(({ x }: { readonly x: Scalar; readonly y: Vec3 }) => mul(x, x)))({ x: 3, y: tensor([1, 2, 3]) }),
    )
    expect([numbers(unused.x), numbers(unused.y)]).toEqual([[6], [0, 0, 0]])
    expect(numbers(right(run(grad((_: Vec3) => sum(tensor([1, 2]))))(tensor([1, 2, 3]))))).toEqual([0, 0, 0])
  })

  test('a pullback may be called again and again, with the same handles for the same cotangent', () => {
    const program = right(
      record((x: Vec3) =>
        gen(function* () {
          const [, pullback] = yield* vjp((v: Vec3) => mul(sin(v), v))(x)
          const first = yield* pullback(tensor([1, 2, 3]))
          const other = yield* pullback(tensor([3, 2, 1]))
          const again = yield* pullback(tensor([1, 2, 3]))
          return { first, other, again }
        }),
      )(spec([3])),
    )
    expect(program.outputs.first).toBe(program.outputs.again)
    expect(program.outputs.first).not.toBe(program.outputs.other)
  })

  test('it is refused for what has no gradient', () => {
    expect(left(run(grad((x: Vec3) => mul(x, x) as never))(tensor([1, 2, 3])))).toMatchObject({
      _tag: 'NotScalar',
      message: 'grad: the function must give a real scalar, not real [3]; take its sum or mean, or use vjp or jacobian',
    })
    const withInt = ({ w }: { readonly w: Vec3; readonly i: Var<readonly [2], 'int'> }) => sum(w)
    expect(left(run(grad(withInt))({ w: tensor([1, 2, 3]), i: ints([0, 1]) }))).toMatchObject({
      _tag: 'NotDifferentiable',
      path: 'i',
    })
    expect(left(run(grad((_: Scalar) => raise('not today')))(1))).toMatchObject({
      _tag: 'Raised',
      message: 'not today',
    })
  })

  test('a handle that escapes from a batch, or comes from another tape, is refused', () => {
    let escaped: Scalar | undefined
    const leak = (xs: Vec3) =>
      flatMap(
        vmap((x: Scalar) => {
          escaped = x
          return mul(x, x)
        })(xs),
        () => mul(escaped as Scalar, 2),
      )
    expect(left(run(leak)(tensor([1, 2, 3])))._tag).toBe('ForeignVar')

    let other: Scalar | undefined
    right(
      record((x: Scalar) => {
        other = x
        return exp(x)
      })(spec([])),
    )
    expect(left(run((x: Scalar) => mul(x, other as Scalar))(1))).toMatchObject({ _tag: 'ForeignVar', operation: 'mul' })
  })
})

describe('forward mode', () => {
  test('it agrees with reverse mode', () => {
    const f = (x: Vec3) => mul(tanh(x), sum(exp(x)))
    const x = tensor([0.1, -0.4, 0.7])
    const both = right(
      run((v: Vec3) =>
        gen(function* () {
          const rows = yield* jacobian(f, { by: 'rows' })(v)
          const columns = yield* jacobian(f, { by: 'columns' })(v)
          return { rows, columns }
        }),
      )(x),
    )
    for (const [i, d] of numbers(both.rows).entries()) expect(numbers(both.columns)[i]).toBeCloseTo(d, 13)
  })

  test('value and derivative at once', () => {
    const [y, dy] = right(run((x: Scalar) => jvpAndValue((v: Scalar) => mul(v, v))(x, 10))(3))
    expect([numbers(y), numbers(dy)]).toEqual([[9], [60]])
  })
})

describe('nesting', () => {
  const at = (f: (x: Scalar) => ReturnType<typeof exp<readonly []>>, x: number) => numbers(right(run(f)(x)))[0]

  test('perturbations are never confused', () => {
    // D(x => x * D(y => x + y)(1))(1) = 1 (Siskind and Pearlmutter)
    expect(
      at(
        grad((x: Scalar) => mul(x, grad((y: Scalar) => add(x, y))(1))),
        1,
      ),
    ).toBe(1)
    expect(
      at(
        grad((x: Scalar) => mul(x, grad((y: Scalar) => mul(x, y))(2))),
        1,
      ),
    ).toBe(2)
    const forward = (f: (x: Scalar) => ReturnType<typeof exp<readonly []>>) => (x: Scalar) => jvp(f)(x, 1)
    expect(
      at(
        forward((x: Scalar) => mul(x, jvp((y: Scalar) => add(x, y))(x, 1))),
        1,
      ),
    ).toBe(1)
    expect(
      at(
        grad((x: Scalar) => mul(x, jvp((y: Scalar) => add(x, y))(1, 1))),
        1,
      ),
    ).toBe(1)
    expect(
      at(
        forward((x: Scalar) => mul(x, grad((y: Scalar) => add(x, y))(1))),
        1,
      ),
    ).toBe(1)
  })

  test('a derivative with respect to a value that the function also captures', () => {
    expect(at((x: Scalar) => grad((y: Scalar) => mul(x, y))(x), 3)).toBe(3)
  })

  test('fifth derivative of exp, by alternating modes', () => {
    const d = (f: (x: Scalar) => ReturnType<typeof exp<readonly []>>) => (x: Scalar) => jvp(f)(x, 1)
    expect(at(d(grad(d(grad(grad((x: Scalar) => exp(x)))))), 1)).toBeCloseTo(Math.E, 14)
  })

  test('Hessian, and its product with a vector', () => {
    const f = (x: Vec3) => sum(mul(square(x), x))
    const x = tensor([1, 2, 3])
    expect(numbers(right(run(hessian(f))(x)))).toEqual([6, 0, 0, 0, 12, 0, 0, 0, 18])
    expect(numbers(right(run((v: Vec3) => hvp(f)(v, tensor([1, 1, 0])))(x)))).toEqual([6, 12, 0])
  })
})

describe('vmap', () => {
  test('it maps over any axis and stacks along any', () => {
    const f = (x: Var<readonly [2]>) => mul(x, 2)
    const xs = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const transposed = right(run((v: Var<readonly [2, 3]>) => vmap(f, { in: 1 })(v as never))(xs)) as unknown as Tensor
    expect([transposed.shape, numbers(transposed)]).toEqual([
      [3, 2],
      [2, 8, 4, 10, 6, 12],
    ])
    const kept = right(
      run((v: Var<readonly [2, 3]>) => vmap(f, { in: 1, out: 1 })(v as never))(xs),
    ) as unknown as Tensor
    expect([kept.shape, numbers(kept)]).toEqual([
      [2, 3],
      [2, 4, 6, 8, 10, 12],
    ])
  })

  test('what does not vary is recorded once and unbatched', () => {
    const program = right(
      record(({ w, xs }: { readonly w: Vec3; readonly xs: Var<readonly [5, 3]> }) => {
        const shared = exp(w)
        return vmap((x: Vec3) => sum(mul(x, shared)))(xs)
      })({ w: spec([3]), xs: spec([5, 3]) }),
    )
    expect(program.outputs.shape).toEqual([5])
  })

  test('it nests, and composes with gradients both ways', () => {
    const table = right(
      run((xs: Vec3) => vmap((x: Scalar) => vmap((y: Scalar) => mul(x, y))(xs))(xs))(tensor([1, 2, 3])),
    )
    expect(numbers(table as Tensor)).toEqual([1, 2, 3, 2, 4, 6, 3, 6, 9])
    const perExample = right(
      run(vmap(grad((x: Vec3) => sum(mul(x, square(x))))))(
        tensor([
          [1, 2, 3],
          [0, 1, 2],
        ]),
      ),
    )
    expect(numbers(perExample as Tensor)).toEqual([3, 12, 27, 0, 3, 12])
    const through = right(run(grad((x: Vec3) => sum(vmap((v: Scalar) => exp(v))(x))))(tensor([0, 1, 2])))
    for (const [i, d] of numbers(through).entries()) expect(d).toBeCloseTo(Math.exp(i), 14)
  })

  test('batches of one and of none', () => {
    const f = (x: Vec3) => sum(mul(x, x))
    expect(numbers(right(run(vmap(f))(tensor([[1, 2, 3]]))) as Tensor)).toEqual([14])
  })

  test('it refuses batches of different lengths and arguments without an axis', () => {
    const f = ({ x, y }: { readonly x: Scalar; readonly y: Scalar }) => mul(x, y)
    expect(left(run((v: Vec3) => vmap(f)({ x: v, y: tensor([1, 2]) } as never))(tensor([1, 2, 3])))).toMatchObject({
      _tag: 'ShapeMismatch',
      path: 'y',
    })
    expect(left(run((v: Scalar) => vmap((x: Scalar) => x as never)(v as never))(1))._tag).toBe('InvalidAxis')
  })
})

describe('custom rules', () => {
  const logistic = customRule<Scalar, Scalar>({
    name: 'logistic',
    f: (x) => sigmoid(x),
    vjp: ({ y, ct }) => mul(ct, mul(y, sub(1, y))),
  })

  test('a rule is used in both modes, under vmap and again when differentiated', () => {
    const s = 1 / (1 + Math.exp(-0.3))
    const first = s * (1 - s)
    const second = first * (1 - 2 * s)
    const one = (f: (x: Scalar) => ReturnType<typeof exp<readonly []>>) => numbers(right(run(f)(0.3)))[0]
    expect(one((x) => logistic(x))).toBeCloseTo(s, 15)
    expect(one(grad((x: Scalar) => logistic(x)))).toBeCloseTo(first, 15)
    expect(one((x) => jvp((v: Scalar) => logistic(v))(x, 1))).toBeCloseTo(first, 15)
    expect(one(grad(grad((x: Scalar) => logistic(x))))).toBeCloseTo(second, 14)
    const batch = right(run(vmap(grad((x: Scalar) => logistic(x))))(tensor([0.3, 0.3])))
    for (const d of numbers(batch as Tensor)) expect(d).toBeCloseTo(first, 15)
  })

  test('a tangent rule alone serves reverse mode too', () => {
    const cube = customRule<Scalar, Scalar>({
      name: 'cube',
      f: (x) => mul(x, mul(x, x)),
      jvp: ({ x, dx }) => mul(mul(3, mul(x, x)), dx),
    })
    const one = (f: (x: Scalar) => ReturnType<typeof exp<readonly []>>) => numbers(right(run(f)(2)))[0]
    expect(one(grad((x: Scalar) => cube(x)))).toBe(12)
    expect(one(grad(grad((x: Scalar) => cube(x))))).toBe(12)
  })

  test('a rule that captures an outer value is refused, and says so', () => {
    const bad = (x: Scalar) =>
      flatMap(exp(x), (outer) => customRule<Scalar, Scalar>({ name: 'greedy', f: (v) => mul(v, outer) })(x))
    expect(left(run(bad)(1))).toMatchObject({
      _tag: 'ForeignVar',
      message:
        'greedy: the function uses a value from outside; a rule must be complete in itself: pass the value as an argument',
    })
  })

  test('a rule of the wrong shape is refused', () => {
    const bad = customRule<Vec3, Scalar>({ name: 'odd', f: (x) => sum(x), vjp: ({ ct }) => of(ct) as never })
    expect(left(run((x: Vec3) => bad(x))(tensor([1, 2, 3])))).toMatchObject({ _tag: 'ShapeMismatch' })
  })

  test('checkpoint gives the same value and gradients', () => {
    const f = (x: Vec3) => sum(mul(sin(x), exp(x)))
    const x = tensor([0.1, 0.2, 0.3])
    expect(right(run(grad((v: Vec3) => checkpoint(f)(v)))(x))).toEqual(right(run(grad(f))(x)))
    expect(right(run(hessian((v: Vec3) => checkpoint(f)(v)))(x))).toEqual(right(run(hessian(f))(x)))
  })
})

describe('markers', () => {
  test('stopGradient keeps the value and has no derivative', () => {
    expect(numbers(right(run(grad((x: Scalar) => mul(stopGradient(x), x)))(3)))).toEqual([3])
    expect(numbers(right(run((x: Scalar) => jvp((v: Scalar) => mul(stopGradient(v), v))(x, 1))(3)))).toEqual([3])
  })

  test('watch gives values and cotangents of intermediate results by name', () => {
    const model = (x: Scalar) => mul(named('hidden')(exp(x)), 3)
    const { value, watched } = right(run((x: Scalar) => watch(model, ['hidden', 'exp#0'])(x))(0))
    expect(numbers(value)).toEqual([3])
    expect(numbers(watched.hidden.value)).toEqual([1])
    expect(numbers(watched.hidden.cotangent)).toEqual([3])
    expect(numbers(watched['exp#0'].cotangent)).toEqual([3])
    expect(left(run((x: Scalar) => watch(model, ['elsewhere'])(x))(0)).message).toContain('variable#0')
  })

  test('peek chooses by value where values are known, and nowhere else', () => {
    const model = (x: Scalar) => flatMap(peek(x), (t) => (t.data[0] > 0 ? mul(x, 2) : neg(x)))
    expect(numbers(right(run(grad(model))(3)))).toEqual([2])
    expect(numbers(right(run(grad(model))(-3)))).toEqual([-1])
    expect(left(record(model)(spec([])))._tag).toBe('NeedsValue')
    expect(left(run((xs: Vec3) => vmap(model)(xs))(tensor([1, 2, 3])))._tag).toBe('NeedsValue')
  })
})

describe('trees', () => {
  test('wrong trees are refused with the path', () => {
    const f = ({ w }: { readonly w: Vec3 }) => sum(w)
    expect(left(run(f)({ v: tensor([1, 2, 3]) } as never))._tag).toBeDefined()
    expect(left(run(grad(f))({ w: null } as never))).toMatchObject({ path: 'w' })
  })

  test('indices are captured, not differentiated', () => {
    const f = (x: Vec3) => sum(take(x, ints([0, 0, 2])))
    expect(numbers(right(run(grad(f))(tensor([1, 2, 3]))))).toEqual([2, 0, 1])
  })

  test('max shares a tie', () => {
    expect(numbers(right(run(grad((x: Vec3) => max(x)))(tensor([2, 1, 2]))))).toEqual([0.5, 0, 0.5])
  })

  test('a matrix product in both arguments', () => {
    const f = ({ a, b }: { readonly a: Var<readonly [2, 2]>; readonly b: Var<readonly [2, 1]> }) => sum(matmul(a, b))
    const [value, g] = right(
      run(valueAndGrad(f))({
        a: tensor([
          [1, 2],
          [3, 4],
        ]),
        b: tensor([[5], [6]]),
      }),
    )
    expect([numbers(value), numbers(g.a), numbers(g.b)]).toEqual([[56], [5, 6, 5, 6], [4, 6]])
  })
})

test('the helpers of this file', () => {
  expect(isRight(run((x: Scalar) => exp(x))(1))).toBe(true)
  expect(isLeft(run((x: Scalar) => exp(x))(tensor([1]) as never))).toBe(false)
})
