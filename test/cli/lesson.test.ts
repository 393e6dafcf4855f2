import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { Lesson, LessonOptions } from '../../docs/lessons/lesson.js'
import { lessonProgram, lessonsIn } from '../../src/cli/lessonProgram.js'
import { failure } from '../../src/Failure.js'
import { ran, root, scratch } from './support.js'

const { folder, file } = scratch('lessons')

const asked: Array<LessonOptions> = []

const line: Lesson = {
  number: 1,
  name: 'line',
  title: 'A line through houses',
  run: (options) => {
    asked.push(options)
    options.progress(0.5, 'looking')
    options.say('half of it')
    return TE.right({
      page: { title: 'A line', sections: [] },
      numbers: { slope: 9.102108981, rows: 506 },
      figures: { line: '<svg/>' },
      chart: {
        title: 'How the loss fell',
        xLabel: 'steps',
        yLabel: 'loss',
        series: [
          {
            name: 'descent',
            points: [
              [0, 4],
              [1, 2],
            ],
          },
        ],
      },
    })
  },
}

const lost: Lesson = {
  number: 11,
  name: 'mnist',
  title: 'MNIST',
  run: () => TE.left(failure('UnreadableFile', 'mnist: download it')),
}

const program = lessonProgram(() =>
  [line, lost].map(({ number, name }) => ({ number, name, load: async () => (number === 1 ? line : lost) })),
)

describe('wengert lesson', () => {
  it('lists the lessons', async () => {
    const { code, out } = await ran(program, [])
    expect(code).toBe(0)
    expect(out).toBe('   1  line    A line through houses\n  11  mnist   MNIST\n\nwengert lesson N runs one.\n')
  })

  it('runs one: progress, numbers, the chart of its loss, the page and the pictures', async () => {
    const { code, out, error } = await ran(program, ['1', '--out', folder, '--seed', '7', '--full', '--data', folder])
    expect([code, error]).toEqual([0, ''])
    for (const part of [
      'Lesson 1: A line through houses (full settings, seed 7)',
      ' 50 %   looking',
      '  half of it',
      'slope   9.10211',
      'rows        506',
      'How the loss fell',
      '● descent',
    ])
      expect(out).toContain(part)
    expect(asked[0]).toMatchObject({ full: true, seed: 7, data: folder })
    expect(readFileSync(join(folder, '01-line.html'), 'utf8')).toContain('<h1>A line</h1>')
    expect(readFileSync(join(folder, 'figures/01-line.svg'), 'utf8')).toBe('<svg/>')
  })

  it('finds it by name, and is quiet when asked', async () => {
    const { code, out } = await ran(program, ['line', '--quiet', '--out', folder])
    expect(code).toBe(0)
    expect(out).not.toContain('looking')
    expect(out).not.toContain('How the loss fell')
  })

  it('exits with 1 where a lesson fails or its page cannot be written', async () => {
    expect(await ran(program, ['11'])).toMatchObject({ code: 1, error: 'mnist: download it\n' })
    const { code, error } = await ran(program, ['01', '--out', file('taken', '')])
    expect(code).toBe(1)
    expect(error).toMatch(/^no .*01-line\.html: /)
  })

  it.each([
    [['2'], /there is no lesson 2; there are 1, 11\. Try wengert lesson\./],
    [['lime'], /there is no lesson lime; did you mean line\?/],
    [['1', '2'], /one lesson at a time, not 1 2/],
    [['1', '--data', 'no/where'], /--data no\/where: there is no such folder/],
    [['1', '--seed', 'x'], /--seed must be an integer/],
    [['1', '--fast'], /Unknown option '--fast'\. Try wengert lesson --help/],
  ])('exits with 3: %j', async (args, sentence) => {
    const { code, out, error } = await ran(program, args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
  })
})

const names = readdirSync(join(root, 'docs/lessons')).flatMap((name) => /^\d\d-[a-z-]+(?=\.ts$)/.exec(name) ?? [])

describe('the lessons', () => {
  it.each(names)('%s is numbered and named as its file', async (file) => {
    const { lesson } = await import(`../../docs/lessons/${file}.ts`)
    expect(lesson).toMatchObject({ number: Number(file.slice(0, 2)), name: file.slice(3) })
  })

  it('are found in a folder, in order', async () => {
    file('02-b.js', 'export const lesson = 2')
    file('01-a.js', 'export const lesson = 1')
    file('lesson.js', '')
    const found = lessonsIn(pathToFileURL(`${folder}/`))
    expect(found.map(({ number, name }) => [number, name])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(await found[1].load()).toBe(2)
  })
})
