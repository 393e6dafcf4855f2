/**
 * What recording leaves behind: tapes that never change, the same tape for the same model, well-formed instructions, and
 * nothing that depends on numbers.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { spec } from '../src/Program.js'
import { type Primitive, type PrimitiveName, recorderOn } from '../src/primitive/index.js'
import * as R from '../src/Reverse.js'
import { step } from '../src/Reverse.js'
import { at, empty, equals, type Instruction, instructions, type Program, prefix, type Tape } from '../src/Tape.js'
import { inline } from '../src/transform/inline.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, drawnModel, models, programs } from './arbitrary/index.js'
import { apply, holds, told } from './check.js'
import { type Law, law, part, type Subject, type Tally } from './Law.js'
import { type Model, must, reals, recorded } from './Model.js'
import { ids } from './monad.js'

const checkPersistent =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const base = recorded(subject, reals([[2]]), ([x]) => R.map((y: AnyVar) => [y])(apply('exp')(x))).tape
    const before = instructions(base)
    const extended = must(
      subject.operations.record<ReadonlyArray<AnyVar>, ReadonlyArray<AnyVar>>(model.f, {
        calculus: subject.calculus,
        tape: base,
      })(model.inputs.map((shape) => spec(shape)) as never),
      'recording on a tape',
    )
    const after = instructions(base)
    holds(
      'a tape that was recorded on has not changed',
      after.length === before.length && after.every((x, i) => x === before[i]),
    )
    holds(
      'the new tape begins with the old one, the same objects',
      extended.tape.length >= base.length &&
        before.every((x, i) => at(extended.tape, i) === x) &&
        equals(prefix(extended.tape, base.length), base),
    )
    holds(
      'instructions are frozen',
      instructions(extended.tape).every(
        (x) => Object.isFrozen(x) && Object.isFrozen(x.operands) && Object.isFrozen(x.attributes),
      ),
    )
    tally.informative()
  }

/** A program recorded again, by itself. */
const again = (subject: Subject, program: Program): Program => {
  const inputs = program.inputs as ReadonlyArray<AnyVar>
  return recorded(
    subject,
    inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    (xs) => step(xs, (recorder, vars) => inline(recorder, program, vars)),
  )
}

const checkRecording =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const record = () => recorded(subject, reals(model.inputs), model.f)
    const [first, second] = [record(), record()]
    holds(
      'recording twice gives equal tapes',
      equals(first.tape, second.tape) && ids(first) === ids(second),
      told(subject, model),
    )
    const copy = again(subject, first)
    // L10
    holds(
      'a program recorded again is itself, without what is not needed',
      equals(again(subject, copy).tape, copy.tape),
      told(subject, model),
    )
    holds('recording again adds nothing', copy.tape.length <= first.tape.length, told(subject, model))
    // the same value twice is one recording
    const twice = recorded(subject, reals(model.inputs), (xs) => {
      const y = model.f(xs)
      return R.flatMap(y, () => y)
    })
    holds('what has already been recorded is not recorded again', equals(twice.tape, first.tape), told(subject, model))
    tally.informative()
  }

const checkInputsOnly =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    // the same sketch at other numbers: recording does not look at them
    const [a, b] = [sample, { ...sample, source: { seed: sample.source.seed + 1, richness: 2 as const } }].map((s) => {
      const model = drawnModel(s)
      return recorded(subject, reals(model.inputs), model.f).tape
    })
    holds('the tape does not depend on the numbers', equals(a, b))
    tally.informative()
  }

/**
 * Breaks the law unless a tape is well formed: positions are dense, operands come earlier, primitives are known, arities,
 * shapes and element types fit, and the outputs are on it.
 *
 * @category checks
 * @since 0.1.0
 */
export const wellFormed = (subject: Subject, tape: Tape, outputs: ReadonlyArray<AnyVar>): void => {
  instructions(tape).forEach((x: Instruction, position) => {
    const row = subject.calculus.table[x.primitive as PrimitiveName] as Primitive | undefined
    const where = `%${position} = ${x.primitive}(${x.operands.map((k) => `%${k}`).join(', ')})`
    holds(`${where}: positions are dense`, x.id === position)
    holds(
      `${where}: operands come earlier`,
      x.operands.every((k) => Number.isInteger(k) && k >= 0 && k < position),
    )
    holds(`${where}: the primitive is known`, row !== undefined)
    if (row === undefined) return
    const n = x.operands.length
    holds(`${where}: the arity fits`, row.arity >= 0 ? n === row.arity : row.arity === -1 ? n > 0 : true)
    const operands = x.operands.map((k) => at(tape, k) as Instruction)
    const described = row.spec(operands, x.attributes as never)
    holds(
      `${where}: the shape and element type follow from the operands`,
      E.isRight(described) && described.right.dtype === x.dtype && described.right.shape.join() === x.shape.join(),
    )
  })
  for (const y of outputs) holds('outputs are on the tape', at(tape, y.id) === y)
}

const checkWellFormed =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const program = recorded(subject, reals([...model.inputs, ...model.inputs]), (all) =>
      subject.operations.jvp(model.f)(all.slice(0, model.inputs.length), all.slice(model.inputs.length)),
    )
    wellFormed(subject, program.tape, program.outputs)
    tally.informative()
  }

/** Two tapes one after the other: the second recorded on top of the first. */
const joined = (subject: Subject, first: Tape, second: Tape): Tape => {
  const recorder = recorderOn(first, subject.calculus)
  const here: Array<AnyVar> = []
  for (const { primitive, operands, attributes } of instructions(second))
    here.push(
      must(
        recorder.emit(
          primitive as PrimitiveName,
          operands.map((k) => here[k]),
          attributes as never,
        ),
        'recording again',
      ),
    )
  return recorder.builder.tape()
}

const checkConcatenation =
  (subject: Subject) =>
  (three: ReadonlyArray<Model>, tally: Tally): void => {
    const [p, q, r] = three.map((model) => recorded(subject, reals(model.inputs), model.f).tape)
    holds('the empty tape on the left', equals(joined(subject, empty, p), p))
    holds('the empty tape on the right', equals(joined(subject, p, empty), p))
    const left = joined(subject, joined(subject, p, q), r)
    const right = joined(subject, p, joined(subject, q, r))
    holds('concatenation is associative', equals(left, right))
    if (left.length > p.length) tally.informative()
  }

const checkConstants =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    let passive = true
    recorded(subject, reals(model.inputs), (xs) =>
      R.flatMap(subject.operations.vjp(model.f)(xs), ([ys]) =>
        step(ys, (recorder, vars) => {
          const from = xs.length
          const until = recorder.builder.length()
          const wrt = instructionsBetween(recorder, from, until).filter(({ primitive }) => primitive === 'variable')
          const seeds = vars.filter((y) => y.id >= from).map((y) => [y, recorder.vocabulary.like(y, 1)] as const)
          const adjoint = subject.operations.sweep(recorder, from, wrt, seeds, until)
          if (E.isLeft(adjoint)) return adjoint
          for (const id of adjoint.right.cotangents.keys()) {
            const { primitive } = recorder.builder.at(id) as Instruction
            if (primitive === 'constant' || primitive === 'input' || recorder.builder.at(id)?.dtype !== 'real')
              passive = false
          }
          return E.right(ys)
        }),
      ),
    )
    holds(
      'constants, integers and what does not depend on the variables receive no cotangent',
      passive,
      told(subject, model),
    )
    tally.informative()
  }

const instructionsBetween = (
  recorder: ReturnType<typeof recorderOn>,
  from: number,
  until: number,
): ReadonlyArray<Instruction> =>
  Array.from({ length: until - from }, (_, i) => recorder.builder.at(from + i) as Instruction)

const about = (id: string, name: string, doc: string) => ({ id, name, cls: 'S' as const, section: 'monad', doc })

const short = { maxLength: 4 }

/**
 * L8 to L14.
 *
 * @category laws
 * @since 0.1.0
 */
export const recordingLaws: ReadonlyArray<Law> = [
  law(
    about('L8', 'persistence', 'recording on T gives a T that begins with the very instructions of T; T never changes'),
    (subject) => [part('programs', models('any'), checkPersistent(subject), { share: 1 / 2 })],
  ),
  law(
    about(
      'L9',
      'idempotence',
      'also L10: recording twice gives equal tapes; what was recorded in a run is not recorded again',
    ),
    (subject) => [part('programs', models('any'), checkRecording(subject), { share: 1 / 2 })],
  ),
  law(about('L11', 'nothing depends on numbers', 'without peek, a tape follows from shapes alone'), (subject) => [
    part('programs', programs('any'), checkInputsOnly(subject), { share: 1 / 2 }),
  ]),
  law(
    about(
      'L12',
      'well-formed tapes',
      'operands come earlier, arities and shapes fit, positions are dense; also after derivatives',
    ),
    (subject) => [part('derivatives of programs', models('tensor'), checkWellFormed(subject), { share: 1 / 2 })],
  ),
  law(
    about(
      'L13',
      'tapes are a monoid',
      'one program after the other on one tape: associative, with the empty tape as unit',
    ),
    (subject) => [
      part(
        'programs',
        fc.tuple(models('any', short), models('any', short), models('any', short)),
        checkConcatenation(subject),
        { share: 1 / 4 },
      ),
    ],
  ),
  law(
    about('L14', 'constants stay passive', 'nothing that does not depend on the variables is given a cotangent'),
    (subject) => [part('programs', models('tensor'), checkConstants(subject), { share: 1 / 2 })],
  ),
]
