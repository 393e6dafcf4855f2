import { expectTypeOf, test } from 'vitest'
import {
  add,
  grad,
  hessian,
  jacobian,
  matmul,
  mean,
  mul,
  type Reverse,
  run,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  type Var,
  valueAndGrad,
  vmap,
} from 'wengert'

type Net = {
  readonly w1: Var<readonly [12, 10]>
  readonly b1: Var<readonly [10]>
  readonly w2: Var<readonly [10, 1]>
  readonly b2: Var<readonly [1]>
}
declare const x: Var<readonly [16, 12]>
declare const y: Tensor<readonly [16, 1]>
declare const p: Net
test('types', () => {
  const net = (p: Net, x: Var<readonly [16, 12]>) => add(matmul(sigmoid(add(matmul(x, p.w1), p.b1)), p.w2), p.b2)
  const loss = (p: Net) => mean(square(sub(net(p, x), y)))
  expectTypeOf(grad(loss)(p)).toEqualTypeOf<Reverse<Net>>()
  const f = (x: Var<readonly [3]>) => sum(mul(x, x))
  expectTypeOf(hessian(f)(tensor([1, 2, 3]))).toEqualTypeOf<Reverse<Var<readonly [3, 3]>>>()
  const g = (x: Var<readonly []>) => mul(x, x)
  expectTypeOf(grad(grad(grad(g)))(2)).toEqualTypeOf<Reverse<Var<readonly []>>>()
  expectTypeOf(jacobian(jacobian((x: Var<readonly [3]>) => mul(x, x)))(tensor([1, 2, 3]))).toEqualTypeOf<
    Reverse<Var<readonly [3, 3, 3]>>
  >()
  expectTypeOf(jacobian(grad(f))(tensor([1, 2, 3]))).toEqualTypeOf<Reverse<Var<readonly [3, 3]>>>()
  expectTypeOf(
    vmap(grad(f))(
      tensor([
        [1, 2, 3],
        [1, 2, 3],
      ]),
    ),
  ).toEqualTypeOf<Reverse<Var<readonly [2, 3]>>>()
  run(grad(f))(tensor([1, 2, 3]))
  run(valueAndGrad(loss))
  // @ts-expect-error not a scalar
  grad((x: Var<readonly [3]>) => mul(x, x))
})
