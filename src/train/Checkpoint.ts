/**
 * A checkpoint: all that a run needs to go on as if it had never stopped, as one safetensors file. The tensors are the
 * learner's (and the best learner's, under early stopping), named by their paths; the progress is JSON among the file's
 * metadata. One file, so the two can never disagree; a SHA-256 over both, so that a changed bit is noticed.
 *
 * Law. `decode(encode(c))` is `c` again, bit for bit.
 *
 * @since 0.1.0
 */
import { createHash } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { type Failure, fail, failure } from '../Failure.js'
import { readSafetensors, type Safetensors, unpack, writeSafetensors } from '../formats/index.js'
import { equals, show } from '../Shape.js'
import type { AnyTensor } from '../Tensor.js'
import * as Tree from '../Tree.js'

const whole = t.refinement(t.number, Number.isSafeInteger, 'an integer')
const count = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'a natural number')

/**
 * Where a run is, and what it must agree with to go on.
 *
 * @category model
 * @since 0.1.0
 */
export interface Progress {
  /** the version of this format */
  readonly checkpoint: 1
  /** steps made so far */
  readonly step: number
  /** the epoch that comes next or is under way, counted from 0 */
  readonly epoch: number
  /** how many batches of it have been taken */
  readonly position: number
  /** the sum of their losses */
  readonly total: number
  /** what the run draws from */
  readonly seed: number
  readonly rows: number
  readonly batchSize: number
  /** what batches with a key of their own were drawn by */
  readonly drawn: string | null
  /** the optimiser's name, for people */
  readonly optimiser: string
  /** the SHA-256 of the step's program: model, loss, optimiser and all their constants */
  readonly program: string
  /** early stopping: the best epoch so far and how many have passed since */
  readonly best: { readonly epoch: number; readonly loss: number } | null
  readonly waited: number
}

/**
 * The codec of the progress.
 *
 * @category decoding
 * @since 0.1.0
 */
export const Progress: t.Type<Progress, unknown> = t.strict({
  checkpoint: t.literal(1),
  step: count,
  epoch: count,
  position: count,
  total: t.number,
  seed: whole,
  rows: count,
  batchSize: count,
  drawn: t.union([t.null, t.string]),
  optimiser: t.string,
  program: t.string,
  best: t.union([t.null, t.strict({ epoch: count, loss: t.number })]),
  waited: count,
})

/**
 * `tensors` are named by their paths: `learner.parameters.w`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Checkpoint {
  readonly progress: Progress
  readonly tensors: Readonly<Record<string, AnyTensor>>
}

/**
 * The SHA-256 of text or bytes, in hexadecimal.
 *
 * @category destructors
 * @since 0.1.0
 */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

const PROGRESS = 'wengert'
const SEAL = 'sha256'

/**
 * The bytes of a checkpoint. Fails as `writeSafetensors` does.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode =
  (name: string) =>
  ({ progress, tensors }: Checkpoint): E.Either<Failure, Uint8Array> => {
    const metadata = { [PROGRESS]: JSON.stringify(Progress.encode(progress)) }
    const write = writeSafetensors(name)
    return pipe(
      write({ tensors, metadata }),
      E.chain((bytes) => write({ tensors, metadata: { ...metadata, [SEAL]: sha256(bytes) } })),
    )
  }

const refuse = (name: string, sentence: string): E.Either<Failure, never> =>
  fail('MalformedFile', `${name}: ${sentence}`, { file: name })

const progressOf = (name: string, { metadata }: Safetensors): E.Either<Failure, Progress> => {
  const text = metadata[PROGRESS]
  if (text === undefined)
    return refuse(name, 'a safetensors file, but no checkpoint: its metadata say nothing of a run')
  return pipe(
    E.tryCatch(
      () => JSON.parse(text) as unknown,
      () => null,
    ),
    E.chainW((json) => Progress.decode(json)),
    E.mapLeft((errors) => {
      const keys = errors?.[0]?.context.map(({ key }) => key).filter((key) => key !== '')
      const where = keys?.length ? `: ${keys.join('.')} is not right` : ''
      return failure('MalformedFile', `${name}: the progress of the run cannot be read${where}`, { file: name })
    }),
  )
}

/**
 * Accepts the bytes of a checkpoint; `name` is for the sentences. Fails with `MalformedFile` on what is cut off, changed or
 * something else, and says which.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode =
  (name: string) =>
  (bytes: Uint8Array): E.Either<Failure, Checkpoint> =>
    pipe(
      readSafetensors(name)(bytes),
      E.chain((file) => {
        const { [SEAL]: seal, ...metadata } = file.metadata
        return pipe(
          progressOf(name, file),
          E.bindTo('progress'),
          E.bind('unsealed', () => writeSafetensors(name)({ tensors: file.tensors, metadata })),
          E.chain(({ progress, unsealed }) =>
            seal === sha256(unsealed)
              ? E.right({
                  progress,
                  tensors: Object.fromEntries(Object.entries(file.tensors).map(([key, one]) => [key, unpack(one)])),
                })
              : refuse(name, 'its contents do not match its checksum; the file has been changed or damaged'),
          ),
        )
      }),
    )

/**
 * The tensors of a tree by their paths, under a prefix.
 *
 * @category destructors
 * @since 0.1.0
 */
export const flat = (prefix: string, tree: Tree.TensorTree): Readonly<Record<string, AnyTensor>> =>
  Object.fromEntries(
    Tree.flatten<AnyTensor>(tree).map(({ path, leaf }) => [path === '' ? prefix : `${prefix}.${path}`, leaf]),
  )

/**
 * The tree of tensors under a prefix, in the structure of another. Fails with `StructureMismatch` or `ShapeMismatch` where
 * a tensor is missing or is another one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const shapedLike =
  <P extends Tree.TensorTree>(prefix: string, like: P) =>
  ({ tensors }: Checkpoint): E.Either<Failure, P> =>
    Tree.traverseWithPath((path: string, wanted: AnyTensor) => {
      const name = path === '' ? prefix : `${prefix}.${path}`
      const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined
      if (found === undefined)
        return fail('StructureMismatch', `checkpoint: there is no tensor ${name}`, { operation: 'checkpoint', path })
      return found.dtype === wanted.dtype && equals(found.shape, wanted.shape)
        ? E.right(found)
        : fail(
            'ShapeMismatch',
            `checkpoint: ${name} is ${found.dtype} ${show(found.shape)}; the run needs ${wanted.dtype} ${show(wanted.shape)}`,
            { operation: 'checkpoint', path, shapes: [found.shape, wanted.shape] },
          )
    })(like) as E.Either<Failure, P>
