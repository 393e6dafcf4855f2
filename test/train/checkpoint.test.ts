import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'
import { tensor } from 'wengert'
import { writeSafetensors } from 'wengert/formats'
import { type Checkpoint, decode, encode, loadFrom, type Progress, saveTo } from 'wengert/train'
import { eventsOf, long, numbers, right } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'wengert-checkpoint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const progress: Progress = {
  checkpoint: 1,
  step: 7,
  epoch: 1,
  position: 3,
  total: 0.1 + 0.2,
  seed: -5,
  rows: 70,
  batchSize: 16,
  drawn: '{"key":[1,0]}',
  optimiser: 'adam',
  program: 'ab',
  best: { epoch: 0, loss: 1 / 3 },
  waited: 2,
}
const checkpoint: Checkpoint = {
  progress,
  tensors: { 'learner.parameters.w': tensor([1.5, -0, 5e-324, 1e308]), 'learner.step': tensor(7) },
}
const bytes = right(encode('run.safetensors')(checkpoint))

describe('a checkpoint', () => {
  it('comes back as it was', () => {
    expect(right(decode('run.safetensors')(bytes))).toEqual(checkpoint)
    expect(Object.is(right(decode('run.safetensors')(bytes)).tensors['learner.parameters.w'].data[1], -0)).toBe(true)
  })

  it('cut off anywhere is refused', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(decode('run.safetensors')(bytes.subarray(0, length))).toMatchObject({ left: { file: 'run.safetensors' } })
  })

  it('with any one bit changed is refused', () => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3] ^= 1 << (bit & 7)
      expect(decode('run.safetensors')(changed)).toMatchObject({ _tag: 'Left', left: { file: 'run.safetensors' } })
    }
  })

  it('is refused when it is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => E.isLeft(decode('noise')(noise))),
      { seed: 1, numRuns: 300 },
    )
  })

  it('is no other safetensors file', () => {
    const foreign = right(writeSafetensors('net')({ tensors: { w: tensor([1]) }, metadata: { format: 'pt' } }))
    expect(decode('net.safetensors')(foreign)).toMatchObject({
      left: {
        _tag: 'MalformedFile',
        message: 'net.safetensors: a safetensors file, but no checkpoint: its metadata say nothing of a run',
      },
    })
  })

  it('says which part of the progress is not right', () => {
    const wrong = { ...progress, step: -1 }
    const file = right(writeSafetensors('run')({ tensors: {}, metadata: { wengert: JSON.stringify(wrong) } }))
    expect(decode('run')(file)).toMatchObject({
      left: { message: 'run: the progress of the run cannot be read: step is not right' },
    })
  })
})

describe('a file', () => {
  it('that is not there is refused', () => {
    expect(loadFrom(join(folder, 'none'))()).toMatchObject({ left: { _tag: 'UnreadableFile' } })
  })

  it('takes the place of the one before it, and leaves nothing beside it', () => {
    const path = join(folder, 'twice.safetensors')
    right(saveTo(path)(checkpoint)())
    right(saveTo(path)({ ...checkpoint, progress: { ...progress, step: 8 } })())
    expect(right(loadFrom(path)()).progress.step).toBe(8)
    expect(existsSync(`${path}.partial`)).toBe(false)
  })

  it('stays as it was when a save fails', () => {
    const path = join(folder, 'kept.safetensors')
    right(saveTo(path)(checkpoint)())
    const before = readFileSync(path)
    // a folder where the new file would be written
    mkdirSync(`${path}.partial`)
    expect(saveTo(path)(checkpoint)()).toMatchObject({ left: { _tag: 'UnreadableFile' } })
    expect(readFileSync(path)).toEqual(before)
  })

  it('is not confused by what an interrupted save left', () => {
    const path = join(folder, 'interrupted.safetensors')
    writeFileSync(`${path}.partial`, new Uint8Array(10 * bytes.length))
    right(saveTo(path)(checkpoint)())
    expect(right(loadFrom(path)())).toEqual(checkpoint)
  })
})

describe('a run that is killed', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const script = join(folder, 'child.mjs')
  const path = join(folder, 'killed.safetensors')

  /** Runs the child until it has said so many lines, waits a little, kills it; gives what it said. */
  const run = (lines: number, delay: number): Promise<ReadonlyArray<string>> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.split('\n').length > lines) setTimeout(() => child.kill('SIGKILL'), delay)
      })
      child.on('error', reject)
      child.on('close', () => resolve(said.split('\n').slice(0, -1)))
    })

  it('loses nothing but the unfinished step, and ends where it would have ended', { timeout: 120_000 }, async () => {
    buildSync({
      entryPoints: [join(root, 'test/train/child.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      tsconfig: join(root, 'tsconfig.json'),
    })
    const delays = fc.sample(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 12 })), {
      seed: 1,
      numRuns: 8,
    })
    let reached = 0
    for (const [lines, delay] of delays) {
      const said = await run(lines, delay)
      const finished = said.findLast((line) => !line.startsWith('end'))
      if (finished !== undefined) reached = Number(finished)
      if (reached === 0) continue
      // what it said was saved is there, and perhaps one more
      const found = right(loadFrom(path)()).progress.step
      expect(found).toBeGreaterThanOrEqual(reached)
      expect(found).toBeLessThanOrEqual(reached + 1)
      reached = found
    }
    const end = (await run(Number.POSITIVE_INFINITY, 0)).at(-1)
    const whole = eventsOf(long).at(-1)
    if (whole?._tag !== 'stopped') return expect.fail()
    // the kills came before the end, so there was something to lose
    expect(reached).toBeLessThan(400)
    expect(end).toBe(`end ${JSON.stringify(numbers(whole.parameters))}`)
  })
})
