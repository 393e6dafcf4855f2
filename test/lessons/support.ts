/**
 * Running lessons with their short settings, and looking at their pages.
 */
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type Lesson, type LessonOptions, quick, type Told } from '../../docs/lessons/lesson.js'
import { pageHtml, pageMarkdown } from '../../src/show/index.js'
import { browserPath, looks } from '../tools/browser.js'

/** What a lesson tells with its short settings, or with some of its own. */
export const toldBy = async (lesson: Lesson, options: Partial<LessonOptions> = {}): Promise<Told> => {
  const told = await lesson.run({ ...quick, ...options })()
  if (E.isLeft(told)) throw new Error(told.left.message)
  return told.right
}

/** What every page owes its reader. */
export const describePage = (lesson: Lesson, told: Promise<Told>): void => {
  describe(`the page of lesson ${lesson.number}`, () => {
    it('has every figure once, by name, and finite numbers', async () => {
      const { page, figures, numbers } = await told
      const shown: Array<string> = []
      pageMarkdown((svg) => {
        shown.push(svg)
        return ''
      })(page)
      expect(shown.sort()).toEqual(Object.values(figures).sort())
      expect(Object.entries(numbers).filter(([, value]) => !Number.isFinite(value))).toEqual([])
    })

    it.skipIf(browserPath === undefined)('looks right in a browser', async () => {
      for (const look of await looks(pageHtml((await told).page))) {
        const where = `${look.scheme}, ${look.width} wide`
        expect(look, where).toMatchObject({ complaints: [], badPictures: 0 })
        expect(look.overflow, where).toBeLessThanOrEqual(0)
        expect(look.contrast, `${where}: ${look.faintest}`).toBeGreaterThan(4.5)
      }
    })
  })
}
