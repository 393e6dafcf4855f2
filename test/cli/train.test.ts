import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { draw } from '../../src/cli/drawProgram.js'
import { explain } from '../../src/cli/explainProgram.js'
import { predict } from '../../src/cli/predictProgram.js'
import { configOf } from '../../src/cli/trainConfig.js'
import { type Interrupts, train, trainProgram } from '../../src/cli/trainProgram.js'
import { packedOf, writeNpy, writeNpz } from '../../src/formats/index.js'
import { ints, tensor } from '../../src/Tensor.js'
import { ran, scratch } from './support.js'

const { folder, file } = scratch('train')

/** Two clouds of points, apart, and which is which. */
const cloud = Array.from({ length: 40 }, (_, i) => {
  const [x, y] = [Math.sin(7 * i), Math.cos(11 * i)]
  return i % 2 === 0 ? [x - 2, y, 'left'] : [x + 2, y, 'right']
})
file('cloud.csv', `x,y,side\n${cloud.map((row) => row.join(',')).join('\n')}\n`)

const config = {
  data: { from: 'csv', file: 'cloud.csv', inputs: ['x', 'y'], targets: ['side'] },
  standardise: true,
  validation: 0.25,
  model: [{ layer: 'linear', outputs: 4 }, 'tanh', { layer: 'dropout', rate: 0.1 }, { layer: 'linear', outputs: 2 }],
  loss: 'crossEntropy',
  optimiser: { optimiser: 'adam', rate: { schedule: 'cosine', initial: 0.1, steps: 100, warmUp: 5 }, clipNorm: 5 },
  epochs: 20,
  batchSize: 6,
  seed: 3,
}

const written = (name: string, changes: object = {}): string =>
  file(name, JSON.stringify({ ...config, ...changes, out: join(folder, 'runs', name) }))

const cloudJson = written('cloud.json')
const run = join(folder, 'runs', 'cloud.json')

const json = (...path: ReadonlyArray<string>) => JSON.parse(readFileSync(join(...path), 'utf8'))

describe('wengert train', () => {
  it('trains, shows and keeps', async () => {
    const { code, out, error } = await ran(train, [cloudJson])
    expect([code, error]).toEqual([0, ''])
    for (const part of [
      '30 examples, 10 to validate on',
      'linear(2, 4)',
      'step  10/100',
      'steps/s',
      '● training',
      'accuracy 100.00 %',
    ])
      expect(out).toContain(part)
    expect(out).not.toContain('\u001b')
    expect(json(run, 'summary.json')).toMatchObject({
      step: 100,
      epochs: 20,
      reason: 'finished',
      validation: { accuracy: 1 },
    })
    expect(json(run, 'history.json')).toHaveLength(20)
    expect(json(run, 'run.json')).toMatchObject({ format: 'wengert-run', classes: ['left', 'right'], shape: [2] })
    expect(readFileSync(join(run, 'loss.svg'), 'utf8')).toMatch(/^<svg /)
  })

  it('does not overwrite a run unless told to', async () => {
    const { code, error } = await ran(train, [cloudJson])
    expect(code).toBe(3)
    expect(error).toMatch(/has a run already: --resume goes on with it, --overwrite begins anew/)
    const before = readFileSync(join(run, 'checkpoint.safetensors'))
    expect((await ran(train, [cloudJson, '--overwrite', '--quiet'])).code).toBe(0)
    expect(readFileSync(join(run, 'checkpoint.safetensors'))).toEqual(before)
  })

  it('stops when asked, saves, and goes on to the same bits', async () => {
    const path = written('stopped.json')
    let after = 0
    const interrupts: Interrupts = {
      listen: (stop) => {
        after = 1
        stop()
        return () => {
          after = 2
        }
      },
    }
    const stopped = await ran(trainProgram(interrupts), [path])
    expect(stopped.code).toBe(130)
    expect(stopped.out).toContain(`stopped after step 1; to go on: wengert train ${path} --resume`)
    expect(after).toBe(2)
    const resumed = await ran(train, [path, '--resume'])
    expect([resumed.code, resumed.error]).toEqual([0, ''])
    expect(resumed.out).toContain('from step 1')
    const bits = (name: string) => readFileSync(join(folder, 'runs', name, 'checkpoint.safetensors'))
    expect(bits('stopped.json').equals(bits('cloud.json'))).toBe(true)
    expect(json(folder, 'runs', 'stopped.json', 'history.json')).toEqual(json(run, 'history.json'))
  })

  it('stops early, and keeps the best', async () => {
    const path = written('early.json', { stopping: { patience: 2, minDelta: 0.5 } })
    const { code, out } = await ran(train, [path, '--quiet'])
    expect(code).toBe(0)
    expect(out).toContain('no better for a while')
    expect(json(folder, 'runs', 'early.json', 'summary.json').reason).toBe('patience')
  })

  it('learns numbers from npz and npy files, in float32', async () => {
    const x = tensor([[0], [1], [2], [3]])
    const y = tensor([[1], [3], [5], [7]])
    const npz = writeNpz('line.npz')({ x: packedOf(x), y: packedOf(y) })
    if (E.isLeft(npz)) throw new Error(npz.left.message)
    file('line.npz', npz.right)
    const line = {
      model: [{ layer: 'linear', outputs: 1 }],
      loss: 'meanSquaredError',
      optimiser: { optimiser: 'sgd', rate: 0.1 },
      epochs: 200,
      batchSize: 4,
      standardise: false,
      validation: undefined,
      scalar: 'f32',
    }
    const archive = written('line.json', {
      ...line,
      data: { from: 'npz', file: 'line.npz', inputs: 'x', targets: 'y' },
    })
    expect((await ran(train, [archive, '--quiet'])).out).toContain('training loss')
    file('x.npy', writeNpy(packedOf(x)))
    file('y.npy', writeNpy(packedOf(y)))
    const arrays = written('arrays.json', { ...line, data: { from: 'npy', inputs: 'x.npy', targets: 'y.npy' } })
    expect((await ran(train, [arrays, '--quiet'])).code).toBe(0)
    const { out } = await ran(predict, [join(folder, 'runs', 'line.json'), '--data', join(folder, 'x.npy'), '--json'])
    const said = JSON.parse(out).map(({ prediction }: { readonly prediction: ReadonlyArray<number> }) => prediction[0])
    for (const [i, value] of said.entries()) expect(value).toBeCloseTo(2 * i + 1, 2)
  })

  it('gives vectors to symbols, which attend to each other', async () => {
    // every word of three letters of four; what counts is whether the last letter is in it, wherever
    const words = Array.from({ length: 64 }, (_, i) => [i >> 4, (i >> 2) & 3, i & 3])
    const lines = words.map((word) => [...word, word.includes(3) ? 'with' : 'without'].join())
    file('words.csv', `a,b,c,has\n${lines.join('\n')}\n`)
    const path = written('words.json', {
      data: { from: 'csv', file: 'words.csv', inputs: ['a', 'b', 'c'], targets: ['has'] },
      standardise: false,
      validation: undefined,
      model: [
        { layer: 'embedding', symbols: 4, features: 8 },
        { layer: 'residual', layers: ['layerNorm', { layer: 'selfAttention', heads: 2 }] },
        { layer: 'residual', layers: ['layerNorm', { layer: 'linear', outputs: 8 }, 'gelu'] },
        'flatten',
        { layer: 'linear', outputs: 2 },
      ],
      optimiser: { optimiser: 'adam', rate: 0.02 },
      epochs: 30,
      batchSize: 16,
    })
    const { code, out, error } = await ran(train, [path])
    expect([code, error]).toEqual([0, ''])
    expect(out).toContain('embedding(4, 8)')
    expect(out).toContain('residual')
    expect((await ran(predict, [join(folder, 'runs', 'words.json')])).out).toContain('64 of 64 right')
    const asked = file('asked.csv', 'a,b,c\n0,1,2\n0,3,1\n')
    const said = await ran(predict, [join(folder, 'runs', 'words.json'), '--data', asked, '--json'])
    expect(JSON.parse(said.out).map(({ prediction }: { readonly prediction: string }) => prediction)).toEqual([
      'without',
      'with',
    ])
    expect((await ran(draw, [path])).out).toMatch(/^layer +output +parameters/)
    expect((await ran(explain, [path])).out).toContain('dloss/dparameters.0.table')
  })

  it('moves images anew in each epoch, and not those it validates on or predicts', async () => {
    const moved = {
      data: 'digits',
      standardise: false,
      augment: { shift: 2 },
      model: ['flatten', { layer: 'linear', outputs: 10 }],
      optimiser: { optimiser: 'adam', rate: 0.003 },
      epochs: 2,
      batchSize: 50,
    }
    const path = written('moved.json', moved)
    expect(await ran(train, [path, '--quiet'])).toMatchObject({ code: 0, error: '' })
    const folderOf = (name: string): string => join(folder, 'runs', name)
    const { validation } = json(folderOf('moved.json'), 'summary.json')
    const { out } = await ran(predict, [folderOf('moved.json')])
    expect(out).toContain(`${(100 * validation.accuracy).toFixed(2)} %`)
    // a run that moves nothing is another run
    const still = written('still.json', { ...moved, augment: undefined })
    mkdirSync(folderOf('still.json'), { recursive: true })
    copyFileSync(
      join(folderOf('moved.json'), 'checkpoint.safetensors'),
      join(folderOf('still.json'), 'checkpoint.safetensors'),
    )
    expect(await ran(train, [still, '--resume'])).toMatchObject({
      code: 3,
      error: expect.stringMatching(
        /the checkpoint is of another run: its batches are drawn by .*"shift":2.*, here they/,
      ),
    })
  })

  it('refuses targets that are no classes', async () => {
    file('labels.npy', writeNpy(packedOf(ints([0, -1]))))
    file('two.npy', writeNpy(packedOf(tensor([[0], [1]]))))
    const path = written('labels.json', { data: { from: 'npy', inputs: 'two.npy', targets: 'labels.npy' } })
    expect(await ran(train, [path])).toMatchObject({
      code: 3,
      error: expect.stringContaining('target 1 is -1; classes are integers'),
    })
  })

  it('says which instruction is to blame for a loss that is not finite: exit code 1', async () => {
    const path = written('burst.json', {
      data: { from: 'boston' },
      model: [{ layer: 'linear', outputs: 1 }],
      loss: 'meanSquaredError',
      optimiser: { optimiser: 'sgd', rate: 1e200 },
    })
    const { code, error } = await ran(train, [path, '--quiet'])
    expect(code).toBe(1)
    expect(error).toMatch(/^fit: at step \d+ .* is (NaN|-?Infinity) at element/)
  })

  it('takes a configuration from a module', async () => {
    const path = file(
      'own.mjs',
      `export default ${JSON.stringify({ ...config, epochs: 1, out: join(folder, 'own') })}\n`,
    )
    expect((await ran(train, [path, '--quiet'])).code).toBe(0)
    expect(existsSync(join(folder, 'own', 'summary.json'))).toBe(true)
    expect((await ran(train, [file('none.mjs', 'export const x = 1\n')])).error).toMatch(/has no default export/)
  })

  it.each([
    [[], /say what to train/],
    [['a.json', 'b.json'], /one configuration at a time/],
    [['none.json'], /there is no file none\.json/],
    [[file('broken.json', '{')], /broken\.json is no JSON: /],
    [[cloudJson, '--resume', '--overwrite'], /one of them/],
    [[written('fresh.json'), '--resume'], /has no checkpoint to go on from/],
    [
      [written('gone.json', { data: { ...config.data, file: 'gone.csv' } })],
      /gone\.json: data: .*gone\.csv: there is no such file/,
    ],
    [[written('column.json', { data: { ...config.data, inputs: ['x', 'z'] } })], /there is no column "z"/],
    [
      [written('word.json', { data: { ...config.data, inputs: ['x', 'side'] } })],
      /line 2, column \d+ \(side\): expected a number/,
    ],
    [[written('large.json', { batchSize: 100 })], /cannot make batches of 100 of 30 rows/],
    [
      [written('wide.json', { model: [{ layer: 'linear', outputs: 1 }] })],
      /crossEntropy needs \[2\], a number for each class/,
    ],
    [
      [written('mixed.json', { model: ['relu', { layer: 'embedding', symbols: 2, features: 3 }] })],
      /mixed\.json: model\.1: embedding\(2, 3\): .*takes integers/,
    ],
    [
      [written('symbols.json', { standardise: false, model: [{ layer: 'embedding', symbols: 2, features: 3 }] })],
      /symbols\.json: model\.0: an embedding of 2 symbols takes integers from 0 to 1, and input \d+ is /,
    ],
    [
      [written('standard.json', { model: [{ layer: 'embedding', symbols: 2, features: 3 }] })],
      /model\.0: symbols are given vectors; they are not standardised or augmented/,
    ],
    [
      [written('narrow.json', { model: [{ layer: 'residual', layers: [{ layer: 'linear', outputs: 3 }] }] })],
      /narrow\.json: model\.0: residual.* must keep the shape, but makes \[\d+, 3\] of \[\d+, 2\]/,
    ],
    [
      [written('inner.json', { model: [{ layer: 'residual', layers: ['tanh', { layer: 'groupNorm', groups: 3 }] }] })],
      /inner\.json: model\.0\.layers\.1: groupNorm/,
    ],
    [[written('flat.json', { augment: { flip: true } })], /images \[n, height, width\].* are needed/],
    [[written('deep.json', { model: [{ layer: 'maxPool2d', window: 2 }] })], /deep\.json: model\.0: maxPool2d/],
  ])('exits with 3 and a sentence: %j', async (args, sentence) => {
    const { code, out, error } = await ran(train, args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
  })
})

describe('a configuration', () => {
  const sentenceOf = (u: unknown): string =>
    E.match(
      (s: string) => s,
      () => 'accepted',
    )(configOf('c.json')(u))

  it.each([
    [{ ...config }, 'accepted'],
    [7, 'c.json: the configuration must be a record { ... }'],
    [{ ...config, epochs: undefined }, 'c.json: epochs is missing; it must be a positive integer'],
    [{ ...config, epochs: 'ten' }, 'c.json: epochs must be a positive integer, not "ten"'],
    [{ ...config, epoch: 3 }, 'c.json: epoch is not known here; did you mean epochs?'],
    [{ ...config, data: { from: 'digits', shift: 1 } }, 'c.json: data.shift is not known here; there are from'],
    [{ ...config, validation: 1 }, 'c.json: validation must be a number between 0 and 1, not 1'],
    [{ ...config, data: { from: 'csw' } }, 'c.json: data.from is not known; did you mean csv?'],
    [
      { ...config, data: {} },
      'c.json: data.from is missing; there are boston, digits, mnist, csv, npy, npz, safetensors',
    ],
    [{ ...config, model: [] }, 'c.json: model must be a list [ ... ] that is not empty'],
    [{ ...config, model: ['relu', 'tahn'] }, 'c.json: model.1 is not known; did you mean tanh?'],
    [{ ...config, model: ['linear'] }, 'c.json: model.0.outputs is missing; it must be a positive integer'],
    [
      { ...config, model: [{ layer: 'linear', output: 3 }] },
      'c.json: model.0.output is not known here; did you mean outputs?',
    ],
    [
      { ...config, model: [{ layer: 'residual', layers: [{ layer: 'residual', layers: ['relu'] }] }] },
      /^c\.json: model\.0\.layers\.0\.layer is not known; there are linear, /,
    ],
    [{ ...config, augment: { shift: 0.5 } }, 'c.json: augment.shift must be a positive integer, not 0.5'],
    [{ ...config, loss: 'crossentropy' }, 'c.json: loss is not known; did you mean crossEntropy?'],
    [
      { ...config, optimiser: { optimiser: 'adam', rate: -1 } },
      'c.json: optimiser.rate must be a positive number or a schedule, not -1',
    ],
    [
      { ...config, optimiser: { optimiser: 'adam', rate: { schedule: 'cosine', initial: 1 } } },
      'c.json: optimiser.rate.steps is missing; it must be a positive integer',
    ],
    [
      { ...config, out: 'x'.repeat(100), seed: 'y'.repeat(100) },
      `c.json: seed must be an integer, not "${'y'.repeat(59)}...`,
    ],
    [JSON.parse('{"__proto__": {"epochs": 1}}'), /^c\.json: __proto__ is not known here; there are data/],
  ])('%#: what is wrong is said with its path', (u, sentence) => {
    if (typeof sentence === 'string') expect(sentenceOf(u)).toBe(sentence)
    else expect(sentenceOf(u)).toMatch(sentence)
  })
})

describe('any configuration', () => {
  const value = fc.oneof(
    fc.anything({ maxDepth: 2 }),
    fc.constantFrom<unknown>('relu', 'csv', -1, 0, 1e308, '__proto__'),
  )
  const spoilt = fc
    .tuple(fc.constantFrom(...Object.keys(config)), fc.string(), value)
    .chain(([key, other, u]) => fc.constantFrom<unknown>({ ...config, [key]: u }, { ...config, [other]: u }, u))

  it('is accepted, or answered with a sentence', () => {
    fc.assert(
      fc.property(spoilt, (u) => {
        const found = configOf('c.json')(u)
        if (E.isLeft(found)) expect(found.left).toMatch(/^c\.json: /)
      }),
      { numRuns: 500 },
    )
  })
})

describe('wengert predict', () => {
  it('predicts what the run was validated on', async () => {
    const { code, out, error } = await ran(predict, [run, '--rows', '3'])
    expect([code, error]).toEqual([0, ''])
    expect(out).toMatch(/row {3}prediction {3}probability {3}target/)
    expect(out).toContain('and 7 more')
    expect(out).toContain('10 of 10 right, 100.00 %')
  })

  it('predicts from a file that has no targets, its columns in any order', async () => {
    const path = file('new.csv', 'y,x\n0,-2\n0,2\n')
    const { code, out } = await ran(predict, [join(run, 'checkpoint.safetensors'), '--data', path, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out).map(({ prediction }: { readonly prediction: string }) => prediction)).toEqual([
      'left',
      'right',
    ])
  })

  it.each([
    [[], /say which run to use/],
    [[join(folder, 'nowhere')], /there is no file or folder .*nowhere/],
    [[folder], /there is no run\.json beside it, which wengert train writes/],
    [[run, '--data', 'x.txt'], /--data x\.txt: the name must end in \.csv, \.npy/],
    [[run, '--data', 'no.csv'], /no\.csv: there is no such file/],
    [[run, '--rows', '0'], /--rows must be an integer from 1/],
  ])('exits with 3 and a sentence: %j', async (args, sentence) => {
    const { code, out, error } = await ran(predict, args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
  })
})

const neuron = file(
  'neuron.mjs',
  `import { add, mul, named, sigmoid, square, sub } from 'wengert'
const loss = ({ k, b }) => named('loss')(square(sub(named('out')(sigmoid(named('linear')(add(mul(k, 3), b)))), 1)))
export const one = { model: loss, point: { k: 0.5, b: 0.1 } }
export const pair = [{ name: 'a', model: loss, point: { k: 1, b: 1 } }, { name: 'b', model: loss, point: { k: 1, b: 1 } }]
export const broken = { model: () => { throw new Error('out of cheese') }, point: 1 }
`,
)

describe('wengert draw', () => {
  it('prints instructions, and the layers of a configuration', async () => {
    expect((await ran(draw, [neuron, '--export', 'one'])).out).toContain('sigmoid(')
    expect((await ran(draw, [cloudJson])).out).toMatch(/^layer +output +parameters/)
  })

  it('draws in every format', async () => {
    const args = [neuron, '--export', 'one', '--format']
    expect((await ran(draw, [...args, 'dot'])).out).toMatch(/^digraph/)
    expect((await ran(draw, [...args, 'mermaid'])).out).toMatch(/^flowchart/)
    expect((await ran(draw, [...args, 'svg'])).out).toMatch(/^<svg/)
    const png = join(folder, 'neuron.png')
    expect(await ran(draw, [...args, 'png', '--out', png])).toEqual({ code: 0, error: '', out: `one: ${png}\n` })
    expect([...readFileSync(png).subarray(1, 4)]).toEqual([...'PNG'].map((c) => c.charCodeAt(0)))
  })

  it('exits with 1 where the picture cannot be written', async () => {
    const { code, error } = await ran(draw, [neuron, '--export', 'one', '--out', join(neuron, 'x')])
    expect(code).toBe(1)
    expect(error).toMatch(/^no .*neuron\.mjs.x: /)
  })

  it.each([
    [[], /say what to draw/],
    [[neuron, '--format', 'gif'], /--format must be text or svg or png or dot or mermaid, not gif/],
    [[neuron, '--format', 'png'], /--format png needs --out FILE/],
    [[neuron], /has several models; choose with --export: broken, one, a, b/],
    [[neuron, '--export', 'broken'], /the model broken throws out of cheese/],
    [[file('list.json', '[]')], /list\.json: /],
    [['none.mjs'], /there is no file none\.mjs/],
  ])('exits with 3 and a sentence: %j', async (args, sentence) => {
    const { code, out, error } = await ran(draw, args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
  })
})

describe('wengert explain', () => {
  it('prints the chain rule of a parameter', async () => {
    const { code, out } = await ran(explain, [neuron, 'k', '--export', 'one'])
    expect(code).toBe(0)
    expect(out).toMatch(/^dloss\/dk = dloss\/dout \* dout\/dlinear \* dlinear\/dk\n/)
  })

  it('of a network too, its layers by name', async () => {
    const { out } = await ran(explain, [cloudJson, 'parameters.0.w'])
    expect(out).toMatch(/^dloss\/dparameters\.0\.w = dloss\/dlinear3 .* dlinear0\/dparameters\.0\.w\n/)
    expect((await ran(explain, [cloudJson])).out).toContain('dloss/dparameters.1.b')
  })

  it.each([
    [[], /say what to explain/],
    [[neuron, 'k', 'b'], /one parameter at a time, not k b/],
    [[neuron, 'q', '--export', 'one'], /there is no parameter q; there are b, k/],
    [[cloudJson, 'parameters.0.W1'], /did you mean parameters\.0\.[wb]\?/],
  ])('exits with 3 and a sentence: %j', async (args, sentence) => {
    const { code, out, error } = await ran(explain, args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
  })
})
