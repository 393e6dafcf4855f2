import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/Failure.js'
import {
  add,
  cos,
  customRule,
  matmul,
  mean,
  mul,
  relu,
  sigmoid,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  tensor,
  type Var,
} from '../../src/index.js'
import {
  type Certificate,
  certify,
  fingerprint,
  parseCertificate,
  replay,
  showCertificate,
} from '../../src/verify/index.js'

const got = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

type Net = { readonly w: Var<readonly [2, 2]>; readonly b: Var<readonly [2]> }
const x = tensor([
  [0, 1],
  [1, 1],
])
const net = (p: Net) => mean(square(sub(sigmoid(add(matmul(x, p.w), p.b)), 0.5)))
const point = {
  w: tensor([
    [0.5, -0.25],
    [1, 2],
  ]),
  b: tensor([0, 0.5]),
}

const read = (certificate: Certificate): Certificate => got(parseCertificate(showCertificate(certificate)))

describe('certificates', () => {
  it('hold what was found, and are found again', () => {
    const { report, certificate } = got(certify(net)(point))
    expect(report.verdict).toBe('PASS')
    const again = got(replay()(read(certificate)))
    expect(again.differences).toEqual([])
    expect(again.agrees).toBe(true)
    expect(again.digits).toBeGreaterThan(13)
    expect(certificate.parameters.map(({ path, gradient }) => [path, gradient.length])).toEqual([
      ['b', 2],
      ['w', 4],
    ])
  })

  it('are for wrong gradients too: a rule that is part of the tape travels with it', () => {
    type X = Var<readonly [2]>
    const wave = customRule<X, X>({ name: 'wave', f: (p) => cos(p), vjp: ({ x: p, ct }) => mul(ct, sin(p)) })
    const { certificate } = got(certify((p: X) => sum(wave(p)))(tensor([1, 2])))
    expect(certificate.verdict).toBe('WRONG_RULE')
    const again = got(replay()(read(certificate)))
    expect(again.agrees).toBe(true)
    expect(again.report.blame?.name).toBe('wave')
  })

  it('keep what stopGradient holds, and kinks', () => {
    type X = Var<readonly [3]>
    const held = got(certify((p: X) => sum(mul(stopGradient(p), sin(p))))(tensor([1, 2, 3])))
    expect(got(replay()(read(held.certificate))).agrees).toBe(true)
    const kink = got(certify((p: X) => sum(relu(p)))(tensor([0, 1, -1])))
    expect(kink.certificate.verdict).toBe('KINK')
    expect(got(replay()(read(kink.certificate))).agrees).toBe(true)
  })

  it('that were changed are told from true ones', () => {
    const { certificate } = got(certify(net)(point))
    const changed = (change: Partial<Certificate>): ReadonlyArray<string> =>
      got(replay()(read({ ...certificate, ...change }))).differences
    expect(changed({ verdict: 'WRONG_RULE' })).toEqual(['the verdict is PASS; the certificate says WRONG_RULE'])
    expect(changed({ fingerprint: '0000000000000000' })[0]).toContain('fingerprint')
    const [b, w] = certificate.parameters
    const off = (g: readonly [number, number] | null) => g && ([g[1] + 1e-9, g[1] + 2e-9] as const)
    const [sentence, ...rest] = changed({
      parameters: [b, { ...w, gradient: w.gradient.map((g, i) => (i === 2 ? off(g) : g)) }],
    })
    expect(sentence).toMatch(/^the gradient at w\[1, 0\] lies in/)
    expect(rest).toEqual([])
    // another point has another gradient
    expect(changed({ parameters: [{ ...b, value: [0.1, 0.5] }, w] }).length).toBeGreaterThan(0)
  })

  it('have fingerprints that tell programs apart', () => {
    const of = (f: (p: Net) => ReturnType<typeof net>): string =>
      fingerprint(got(certify(f)(point)).certificate.program)
    expect(of(net)).toBe(of(net))
    expect(of((p) => mul(net(p), 2))).not.toBe(of(net))
  })

  it('are refused with a sentence where they are none', () => {
    const text = showCertificate(got(certify(net)(point)).certificate)
    const document = JSON.parse(text)
    const refusal = (u: unknown): string => {
      const result = parseCertificate(typeof u === 'string' ? u : JSON.stringify(u))
      return E.isLeft(result) ? result.left.message : 'accepted'
    }
    expect(refusal('{')).toMatch(/^certificate: the text is not JSON/)
    expect(refusal('null')).toBe('certificate: this is no certificate: its format is not wengert-certificate')
    expect(refusal({ ...document, directions: 1e9 })).toContain('directions')
    expect(refusal({ ...document, seed: 'one' })).toContain('seed')
    expect(refusal({ ...document, program: { ...document.program, instructions: [{ op: 'nothing' }] } })).toContain(
      'program',
    )
    expect(refusal({ ...document, cotangent: [] })).toBe(
      'certificate: the parameters and cotangents do not fit the program',
    )
    expect(refusal({ ...document, parameters: document.parameters.slice(1) })).toContain('do not fit')
    const [b, w] = document.parameters
    expect(refusal({ ...document, parameters: [b, { ...w, gradient: [[2, 1], null, null, null] }] })).toContain(
      'parameters',
    )
  })

  it('that would take too long are refused before they do', () => {
    const { certificate } = got(certify(net)(point))
    const result = replay({ budget: { instructions: 3 } })(certificate)
    expect(E.isLeft(result) && result.left._tag).toBe('TooLarge')
  })
})
