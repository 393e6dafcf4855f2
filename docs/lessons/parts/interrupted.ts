/**
 * A run that is stopped in the middle and goes on later, as after a power cut.
 *
 * @since 0.1.0
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { AnyTensor, Failure } from 'wengert'
import type { Blocks } from 'wengert/nn'
import * as Tree from 'wengert/Tree'
import { type FitOptions, fit, type Learnt, loadFrom, saveTo } from 'wengert/train'

type Options<P extends Tree.VarTree, X extends Tree.VarTree, S extends Tree.VarTree, O> = FitOptions<P, X, S, O>

/** What a run has learnt when it ends. */
const ended = <P extends Tree.VarTree, X extends Tree.VarTree, S extends Tree.VarTree, O>(
  options: Options<P, X, S, O>,
): E.Either<Failure, Learnt<P, S>> =>
  pipe(
    fit(options),
    E.chain((events) => {
      for (const event of events) {
        if (event._tag === 'failed') return E.left(event.failure)
        if (event._tag === 'stopped') return E.right({ parameters: event.parameters, state: event.state })
      }
      throw new Error('a run ends with the event stopped or failed')
    }),
  )

const stoppedAfter = <P extends Tree.VarTree, X extends Tree.VarTree, S extends Tree.VarTree, O>(
  options: Options<P, X, S, O>,
  steps: number,
  path: string,
): E.Either<Failure, void> =>
  pipe(
    fit({ ...options, checkpoint: { save: saveTo(path), steps } }),
    E.chain((events) => {
      for (const event of events) {
        if (event._tag === 'failed') return E.left(event.failure)
        if (event._tag === 'checkpoint') break
      }
      return E.right(undefined)
    }),
  )

const resumed = <P extends Tree.VarTree, X extends Tree.VarTree, S extends Tree.VarTree, O>(
  options: Options<P, X, S, O>,
  path: string,
): E.Either<Failure, Learnt<P, S>> =>
  pipe(
    loadFrom(path)(),
    E.chain((resume) => ended({ ...options, resume })),
  )

/** Numbers of both, and how many of them differ in any bit. */
const compared = (a: Tree.TensorTree, b: Tree.TensorTree): Pick<Interruption, 'numbers' | 'differing'> => {
  const [left, right] = [a, b].map((tree) => Tree.leaves<AnyTensor>(tree).flatMap(({ data }) => Array.from(data)))
  return { numbers: left.length, differing: left.filter((x, i) => !Object.is(x, right[i])).length }
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Interruption {
  /** steps before the run was stopped */
  readonly steps: number
  /** bytes of the checkpoint */
  readonly bytes: number
  /** numbers that were learnt */
  readonly numbers: number
  /** how many of them are not the same, bit for bit, as without the interruption */
  readonly differing: number
}

/**
 * Makes a run twice, once without interruption and once stopped after some steps and resumed, and compares what was learnt.
 *
 * @category running
 * @since 0.1.0
 */
export const interrupted = <P extends Blocks, X extends Tree.VarTree, S extends Blocks, O>(
  { validation: _, ...options }: Options<P, X, S, O>,
  steps: number,
): E.Either<Failure, Interruption> => {
  const folder = mkdtempSync(join(tmpdir(), 'wengert-'))
  const path = join(folder, 'network.safetensors')
  try {
    return pipe(
      E.Do,
      E.bind('whole', () => ended(options)),
      E.bind('stopped', () => stoppedAfter(options, steps, path)),
      E.bind('later', () => resumed(options, path)),
      E.map(({ whole, later }) => ({
        steps,
        bytes: statSync(path).size,
        ...compared(whole as never, later as never),
      })),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
