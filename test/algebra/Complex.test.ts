/**
 * Complex numbers against values by mpmath with 50 digits. Real and imaginary parts are compared each on its own, since
 * the complex step reads an imaginary part of 1e-24 beside a real part of 1.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Complex, type ComplexNumber, F64, type UnaryName } from 'wengert/algebra'
import { BINARY, EPSILON, ordinary, stratified, UNARY, ulps } from './support.js'

const at = (re: number, im: number): ComplexNumber => ({ re, im })

const distance = (z: ComplexNumber, w: ComplexNumber): number => Math.hypot(z.re - w.re, z.im - w.im)
const size = (z: ComplexNumber): number => Math.hypot(z.re, z.im)

type Row = readonly [re: number, im: number, valueRe: number, valueIm: number]

const KNOWN: Readonly<Partial<Record<UnaryName, ReadonlyArray<Row>>>> = {
  reciprocal: [
    [0.6, 0.4, 1.1538461538461537, -0.7692307692307693],
    [-1.3, 2.1, -0.21311475409836064, -0.3442622950819672],
    [0.3, -1e-20, 3.3333333333333335, 1.111111111111111e-19],
    [0.9999999, 1e-24, 1.00000010000001, -1.0000002000000298e-24],
    [2.5, 1e-24, 0.4, -1.5999999999999998e-25],
    [-0.8, 1e-24, -1.25, -1.5624999999999997e-24],
    [3.0, 6.5, 0.05853658536585366, -0.12682926829268293],
  ],
  exp: [
    [0.6, 0.4, 1.6782825534790267, 0.7095664827374989],
    [-1.3, 2.1, -0.13758661409283585, 0.23525199645657194],
    [0.3, -1e-20, 1.3498588075760032, -1.3498588075760031e-20],
    [0.9999999, 1e-24, 2.7182815566308762, 2.718281556630876e-24],
    [2.5, 1e-24, 12.182493960703473, 1.2182493960703473e-23],
    [-0.8, 1e-24, 0.44932896411722156, 4.493289641172215e-25],
    [3.0, 6.5, 19.615286815288396, 4.32080046365351],
  ],
  expm1: [
    [0.6, 0.4, 0.6782825534790267, 0.7095664827374989],
    [-1.3, 2.1, -1.137586614092836, 0.23525199645657194],
    [0.3, -1e-20, 0.3498588075760031, -1.3498588075760031e-20],
    [0.9999999, 1e-24, 1.7182815566308762, 2.718281556630876e-24],
    [2.5, 1e-24, 11.182493960703473, 1.2182493960703473e-23],
    [-0.8, 1e-24, -0.5506710358827784, 4.493289641172215e-25],
    [3.0, 6.5, 18.615286815288396, 4.32080046365351],
  ],
  log: [
    [0.6, 0.4, -0.326963233703332, 0.5880026035475676],
    [-1.3, 2.1, 0.9041443855896328, 2.125103822996448],
    [0.3, -1e-20, -1.2039728043259361, -3.333333333333333e-20],
    [0.9999999, 1e-24, -1.0000000494736474e-7, 1.0000001000000098e-24],
    [2.5, 1e-24, 0.9162907318741551, 3.9999999999999997e-25],
    [3.0, 6.5, 1.9683578090092588, 1.1383885512243588],
  ],
  log1p: [
    [0.6, 0.4, 0.500315940153953, 0.24497866312686417],
    [-1.3, 2.1, 0.7520386983881371, 1.7126933813990606],
    [0.3, -1e-20, 0.26236426446749106, -7.692307692307691e-21],
    [0.9999999, 1e-24, 0.693147130559944, 5.000000250000012e-25],
    [2.5, 1e-24, 1.252762968495368, 2.857142857142857e-25],
    [-0.8, 1e-24, -1.6094379124341005, 5.0000000000000005e-24],
    [3.0, 6.5, 2.032372046222905, 1.0191413442663497],
  ],
  sqrt: [
    [0.6, 0.4, 0.812745426038436, 0.24607951468254918],
    [-1.3, 2.1, 0.7647933730903053, 1.3729198459935115],
    [0.3, -1e-20, 0.5477225575051661, -9.128709291752767e-21],
    [0.9999999, 1e-24, 0.9999999499999987, 5.000000250000018e-25],
    [2.5, 1e-24, 1.5811388300841898, 3.162277660168379e-25],
    [3.0, 6.5, 2.2537646873218793, 1.4420316452211055],
  ],
  rsqrt: [
    [0.6, 0.4, 1.1270751182616947, -0.34125088770354794],
    [-1.3, 2.1, 0.30965578550311096, -0.5558789972592141],
    [0.3, -1e-20, 1.8257418583505538, 3.0429030972509226e-20],
    [0.9999999, 1e-24, 1.0000000500000037, -5.000000750000093e-25],
    [2.5, 1e-24, 0.6324555320336759, -1.2649110640673516e-25],
    [3.0, 6.5, 0.31481950743225023, -0.20143171769617363],
  ],
  sin: [
    [0.6, 0.4, 0.6104193779539024, 0.3390085233920473],
    [-1.3, 2.1, -3.9932868782811384, 1.075841967422986],
    [0.3, -1e-20, 0.29552020666133955, -9.55336489125606e-21],
    [0.9999999, 1e-24, 0.8414709307776618, 5.403023900152354e-25],
    [2.5, 1e-24, 0.5984721441039565, -8.0114361554693365e-25],
    [-0.8, 1e-24, -0.7173560908995228, 6.967067093471654e-25],
    [3.0, 6.5, 46.93250239076231, -329.2418687484825],
  ],
  cos: [
    [0.6, 0.4, 0.8922475307731556, -0.23192820919406515],
    [-1.3, 2.1, 1.1085989185382095, 3.8752929844810247],
    [0.3, -1e-20, 0.955336489125606, 2.9552020666133954e-21],
    [0.9999999, 1e-24, 0.5403023900152355, -8.414709307776617e-25],
    [2.5, 1e-24, -0.8011436155469337, -5.984721441039565e-25],
    [-0.8, 1e-24, 0.6967067093471654, 7.173560908995227e-25],
    [3.0, 6.5, -329.24335714200265, -46.93229022541128],
  ],
  tan: [
    [0.6, 0.4, 0.5483251490247606, 0.52247899510293],
    [-1.3, 2.1, -0.01586461957323291, 1.0259093684271858],
    [0.3, -1e-20, 0.30933624960962325, -1.095688915322547e-20],
    [0.9999999, 1e-24, 1.5574073821030736, 3.425517753829149e-24],
    [2.5, 1e-24, -0.7470222972386603, 1.5580423125717253e-24],
    [-0.8, 1e-24, -1.0296385570503641, 2.060155558164756e-24],
    [3.0, 6.5, -1.2631366519103168e-6, 0.9999956594063534],
  ],
  asin: [
    [0.6, 0.4, 0.5725515148122541, 0.45954850393465513],
    [-1.3, 2.1, -0.5196553085262129, 1.6168668341633212],
    [0.3, -1e-20, 0.3046926540153975, -1.0482848367219183e-20],
    [0.9999999, 1e-24, 1.5703491131957876, 2.236068033989975e-21],
    [-0.8, 1e-24, -0.9272952180016123, 1.6666666666666667e-24],
    [3.0, 6.5, 0.4287307403922775, 2.6646750921727484],
  ],
  acos: [
    [0.6, 0.4, 0.9982448119826426, -0.45954850393465513],
    [-1.3, 2.1, 2.0904516353211093, -1.6168668341633212],
    [0.3, -1e-20, 1.2661036727794992, 1.0482848367219183e-20],
    [0.9999999, 1e-24, 0.00044721359910904126, -2.236068033989975e-21],
    [-0.8, 1e-24, 2.498091544796509, -1.6666666666666667e-24],
    [3.0, 6.5, 1.1420655864026192, -2.6646750921727484],
  ],
  atan: [
    [0.6, 0.4, 0.5951449748412658, 0.2925178131625637],
    [-1.3, 2.1, -1.335066351764443, 0.3400229971814666],
    [0.3, -1e-20, 0.2914567944778671, -9.174311926605504e-21],
    [0.9999999, 1e-24, 0.7853981133974458, 5.000000500000024e-25],
    [2.5, 1e-24, 1.1902899496825317, 1.379310344827586e-25],
    [-0.8, 1e-24, -0.6747409422235527, 6.097560975609756e-25],
    [3.0, 6.5, 1.511376154511014, 0.12706865049359634],
  ],
  sinh: [
    [0.6, 0.4, 0.5863967812089566, 0.4616419001524665],
    [-1.3, 2.1, 0.8574217575879889, 1.7013116244795015],
    [0.3, -1e-20, 0.3045202934471426, -1.0453385141288605e-20],
    [0.9999999, 1e-24, 1.175201039335744, 1.5430805172951321e-24],
    [2.5, 1e-24, 6.0502044810397875, 6.1322894796636854e-24],
    [-0.8, 1e-24, -0.888105982187623, 1.3374349463048446e-24],
    [3.0, 6.5, 9.783332690199531, 2.165755328603866],
  ],
  cosh: [
    [0.6, 0.4, 1.09188577227007, 0.24792458258503236],
    [-1.3, 2.1, -0.9950083716808248, -1.4660596280229294],
    [0.3, -1e-20, 1.0453385141288605, -3.045202934471426e-21],
    [0.9999999, 1e-24, 1.5430805172951323, 1.1752010393357438e-24],
    [2.5, 1e-24, 6.132289479663686, 6.0502044810397866e-24],
    [-0.8, 1e-24, 1.3374349463048447, -8.88105982187623e-25],
    [3.0, 6.5, 9.831954125088863, 2.155045135049644],
  ],
  tanh: [
    [0.6, 0.4, 0.6020116715706293, 0.2860998977187273],
    [-1.3, 2.1, -1.0662532471222281, -0.1388136919812298],
    [0.3, -1e-20, 0.2913126124515909, -9.151369618266292e-21],
    [0.9999999, 1e-24, 0.7615941139583275, 4.1997440558402995e-25],
    [2.5, 1e-24, 0.9866142981514303, 2.6592226683160616e-26],
    [-0.8, 1e-24, -0.664036770267849, 5.590551677322439e-25],
    [3.0, 6.5, 0.9955092701157923, 0.0020736385549217262],
  ],
  sigmoid: [
    [0.6, 0.4, 0.651114564453886, 0.09243140200320728],
    [-1.3, 2.1, -0.0792303943756639, 0.29439606233201365],
    [0.3, -1e-20, 0.574442516811659, -2.4445831169074587e-21],
    [0.9999999, 1e-24, 0.7310585589688111, 1.9661194232725642e-25],
    [2.5, 1e-24, 0.9241418199787564, 7.010371654510815e-26],
    [-0.8, 1e-24, 0.31002551887238755, 2.139096965202944e-25],
    [3.0, 6.5, 0.9535335251705426, 0.009739004253803064],
  ],
  softplus: [
    [0.6, 0.4, 1.0190937132126738, 0.2589834924699584],
    [-1.3, 2.1, -0.11213437328660297, 0.266304226101325],
    [0.3, -1e-20, 0.8543552444685271, -5.74442516811659e-21],
    [0.9999999, 1e-24, 1.3132616144123659, 7.310585589688111e-25],
    [2.5, 1e-24, 2.5788897342925496, 9.241418199787565e-25],
    [-0.8, 1e-24, 0.3711006659477777, 3.1002551887238754e-25],
    [3.0, 6.5, 3.0475285384133834, 0.20660145398990112],
  ],
  erf: [
    [0.6, 0.4, 0.6842102638534235, 0.31936304587586095],
    [-1.3, 2.1, 2.5209245577473305, 0.3934111876493079],
    [0.3, -1e-20, 0.3286267594591274, -1.031260909618963e-20],
    [0.9999999, 1e-24, 0.842700751438961, 4.151075804420983e-25],
    [2.5, 1e-24, 0.999593047982555, 2.1782842303527095e-27],
    [-0.8, 1e-24, -0.7421009647076605, 5.949857862574689e-25],
    [3.0, 6.5, 16576060182059.9, 14247042353330.686],
  ],
  lgamma: [
    [0.6, 0.4, 0.1468402461216265, -0.5302878768546831],
    [0.3, -1e-20, 1.0957979948180756, 3.502524222200133e-20],
    [0.9999999, 1e-24, 5.772157468444193e-8, -5.7721582939495145e-25],
    [2.5, 1e-24, 0.2846828704729192, 7.031566406452431e-25],
    [-0.8, 1e-24, 1.7472073737449945, -4.0390398965921894e-24],
    [3.0, 6.5, -4.554807153843198, 9.129726009584331],
  ],
}

const POLYGAMMA: ReadonlyArray<readonly [order: number, rows: ReadonlyArray<Row>]> = [
  [
    0,
    [
      [0.6, 0.4, -0.9740844861532736, 1.1013686966274558],
      [-1.3, 2.1, 1.0166524112082969, 2.2848310583304907],
      [-1.3, 0.2, 1.958886567718662, 2.1889015166963532],
      [1.5, 1e-24, 0.03648997397857652, 9.348022005446793e-25],
      [-4.3, 1e-24, 3.8529116001270096, 1.4871822813779855e-23],
      [0.0, 3.0, 1.107980710710151, 1.7374630139209095],
    ],
  ],
  [
    1,
    [
      [0.6, 0.4, 1.5167081758560146, -2.0315645152155315],
      [-1.3, 2.1, -0.23853131693220944, -0.27220619516883604],
      [-1.3, 0.2, 5.887669681364499, 6.1592218763509035],
      [1.5, 1e-24, 0.9348022005446793, -8.2879664423432e-25],
      [-4.3, 1e-24, 14.871822813779856, 6.87946004952824e-23],
      [0.0, 3.0, -0.05555568410542019, -0.32700999245834567],
    ],
  ],
  [
    2,
    [
      [0.6, 0.4, 0.4979972636103659, 5.606727351014682],
      [-1.3, 2.1, 0.015379638680245455, -0.1300206976615719],
      [-1.3, 0.2, -11.451063261849892, 46.27694941890571],
      [1.5, 1e-24, -0.82879664423432, 1.409091034002437e-24],
      [-4.3, 1e-24, 68.79460049528241, 7.690032082678451e-22],
      [0.0, 3.0, 0.10467618908093586, -0.037037844739668264],
    ],
  ],
  [
    5,
    [
      [0.6, 0.4, -789.6267023959205, 315.3797152785942],
      [-1.3, 2.1, 0.11491509970703423, 0.23474910398788776],
      [-1.3, 0.2, -50654.00657119752, -21371.967168433766],
      [1.5, 1e-24, 11.113548602435497, -4.345792380302328e-23],
      [-4.3, 1e-24, 165660.16551241968, 3.2835370803384778e-18],
      [0.0, 3.0, -0.08250487759557928, -0.06730958549704345],
    ],
  ],
  [
    20,
    [
      [0.6, 0.4, -2.2785397046895688e21, -5.054982183954107e20],
      [-1.3, 2.1, -21685817731.127247, -201843451380.6507],
      [-1.3, 0.2, 4.778442310563102e27, -1.0601072849631569e27],
      [1.5, 1e-24, -487772949462609.9, 6.82876129886558e-9],
      [-4.3, 1e-24, 2.325831561706772e29, 16280821.367524724],
      [0.0, 3.0, -33917313.647183426, 305719850.2009506],
    ],
  ],
]

describe('real numbers', () => {
  it('have the results of float64, bit for bit, without imaginary part', () => {
    fc.assert(
      fc.property(stratified, stratified, fc.constantFrom(0, -0), (x, y, zero) => {
        for (const name of UNARY) {
          const { re, im } = Complex[name](at(x, zero))
          expect(re, name).toBe(F64[name](x))
          expect(im === 0, name).toBe(true)
        }
        for (const name of BINARY) {
          const { re, im } = Complex[name](at(x, zero), at(y, zero))
          expect(re, name).toBe(F64[name](x, y))
          expect(im === 0, name).toBe(true)
        }
        for (const order of [0, 1, 2, 5]) {
          const { re, im } = Complex.polygamma(order, at(x, zero))
          expect(re).toBe(F64.polygamma(order, x))
          expect(im === 0).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keep the real part of float64 under a complex step, to a few ulps', () => {
    fc.assert(
      fc.property(ordinary, ordinary, (x, y) => {
        for (const name of UNARY) {
          const right = F64[name](x)
          // inverse functions and lgamma go by other formulas than the real ones
          if (Number.isFinite(right))
            expect(
              ulps(Complex[name](at(x, 2 ** -80)).re, right, name === 'lgamma' ? 16 : 0),
              name,
            ).toBeLessThanOrEqual(8)
        }
        for (const name of BINARY) {
          const right = F64[name](x, y)
          if (Number.isFinite(right) && Math.abs(right) > 1e-300)
            expect(ulps(Complex[name](at(x, 2 ** -80), at(y, 0)).re, right), name).toBeLessThanOrEqual(8)
        }
      }),
    )
  })
})

describe('infinities', () => {
  const infinity = at(Infinity, 0)

  it('times a real or nearly real number stay infinities', () => {
    expect(Complex.mul(infinity, at(2, 0))).toEqual(infinity)
    expect(Complex.mul(at(-2, 0), infinity)).toEqual(at(-Infinity, 0))
    expect(Complex.mul(infinity, at(2, 1e-24))).toEqual(at(Infinity, Infinity))
    expect(Complex.mul(at(Infinity, 1e-24), at(2, 0))).toEqual(at(Infinity, 2e-24))
    expect(Complex.mul(infinity, at(0, 0)).re).toBe(NaN)
  })

  it('divide like real numbers', () => {
    expect(Complex.div(at(1, 1e-24), infinity)).toEqual(at(0, 0))
    expect(Complex.div(at(1, 0), at(Infinity, 1e-24)).re).toBe(0)
    expect(Complex.div(at(1, 0), at(0, 0))).toEqual(infinity)
    expect(Complex.exp(at(1000, 1e-24)).re).toBe(Infinity)
    expect(Complex.exp(at(-Infinity, 1e-24))).toEqual(at(0, 0))
    expect(Complex.sigmoid(at(1000, 1e-24)).re).toBe(1)
    expect(Complex.tanh(at(-Infinity, 1e-24))).toEqual(at(-1, 0))
    expect(Complex.erf(at(Infinity, 1e-24))).toEqual(at(1, 0))
    expect(Complex.pow(at(2, 1e-24), infinity).re).toBe(Infinity)
    expect(Complex.log(at(Infinity, 1e-24))).toEqual(at(Infinity, 0))
    expect(Complex.lgamma(at(Infinity, 1e-24)).re).toBe(Infinity)
  })
})

describe('elementary and special functions', () => {
  // Each part is a product or quotient of at most eight rounded factors; a sum whose terms cancel is measured in ulps of
  // its terms, which for these points are not larger than 16 (lgamma), 2 (erf) or the result.
  const cancelling: Readonly<Partial<Record<UnaryName, number>>> = {
    lgamma: 16,
    erf: 2,
    expm1: 2,
    softplus: 1,
    log1p: 1,
  }

  for (const name of UNARY) {
    const rows = KNOWN[name]
    if (rows !== undefined)
      it(`${name}: both parts within 8 ulps of 50 digits`, () => {
        for (const [x, y, re, im] of rows) {
          const value = Complex[name](at(x, y))
          // a tiny imaginary part has relative accuracy whatever else cancels
          const scale = cancelling[name] ?? 0
          expect(ulps(value.re, re, scale), `Re at ${x}, ${y}`).toBeLessThanOrEqual(8)
          expect(ulps(value.im, im, Math.abs(y) < 1e-9 ? 0 : scale), `Im at ${x}, ${y}`).toBeLessThanOrEqual(8)
        }
      })
  }

  for (const [order, rows] of POLYGAMMA)
    it(`polygamma of order ${order}: within 64 ulps of the modulus, tiny imaginary parts on their own`, () => {
      for (const [x, y, re, im] of rows) {
        const value = Complex.polygamma(order, at(x, y))
        expect(distance(value, at(re, im)) / size(at(re, im)), `${x}, ${y}`).toBeLessThanOrEqual(64 * EPSILON)
        if (Math.abs(y) < 1e-9) expect(ulps(value.im, im)).toBeLessThanOrEqual(64)
      }
    })
})

describe('identities', () => {
  const part = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((n) => (n + 0.5) * 2 ** -18)
  const number = fc.record({ re: part, im: part })
  // away from 0, so that no division is by a number close to it
  const close = (z: ComplexNumber, w: ComplexNumber, roundings: number, scale = size(w)): void =>
    expect(distance(z, w)).toBeLessThanOrEqual(roundings * EPSILON * scale)

  it('is a field', () => {
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        const { add, mul, sub, div, neg, reciprocal } = Complex
        // sums and products of such integers over 2^19 are exact within 53 bits, so these hold exactly
        expect(add(a, b)).toEqual(add(b, a))
        expect(mul(a, b)).toEqual(mul(b, a))
        expect(add(add(a, b), c)).toEqual(add(a, add(b, c)))
        expect(mul(a, add(b, c))).toEqual(add(mul(a, b), mul(a, c)))
        expect(sub(a, b)).toEqual(add(a, neg(b)))
        close(mul(mul(a, b), c), mul(a, mul(b, c)), 8, size(a) * size(b) * size(c))
        close(mul(div(a, b), b), a, 16)
        close(mul(a, reciprocal(a)), at(1, 0), 16)
      }),
    )
  })

  it('conjugates', () => {
    fc.assert(
      fc.property(number, (z) => {
        // without a sign on the zero of a real number
        const conjugate = (w: ComplexNumber): ComplexNumber => at(w.re, w.im === 0 ? 0 : -w.im)
        for (const name of UNARY) expect(Complex[name](conjugate(z)), name).toEqual(conjugate(Complex[name](z)))
        for (const order of [0, 1, 2, 7])
          expect(Complex.polygamma(order, conjugate(z))).toEqual(conjugate(Complex.polygamma(order, z)))
      }),
    )
  })

  it('inverts', () => {
    fc.assert(
      fc.property(number, (z) => {
        const { exp, log, sqrt, mul, sin, asin, cos, acos, tan, atan, rsqrt, div } = Complex
        close(exp(log(z)), z, 16)
        close(mul(sqrt(z), sqrt(z)), z, 8)
        close(mul(rsqrt(z), sqrt(z)), at(1, 0), 8)
        // errors of the inverse are multiplied by the derivative times its value, below 8 on this square
        close(sin(asin(z)), z, 64, 8)
        close(cos(acos(z)), z, 64, 8)
        close(div(sin(z), cos(z)), tan(z), 32, 1 + size(tan(z)) ** 2)
        // atan has poles at ±i
        if (size(at(z.re, Math.abs(z.im) - 1)) > 0.1) close(tan(atan(z)), z, 64, 100)
      }),
    )
  })

  it('powers multiply', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 9 }), (z, n) => {
        let product: ComplexNumber = at(1, 0)
        for (let k = 0; k < n; k++) product = Complex.mul(product, z)
        close(Complex.pow(z, at(n, 0)), product, 8 + 4 * n)
        close(Complex.pow(z, at(n, 0)), Complex.exp(Complex.mul(at(n, 0), Complex.log(z))), 16 + 16 * n)
      }),
    )
  })

  it('lgamma and polygamma satisfy their recurrences', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 4 }), (z, m) => {
        const next = at(z.re + 1, z.im)
        // up to a multiple of π i, the signs of the two gammas and the branch of the logarithm
        const step = Complex.sub(Complex.lgamma(next), Complex.lgamma(z))
        const turns = Math.round((step.im - Complex.log(z).im) / Math.PI)
        close(at(step.re, step.im - turns * Math.PI), Complex.log(z), 128, 16)
        let term = Complex.reciprocal(z)
        for (let k = 1; k <= m; k++) term = Complex.mul(term, Complex.div(at(-k, 0), z))
        const [here, there] = [Complex.polygamma(m, z), Complex.polygamma(m, next)]
        const nearest = size(at(z.re - Math.min(0, Math.round(z.re)), z.im))
        let scale = 4 + 1 / nearest
        for (let k = 1; k <= m; k++) scale *= k / Math.min(1, nearest)
        close(Complex.sub(there, here), term, 128, scale)
      }),
    )
  })
})

describe('branches', () => {
  it('follow the real part', () => {
    expect(Complex.abs(at(-2, 1e-24))).toEqual(at(2, -1e-24))
    expect(Complex.abs(at(2, -1e-24))).toEqual(at(2, -1e-24))
    expect([Complex.abs(at(0, 1)), Complex.abs(at(-0, 1))]).toEqual([at(0, 0), at(0, 0)])
    expect(Complex.max(at(1, 5), at(2, -7))).toEqual(at(2, -7))
    expect(Complex.min(at(1, 5), at(2, -7))).toEqual(at(1, 5))
    expect(Complex.max(at(2, 5), at(2, 7))).toEqual(at(2, 6))
    expect(Complex.max(at(NaN, 5), at(2, 7)).re).toBe(NaN)
    expect(Complex.floor(at(-1.5, 3))).toEqual(at(-2, 0))
    expect(Complex.sign(at(-1.5, 3))).toEqual(at(-1, 0))
    expect(Complex.mod(at(-7, 1), at(3, 1))).toEqual(at(2, 4))
  })

  it('are principal off the real axis', () => {
    expect(Complex.log(at(-1, 1e-24)).im).toBe(Math.PI)
    expect(Complex.sqrt(at(-4, 1e-24)).im).toBe(2)
    expect(Complex.sqrt(at(-4, -1e-24)).im).toBe(-2)
    expect(Complex.asin(at(2, 1e-24)).im).toBeCloseTo(Math.log(2 + Math.sqrt(3)), 14)
  })

  it('atan2 has the quadrant of the real parts, and the imaginary part of a derivative', () => {
    const h = 2 ** -80
    fc.assert(
      fc.property(ordinary, ordinary, ordinary, ordinary, (y, x, dy, dx) => {
        const value = Complex.atan2(at(y, h * dy), at(x, h * dx))
        const square = x * x + y * y
        expect(ulps(value.re, Math.atan2(y, x))).toBeLessThanOrEqual(4)
        const scale = (Math.abs(x * dy) + Math.abs(y * dx)) / square
        expect(ulps(value.im / h, (x * dy - y * dx) / square, scale)).toBeLessThanOrEqual(8)
      }),
    )
  })

  it('powers of 0 and of negative numbers', () => {
    const h = 2 ** -80
    expect(Complex.pow(at(0, h), at(0, 0))).toEqual(at(1, 0))
    expect(Complex.pow(at(0, h), at(1, 0)).im).toBe(h)
    expect(Complex.pow(at(0, h), at(2, 0)).im / h).toBeCloseTo(0)
    expect(Complex.pow(at(-2, h), at(3, 0))).toEqual(at(-8, 12 * h))
    expect(Complex.pow(at(-2, h), at(2, 0))).toEqual(at(4, -4 * h))
    expect(Complex.pow(at(0, 0), at(2, h))).toEqual(at(0, 0))
    expect(Complex.pow(at(0, 0), at(0, h))).toEqual(at(1, -Infinity))
  })

  it('lgamma continues log |Γ|, so its imaginary part is that of a derivative left of 0 too', () => {
    const h = 2 ** -80
    fc.assert(
      fc.property(fc.integer({ min: -600, max: 600 }), (n) => {
        const x = n / 32 + 1 / 64
        // ψ has terms up to π cot π/64 = 64
        expect(ulps(Complex.lgamma(at(x, h)).im / h, F64.polygamma(0, x), 64)).toBeLessThanOrEqual(8)
      }),
    )
  })

  it('buffers are of zeros', () => {
    expect(Array.from({ length: 2 }, (_, i) => Complex.buffer(2)[i])).toEqual([at(0, 0), at(0, 0)])
    expect([Complex.name, Complex.literal(2), Complex.primal(at(2, 3))]).toEqual(['complex', at(2, 0), 2])
  })
})

it('erf keeps its imaginary part where x y underflows', () => {
  // the derivative at 0 is 2 / sqrt(pi); sin(x y) / x lost digits here once
  const y = -5.4 * 2 ** -400
  const { im } = Complex.erf(at(-3.6e-240, y))
  expect(ulps(im, (2 / Math.sqrt(Math.PI)) * y)).toBeLessThanOrEqual(2)
})
