/**
 * Broken on purpose, continued: the monad, recording, transformations and evaluation, for the laws that no wrong rule
 * can break.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Primitive, PrimitiveName, Table } from '../src/primitive/index.js'
import type { Reverse } from '../src/Reverse.js'
import * as R from '../src/Reverse.js'
import { scalar } from '../src/Tensor.js'
import { forwardSweep } from '../src/transform/sweep.js'
import { type AnyVar, isVar } from '../src/Var.js'
import type { Mutant } from './breaking.js'
import type { Operations, Subject } from './Law.js'

const operating = (kind: string, doc: string, change: (operations: Operations) => Partial<Operations>): Mutant => ({
  kind,
  doc,
  apply: (subject) => ({ ...subject, operations: { ...subject.operations, ...change(subject.operations) } }),
})

const tabled = (kind: string, doc: string, change: (row: Primitive) => Primitive | null): Mutant => ({
  kind,
  doc,
  apply: (subject: Subject, where) => {
    const table: Record<string, unknown> = { ...subject.calculus.table }
    for (const name of Object.keys(table) as ReadonlyArray<PrimitiveName>) {
      const broken = where === undefined || where.primitive === name ? change(table[name] as Primitive) : null
      if (broken !== null) table[name] = broken
    }
    return { ...subject, calculus: { ...subject.calculus, table: table as unknown as Table } }
  },
})

/** Records something that nobody asked for. */
const noise = (value: number): Reverse<AnyVar> =>
  R.step([], (recorder) => recorder.emit('constant', [], { value: scalar(value) }))

const noisy = <A>(m: Reverse<A>, value: number): Reverse<A> => R.flatMap(noise(value), () => m)

let count = 0

const doubled = (xs: unknown): Reverse<unknown> =>
  isVar(xs)
    ? R.step([xs], ({ vocabulary: v }, [x]) => E.right(v.add(x, x)))
    : R.traverseArray((x: AnyVar) => doubled(x) as Reverse<AnyVar>)(xs as ReadonlyArray<AnyVar>)

/** Recursion on the call stack, where a loop is needed. */
const recursive = <A, B>(
  f: (a: A, i: number) => Reverse<B>,
  as: ReadonlyArray<A>,
  i = 0,
): Reverse<ReadonlyArray<B>> => {
  if (i === as.length) return R.of([])
  const rest = recursive(f, as, i + 1)
  return R.flatMap(f(as[i], i), (b) => R.map((bs: ReadonlyArray<B>) => [b, ...bs])(rest))
}

/** Forward mode that moves its argument itself instead of a variable of its own. */
const confused: Operations['jvp'] = ((f: (x: unknown) => Reverse<AnyVar>) => (x: unknown, dx: unknown) =>
  isVar(x) && isVar(dx)
    ? R.flatMap(f(x), (y) =>
        R.step([x, dx, y], (recorder, [at, tangent, result]) => {
          const swept = forwardSweep(recorder, at.id, [[at, tangent]])
          return E.isLeft(swept) ? swept : E.right(swept.right.get(result.id) ?? recorder.vocabulary.like(result, 0))
        }),
      )
    : R.throwError({ _tag: 'Raised', message: 'only single arguments' })) as never

/**
 * Mistakes in the monad, in recording, in transformations and in evaluation.
 *
 * @category mutants
 * @since 0.1.0
 */
export const operationMutants: ReadonlyArray<Mutant> = [
  operating('of records', 'of appends an instruction', () => ({ of: ((a: unknown) => noisy(R.of(a), 77)) as never })),
  operating('map records', 'map appends an instruction', () => ({
    map: ((f: (a: unknown) => unknown) => (m: Reverse<unknown>) => noisy(R.map(f)(m), 78)) as never,
  })),
  operating('chain records', 'flatMap appends an instruction after the first part', () => ({
    flatMap: ((m: Reverse<unknown>, f: (a: unknown) => Reverse<unknown>) =>
      R.flatMap(m, (a) => noisy(f(a), 79))) as never,
  })),
  operating('argument before function', 'ap records its argument first', () => ({
    ap: ((fa: Reverse<unknown>) => (fab: Reverse<(a: unknown) => unknown>) =>
      R.flatMap(fa, (a) => R.map((f: (a: unknown) => unknown) => f(a))(fab))) as never,
  })),
  operating('traversal backwards', 'traversals record the last element first', () => ({
    sequenceArray: ((as: ReadonlyArray<Reverse<unknown>>) =>
      R.map((bs: ReadonlyArray<unknown>) => bs.toReversed())(R.sequenceArray(as.toReversed()))) as never,
  })),
  operating('recursive traversal', 'traversals use the call stack', () => ({
    sequenceArray: ((as: ReadonlyArray<Reverse<unknown>>) => recursive((a: Reverse<unknown>) => a, as)) as never,
    traverseArray: ((f: (a: unknown, i: number) => Reverse<unknown>) => (as: ReadonlyArray<unknown>) =>
      recursive(f, as)) as never,
  })),
  operating('recording forgets its tape', 'record starts from the empty tape, whatever it is given', ({ record }) => ({
    record: ((f: never, { tape: _, ...options }: { readonly tape?: unknown }) => record(f, options as never)) as never,
  })),
  operating('recording counts', 'each recording leaves a number of its own', ({ record }) => ({
    record: ((f: (p: never) => Reverse<never>, options: never) =>
      record((p: never) => noisy(f(p), count++), options)) as never,
  })),
  tabled('unstable shapes', 'a shape rule changes its mind', (row) =>
    row.family === 'pointwise' && row.arity === 1
      ? {
          ...row,
          spec: (operands, a) =>
            E.map((spec: { shape: ReadonlyArray<number>; dtype: 'real' | 'int' | 'bool' }) =>
              count++ % 5 === 4 ? { ...spec, shape: [...spec.shape, 1] } : spec,
            )(row.spec(operands, a) as never),
        }
      : null,
  ),
  operating('everything is active', 'the sweep gives cotangents to constants too', ({ sweep }) => ({
    sweep: (recorder, from, wrt, seeds, until = recorder.builder.length()) => {
      const all = Array.from({ length: until - from }, (_, i) => recorder.builder.at(from + i) as AnyVar)
      return sweep(recorder, from, [...wrt, ...all.filter(({ dtype }) => dtype === 'real')], seeds, until)
    },
  })),
  operating('doubled cotangent', 'the pullback starts from twice the cotangent', ({ vjp }) => ({
    vjp: ((f: never) => (x: never) =>
      R.map(([y, pull]: readonly [unknown, (c: unknown) => Reverse<unknown>]) => [
        y,
        (c: unknown) => R.flatMap(doubled(c), pull),
      ])(vjp(f)(x) as never)) as never,
  })),
  operating('confused perturbations', 'forward mode does not tell its variable from the value it stands for', () => ({
    jvp: confused,
  })),
  operating('doubled second derivative', 'hvp gives twice the product', ({ hvp }) => ({
    hvp: ((f: never) => (x: never, v: never) => R.flatMap(hvp(f)(x, v) as Reverse<unknown>, doubled)) as never,
  })),
  operating('nothing is pruned', 'prune gives back what it was given', () => ({
    prune: ((program: unknown) => E.right(program)) as never,
  })),
  operating('pruned to zero', 'prune loses what the outputs need', ({ prune }) => ({
    prune: ((
      program: { readonly outputs: ReadonlyArray<AnyVar>; readonly inputs: ReadonlyArray<AnyVar> },
      calculus: never,
    ) =>
      prune(
        {
          ...program,
          outputs: program.outputs.map((y, i) =>
            i === 0 ? (program.inputs.find((x) => x.shape.join() === y.shape.join()) ?? y) : y,
          ),
        } as never,
        calculus,
      )) as never,
  })),
  tabled('leaky stop', 'stopGradient lets the cotangent through', (row) =>
    row.name === 'stopGradient' ? { ...row, derivative: { pull: (_, ct) => ct, push: (_, [dx]) => dx } } : null,
  ),
  operating('rules are ignored', 'a custom rule is never used', ({ customRule }) => ({
    customRule: (({ name, f }: { readonly name: string; readonly f: never }) => customRule({ name, f })) as never,
  })),
  operating('transposed Jacobian', 'rows and columns are mixed up', ({ jacobian }) => ({
    jacobian: ((f: never, options: { readonly by?: 'rows' | 'columns' }) => (x: never) =>
      R.flatMap(jacobian(f, options as never)(x) as Reverse<AnyVar>, (j) =>
        options.by === 'columns' && j.shape.length > 1
          ? R.step([j], ({ vocabulary: v }, [m]) =>
              E.right(
                v.reshape(
                  v.permute(
                    m,
                    m.shape.map((_, d) => m.shape.length - 1 - d),
                  ),
                  m.shape,
                ),
              ),
            )
          : R.of(j),
      )) as never,
  })),
  tabled(
    'another algebra, another function',
    'over other algebras than float64 sums, products and choices come out negated',
    (row) =>
      ['add', 'mul', 'sub', 'select', 'max'].includes(row.name)
        ? {
            ...row,
            kernel: (algebra, site, evaluate) => {
              const kernel = row.kernel(algebra, site, evaluate)
              if (algebra.name === 'float64' || site.result.dtype !== 'real') return kernel
              return (xs, out) => {
                kernel(xs, out)
                for (let i = 0; i < out.length; i++) out[i] = algebra.neg(out[i])
              }
            },
          }
        : null,
  ),
]
