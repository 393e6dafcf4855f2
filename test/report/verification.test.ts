import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  add,
  cos,
  customRule,
  div,
  flatMap,
  matmul,
  mean,
  mul,
  relu,
  sigmoid,
  square,
  sub,
  sum,
  tensor,
  type Var,
} from '../../src/index.js'
import type { Reverse } from '../../src/Reverse.js'
import { condition, float64Curve, type Verified, verificationHtml } from '../../src/report/index.js'
import type { Inputs, VarTree } from '../../src/Tree.js'
import { type Report, verifyGradient } from '../../src/verify/index.js'
import { browserPath, looks } from '../tools/browser.js'

type X = Var<readonly [2, 2]>
type Net = { readonly w: X; readonly b: Var<readonly [2]> }
type Three = Var<readonly [3]>

const x = tensor([
  [0, 1],
  [1, 1],
])
const at = {
  w: tensor([
    [0.5, -0.25],
    [1, 2],
  ]),
  b: tensor([0, 0.5]),
}

const swish = customRule<X, X>({
  name: 'swish',
  f: (p) => mul(p, sigmoid(p)),
  vjp: ({ x: p, ct }) => mul(ct, sigmoid(p)),
})

const verified = <P extends VarTree, Q extends VarTree>(
  name: string,
  model: (p: P) => Reverse<Q>,
  point: Inputs<P>,
): Verified => {
  const result = verifyGradient(model)(point)
  return E.isRight(result)
    ? { name, verdict: result.right.verdict, message: result.right.message, report: result.right }
    : { name, verdict: 'REFUSED', message: result.left.message, report: null }
}

const models = (): ReadonlyArray<Verified> => [
  verified('net', (p: Net) => mean(square(sub(sigmoid(add(matmul(x, p.w), p.b)), 0.5))), at),
  verified('swish', (p: Net) => flatMap(add(matmul(x, p.w), p.b), (h) => sum(swish(h))), at),
  verified('kink', (p: Three) => sum(relu(p)), tensor([0, 1, -1])),
  verified('dead unit', (p: Three) => sum(add(p, square(relu(sub(p, 10))))), tensor([1, 2, 3])),
  verified('cancelling', (p: Var<readonly []>) => div(sub(1, cos(p)), square(p)), 1e-5),
  verified('a <b> & "nothing"', (p: Three) => sum(mul(p, 0)), tensor([1, 2, Number.NaN])),
]

const reportOf = (all: ReadonlyArray<Verified>, name: string): Report =>
  all.find((m) => m.name === name)?.report as Report

/** Three for each of the five that were verified, but no curve for the affine one: its differences are exact. */
const PICTURES = 14

const run = { subject: 'models.ts', seed: 1, version: '0.0.0' }

describe('the numbers behind the pictures', () => {
  const all = models()

  it('condition: a share for each instruction, and cancellation at the top', () => {
    const shares = condition(reportOf(all, 'cancelling').problem)
    if (E.isLeft(shares)) throw new Error(shares.left.message)
    // 1 - cos x is x^2 / 2 of two terms near 1: a share of about 2 / x^2
    expect(shares.right[0].share).toBeGreaterThan(1e9)
    expect(shares.right[0].share).toBeLessThan(3e10)
    // the result itself is all of the function
    expect(shares.right.some(({ share }) => share === 1)).toBe(true)
  })

  it('the V-curve of a right gradient comes down, that of a wrong one does not', () => {
    const lowest = (name: string): number => {
      const curve = float64Curve(reportOf(all, name))
      if (E.isLeft(curve)) throw new Error(curve.left.message)
      return Math.min(...curve.right.map(([, off]) => off))
    }
    expect(lowest('net')).toBeLessThan(1e-9)
    expect(lowest('swish')).toBeGreaterThan(0.1)
  })
})

describe('the page', () => {
  let html = ''
  beforeAll(async () => {
    html = await verificationHtml(models(), run)()
  })

  it('says what is wrong first, and all of it', () => {
    const order = ['swish', 'kink', 'net'].map((name) => html.indexOf(`<h2 id="${name}"`))
    expect(order.every((place) => place > 0)).toBe(true)
    expect([...order].sort((a, b) => a - b)).toEqual(order)
    for (const words of [
      'WRONG_RULE',
      'ILL_CONDITIONED',
      'KINK',
      'REFUSED',
      'plateau',
      'sum to the error',
      'not covered',
    ])
      expect(html).toContain(words)
    expect(html.match(/<figure>/g)?.length).toBe(PICTURES)
  })

  it('escapes what it is given, and asks nothing of anybody', () => {
    expect(html).toContain('a &lt;b&gt; &amp; &quot;nothing&quot;')
    expect(html).not.toMatch(/(src|href)="https?:/)
  })

  it('is the same page for the same run', async () => {
    const some = models().filter(({ name }) => name === 'swish')
    expect(await verificationHtml(some, run)()).toBe(await verificationHtml(some, run)())
  })

  it.skipIf(browserPath === undefined)(
    'reads well in a browser: light and dark, narrow and wide',
    { timeout: 60_000 },
    async () => {
      for (const look of await looks(html)) {
        const where = `${look.scheme}, ${look.width} pixels`
        expect(look.complaints, where).toEqual([])
        expect(look.overflow, where).toBeLessThanOrEqual(0)
        expect(look.pictures, where).toBe(PICTURES)
        expect(look.badPictures, where).toBe(0)
        expect(look.contrast, `${where}: ${look.faintest}`).toBeGreaterThan(4.5)
      }
    },
  )
})
