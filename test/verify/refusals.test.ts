import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { add, exp, ints, log, mul, type Reverse, scalar, sum, tensor, type Var } from 'wengert'
import type { Failure } from '../../src/Failure.js'
import { verifyFunction, verifyGradient } from '../../src/verify/index.js'

type X = Var<readonly []>

const left = (e: E.Either<Failure, unknown>): Failure => {
  if (E.isRight(e)) throw new Error('should have been refused')
  return e.left
}

let counter = 0

describe('what cannot be verified is refused in a sentence', () => {
  const refused: ReadonlyArray<readonly [string, E.Either<Failure, unknown>, Failure['_tag'], RegExp]> = [
    [
      'a model that throws',
      verifyGradient((_: X): Reverse<X> => {
        throw new Error('out of cheese')
      })(1),
      'Raised',
      /the model throws: out of cheese/,
    ],
    [
      'a model that gives no recording',
      verifyGradient((() => 3) as never)(1 as never),
      'InvalidArgument',
      /must give a recording/,
    ],
    [
      'a model that gives another tape each time',
      verifyGradient((x: X) => mul(x, counter++))(1),
      'InvalidArgument',
      /not deterministic: recorded twice/,
    ],
    [
      'a model that gives integers',
      verifyGradient((_: X) => add(ints([1]), 1) as never)(1),
      'TypeMismatch',
      /int .*where a real/,
    ],
    ['a model that is not finite', verifyGradient((x: X) => log(x))(-1), 'InvalidArgument', /gives NaN at this point/],
    [
      'a point that is not finite',
      verifyGradient((x: X) => exp(x))(Number.NaN),
      'InvalidArgument',
      /is NaN at element 0/,
    ],
    [
      'no parameters',
      verifyGradient((_: Record<string, never>) => exp(scalar(1)))({} as never),
      'InvalidArgument',
      /no parameters/,
    ],
    [
      'parameters without elements',
      verifyGradient((x: Var<readonly [0]>) => sum(x))(tensor([]) as never),
      'InvalidArgument',
      /no elements/,
    ],
    [
      'integer parameters',
      verifyGradient((_: { n: Var<readonly [1], 'int'> }) => exp(scalar(1)) as never)({ n: ints([1]) } as never),
      'NotDifferentiable',
      /parameter n is int/,
    ],
    [
      'a model that is too big',
      verifyGradient((x: Var<readonly [3]>) => sum(mul(x, x)), { budget: { elements: 5 } })(tensor([1, 2, 3])),
      'TooLarge',
      /3 instructions with 7 elements; the limit is .* MiB.*smaller instance/,
    ],
    ['no directions', verifyGradient((x: X) => exp(x), { directions: 0 })(1), 'InvalidArgument', /at least 1/],
    [
      'a function that throws',
      verifyFunction(
        () => {
          throw new Error('no')
        },
        (x) => x,
      )(scalar(1)),
      'Raised',
      /it throws: no/,
    ],
    [
      'a function of chance',
      verifyFunction(
        () => counter++,
        (x) => x,
      )(scalar(1)),
      'InvalidArgument',
      /not deterministic/,
    ],
    [
      'a function without a number',
      verifyFunction(
        () => Number.NaN,
        (x) => x,
      )(scalar(1)),
      'InvalidArgument',
      /gives NaN/,
    ],
    [
      'a gradient of another structure',
      verifyFunction(
        () => 1,
        () => ({ a: scalar(1) }),
      )(scalar(1)),
      'StructureMismatch',
      /./,
    ],
    [
      'a gradient of another shape',
      verifyFunction(
        () => 1,
        () => tensor([1, 2]),
      )(tensor([1])),
      'ShapeMismatch',
      /shapes of the point/,
    ],
  ]
  for (const [name, found, tag, message] of refused)
    it(name, () => {
      expect(left(found)._tag).toBe(tag)
      expect(left(found).message).toMatch(message)
    })
})
