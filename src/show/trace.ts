/**
 * A program at one point, one step at a time: forwards with the value of every instruction, backwards with its adjoint
 * (the derivative of the result with respect to it), the rule that was applied and what it gave to each operand.
 *
 * The rules are not written here: what is shown is what the reverse sweep recorded on the tape, printed over the names of
 * the values. A value that is used twice receives the sum of what its uses give, and the steps show that sum growing.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { compile } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { standard } from '../Program.js'
import { needed } from '../primitive/evaluate.js'
import { attempt, recorderOn } from '../primitive/Recorder.js'
import { show, size } from '../Shape.js'
import { at, type Instruction, type Program, type Tape } from '../Tape.js'
import { type AnyTensor, unsafeMake } from '../Tensor.js'
import { flatten, leaves, type Tree } from '../Tree.js'
import { reverseSweep } from '../transform/index.js'
import type { AnyVar } from '../Var.js'
import { type Graph, rootsOf, tapeGraph } from './graph.js'
import { formula, namesOf, scalarOf, showValue, visible } from './names.js'

/**
 * An instruction was evaluated.
 *
 * @category model
 * @since 0.1.0
 */
export interface ForwardStep {
  /** its position on the tape */
  readonly id: number
  readonly name: string
  readonly formula: string
  readonly value: AnyTensor
}

/**
 * What a step backwards gave to one operand.
 *
 * @category model
 * @since 0.1.0
 */
export interface Given {
  readonly id: number
  readonly name: string
  /** as recorded: `adj(loss) * x` */
  readonly rule: string
  readonly value: AnyTensor
  /** what the operand has received so far */
  readonly sum: AnyTensor
}

/**
 * An instruction was visited on the way back.
 *
 * @category model
 * @since 0.1.0
 */
export interface BackwardStep {
  readonly id: number
  readonly name: string
  readonly adjoint: AnyTensor
  readonly gives: ReadonlyArray<Given>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Trace {
  readonly program: Program
  readonly forward: ReadonlyArray<ForwardStep>
  readonly backward: ReadonlyArray<BackwardStep>
}

/** Programs longer than this have too many steps to follow. */
const MOST_STEPS = 2000
/** Rules longer than this are cut. */
const LONGEST = 100

/** What was recorded for a rule, over the names of the program's values. */
const ruleText = (
  tape: Tape,
  until: number,
  names: (id: number) => string,
  v: AnyVar,
  ct: AnyVar,
  seed: string,
): string => {
  const word = (id: number, depth: number): string => {
    if (id === ct.id) return seed
    if (id < until) return names(id)
    const instruction = at(tape, id) as Instruction
    const number = scalarOf(instruction)
    if (number !== null) return number
    if (instruction.primitive === 'broadcast' && scalarOf(at(tape, instruction.operands[0]) as Instruction) !== null)
      return word(instruction.operands[0], depth)
    if (depth > 12) return '…'
    const text = formula(
      instruction,
      instruction.operands.map((k) => word(k, depth + 1)),
      4,
    )
    return depth > 0 && /^[^()]* |[^(]*\) \S/.test(text) ? `(${text})` : text
  }
  const text = visible(word(v.id, 0))
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

const sum = (a: AnyTensor | undefined, b: AnyTensor): AnyTensor =>
  a === undefined
    ? b
    : unsafeMake(
        b.shape,
        'real',
        Float64Array.from({ length: size(b.shape) }, (_, i) => (a.data[i] as number) + (b.data[i] as number)),
      )

/**
 * Traces a program that gives one real scalar. `wrt` says which inputs, by their paths, are differentiated by: all that
 * are real unless given. Fails as running does; with `NotScalar` on other programs, and with `TooLarge` where there are
 * more than 2000 steps.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, record, spec, type Var } from 'wengert'
 * import { showTrace, trace } from 'wengert/show'
 *
 * type P = { readonly k: Var<readonly []>; readonly x: Var<readonly []> }
 * const program = record(({ k, x }: P) => mul(k, mul(k, x)))({ k: spec([]), x: spec([]) })
 * assert(isRight(program))
 * const traced = trace(program.right, { k: 2, x: 5 })
 * assert(isRight(traced))
 * const [first] = traced.right.backward
 * assert.deepStrictEqual(first.gives.map(({ name, rule }) => `${name}: ${rule}`), ['k: adj(%3) * %2', '%2: adj(%3) * k'])
 * assert(showTrace(traced.right).includes('%3  k * %2  20'))
 * ```
 *
 * @category traces
 * @since 0.1.0
 */
export const trace = (
  program: Program,
  inputs: Tree<AnyTensor | number>,
  { wrt }: { readonly wrt?: ReadonlyArray<string> } = {},
): E.Either<Failure, Trace> => {
  const results = leaves<AnyVar>(program.outputs)
  if (results.length !== 1 || results[0].dtype !== 'real' || results[0].shape.length !== 0)
    return fail('NotScalar', 'trace: the program must give one real scalar; take its sum or mean', {
      operation: 'trace',
    })
  const steps = needed(program)
  if (steps.length > MOST_STEPS)
    return fail(
      'TooLarge',
      `trace: the program has ${steps.length} steps, more than ${MOST_STEPS}; trace a smaller one`,
      {
        operation: 'trace',
      },
    )
  const entries = flatten<AnyVar>(program.inputs)
  const unknown = wrt?.find((path) => !entries.some((e) => e.path === path && e.leaf.dtype === 'real'))
  if (unknown !== undefined)
    return fail(
      'InvalidArgument',
      `trace: there is no real input ${unknown}; there are ${entries.map((e) => e.path).join(', ')}`,
      {
        operation: 'trace',
        path: unknown,
      },
    )
  const variables = entries.flatMap(({ path, leaf }) =>
    leaf.dtype === 'real' && (wrt === undefined || wrt.includes(path)) ? [leaf] : [],
  )
  const until = program.tape.length
  const recorder = recorderOn(program.tape, standard)
  const swept = attempt(() =>
    reverseSweep(recorder, 0, variables, [[results[0], recorder.vocabulary.like(results[0], 1)]], until),
  )
  if (E.isLeft(swept)) return swept
  const { cotangents, contributions } = swept.right
  const tape = recorder.builder.tape()
  const wanted = [...steps, ...cotangents.values(), ...contributions.map(({ value }) => value)]
  const ids = [...new Set(wanted.map(({ id }) => id))]
  const outputs = ids.map((id) => at(tape, id) as AnyVar)
  const run = E.chain((e: { readonly run: (p: never) => E.Either<Failure, unknown> }) => e.run(inputs as never))(
    compile()({ _tag: 'Program', tape, inputs: program.inputs, outputs }),
  ) as E.Either<Failure, ReadonlyArray<AnyTensor>>
  if (E.isLeft(run)) return run
  const values = new Map(ids.map((id, i) => [id, run.right[i]]))
  const value = (v: AnyVar): AnyTensor => values.get(v.id) as AnyTensor

  const root = rootsOf(program)
  const names = namesOf(program.tape, root)
  const own = (id: number): boolean => root(id) === id
  const forward = steps
    .filter((i) => own(i.id) && scalarOf(i) === null)
    .map((i) => ({
      id: i.id,
      name: visible(names(i.id)),
      formula: i.primitive === 'input' ? '' : visible(formula(i, i.operands.map(names), 4)),
      value: value(i),
    }))
  const sums = new Map<number, AnyTensor>()
  const backward = [...steps].reverse().flatMap((instruction): ReadonlyArray<BackwardStep> => {
    const { id, operands } = instruction
    const ct = cotangents.get(id)
    if (ct === undefined || !own(id)) return []
    const name = visible(names(id))
    const gives = contributions
      .filter((c) => c.instruction === id)
      .map((c): Given => {
        const target = root(operands[c.operand])
        const total = sum(sums.get(target), value(c.value))
        sums.set(target, total)
        const rule = ruleText(tape, until, names, c.value, ct, `adj(${name})`)
        return { id: target, name: visible(names(target)), rule, value: value(c.value), sum: total }
      })
    return [{ id, name, adjoint: value(ct), gives }]
  })
  return E.right({ program, forward, backward })
}

const digits = (x: number): string => String(Number(x.toPrecision(6)))

const brief = (t: AnyTensor): string => `${showValue(t, 4, digits)}${t.shape.length > 0 ? ` ${show(t.shape)}` : ''}`

/** Columns, each as wide as its widest cell. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, j) => Math.max(...rows.map((row) => row[j].length)))
  return rows.map((row) => `  ${row.map((cell, j) => cell.padEnd(widths[j])).join('  ')}`.trimEnd())
}

/**
 * A trace as text: a table forwards, a table backwards.
 *
 * @category traces
 * @since 0.1.0
 */
export const showTrace = ({ forward, backward }: Trace): string =>
  [
    'forward',
    ...aligned(forward.map((s) => [s.name, s.formula === '' ? 'given' : s.formula, brief(s.value)])),
    'backward',
    ...aligned(
      backward.flatMap((s) => [
        [`adj(${s.name})`, `= ${brief(s.adjoint)}`, '', ''],
        ...s.gives.map((g) => [`  to ${g.name}`, `+ ${brief(g.value)}`, g.rule, `so far ${brief(g.sum)}`]),
      ]),
    ),
    '',
  ].join('\n')

/**
 * A trace as pictures to be: one graph for each step, forwards and then backwards, the visited node highlighted and the
 * values and adjoints that are known by then in their nodes. `graphFrames` draws them, every node in its place.
 *
 * @category traces
 * @since 0.1.0
 */
export const traceGraphs = ({ program, forward, backward }: Trace): ReadonlyArray<Graph> => {
  const frame = (title: string, id: number, values: number, visited: number): Graph => {
    const adjoints = new Map(backward.slice(0, visited).map((s) => [s.id, brief(s.adjoint)]))
    // what has arrived at nodes that are not visited yet
    for (const step of backward.slice(0, visited))
      for (const g of step.gives)
        if (!backward.slice(0, visited).some((s) => s.id === g.id)) adjoints.set(g.id, brief(g.sum))
    const notes = new Map(
      forward.map((s, i) => {
        const adjoint = adjoints.get(s.id)
        return [
          s.id,
          [i < values ? `= ${brief(s.value)}` : ' ', adjoint === undefined ? ' ' : `adj ${adjoint}`],
        ] as const
      }),
    )
    return tapeGraph(program, { title, highlight: [id], notes, limit: Number.POSITIVE_INFINITY })
  }
  return [
    ...forward.map((s, i) => frame(`forward ${i + 1} of ${forward.length}: ${s.name}`, s.id, i + 1, 0)),
    ...backward.map((s, i) => frame(`backward ${i + 1} of ${backward.length}: ${s.name}`, s.id, forward.length, i + 1)),
  ]
}
