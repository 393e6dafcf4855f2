/**
 * What all pictures share: an SVG document that says what it shows, and colours that follow the reader's light or dark mode.
 *
 * Colours are written as plain attributes of the light mode, which every program that reads SVG understands. In dark mode
 * a rule for each colour replaces it wherever it stands, because style rules are stronger than attributes. So nothing
 * that draws needs to know of the two modes, and a picture means the same alone and inside a page.
 *
 * @since 0.1.0
 */

/**
 * How large a picture is, in pixels.
 *
 * @category model
 * @since 0.1.0
 */
export interface Size {
  readonly width?: number
  readonly height?: number
}

/**
 * Colours by their use, as they are in light mode. `lines` are Okabe and Ito's, which colour-blind people can tell apart,
 * darkened where they would be faint on white.
 *
 * @category colours
 * @since 0.1.0
 */
export const COLOURS = {
  page: '#ffffff',
  panel: '#f6f8fa',
  ink: '#1f2328',
  muted: '#59636e',
  faint: '#d8dde3',
  input: '#ddf4e4',
  output: '#fbe3d6',
  node: '#eaf2fb',
  mark: '#ffd33d',
  lines: ['#0072b2', '#d55e00', '#00845f', '#a8477e', '#8a6d00', '#5b4bb7'],
} as const

/** What each becomes on a dark page. */
const DARK: ReadonlyArray<readonly [light: string, dark: string]> = [
  [COLOURS.page, '#0d1117'],
  [COLOURS.panel, '#161b22'],
  [COLOURS.ink, '#e6edf3'],
  [COLOURS.muted, '#9198a1'],
  [COLOURS.faint, '#30363d'],
  [COLOURS.input, '#12382a'],
  [COLOURS.output, '#4a2a18'],
  [COLOURS.node, '#172b45'],
  [COLOURS.mark, '#8a6100'],
  ...['#56b4e9', '#ff9148', '#2fc79a', '#e58fc4', '#d9c14a', '#a99cff'].map(
    (dark, i) => [COLOURS.lines[i], dark] as const,
  ),
]

const STYLE = `@media (prefers-color-scheme:dark){${DARK.map(
  ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
).join('')}}`

/**
 * Black and white on cells that have colours of their own: they stay in dark mode.
 *
 * @category colours
 * @since 0.1.0
 */
export const ON_CELL = { dark: '#111114', light: '#fefefe' } as const

/**
 * The font of pictures.
 *
 * @category colours
 * @since 0.1.0
 */
export const FONT = 'system-ui, sans-serif'

/**
 * @category printing
 * @since 0.1.0
 */
export const escaped = (text: string): string =>
  text
    // what XML cannot hold at all
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
    .replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] as string)

/**
 * A coordinate with two digits after the point.
 *
 * @category printing
 * @since 0.1.0
 */
export const px = (x: number): string => String(Number(x.toFixed(2)))

/**
 * A whole document around what was drawn.
 *
 * @category printing
 * @since 0.1.0
 */
export const svgDocument = (width: number, height: number, title: string, description: string, body: string): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect width="100%" height="100%" fill="${COLOURS.page}"/>`,
    body,
    '</svg>\n',
  ].join('\n')

/**
 * A line of text.
 *
 * @category printing
 * @since 0.1.0
 */
export const svgText = (
  x: number,
  y: number,
  text: string,
  {
    size = 12,
    anchor = 'start',
    fill = COLOURS.ink,
    bold = false,
    font = FONT,
  }: {
    readonly size?: number
    readonly anchor?: 'start' | 'middle' | 'end'
    readonly fill?: string
    readonly bold?: boolean
    readonly font?: string
  } = {},
): string =>
  `<text x="${px(x)}" y="${px(y)}" font-size="${size}" font-family="${font}" text-anchor="${anchor}" fill="${fill}"${bold ? ' font-weight="600"' : ''}>${escaped(text)}</text>`

type Rgb = readonly [number, number, number]

const rgb = (hex: string): Rgb => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb

const between =
  (stops: ReadonlyArray<Rgb>) =>
  (t: number): Rgb => {
    const at = Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)) * (stops.length - 1)
    const low = Math.min(stops.length - 2, Math.floor(at))
    return stops[low].map((c, i) => Math.round(c + (at - low) * (stops[low + 1][i] - c))) as unknown as Rgb
  }

/**
 * Colours of numbers, from 0 to 1 as red, green and blue up to 255. `viridis` (S. van der Walt, N. Smith, 2015) is
 * perceptually even, `blues` begins near white, `heat` too, in reds; `diverging` is white at one
 * half, `grey` goes from black to white.
 *
 * @category colours
 * @since 0.1.0
 */
export const scales = {
  viridis: between(
    ['#440154', '#482878', '#3e4989', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6ece58', '#b5de2b', '#fde725'].map(
      rgb,
    ),
  ),
  blues: between(['#f3f8fd', '#9fcae6', '#3787c0', '#08417a'].map(rgb)),
  diverging: between(['#1b4f9c', '#74a9d8', '#f7f7f7', '#ee8a62', '#a31228'].map(rgb)),
  heat: between(['#fff5eb', '#fdbe85', '#f1701f', '#96260a'].map(rgb)),
  grey: between(['#000000', '#ffffff'].map(rgb)),
} as const

/**
 * @category model
 * @since 0.1.0
 */
export type Scale = keyof typeof scales

/**
 * The colour of a number from 0 to 1, as an attribute.
 *
 * @category colours
 * @since 0.1.0
 */
export const colourOf = (scale: Scale, t: number): string =>
  `#${scales[scale](t)
    .map((c) => c.toString(16).padStart(2, '0'))
    .join('')}`

/** How bright a colour is to the eye, from 0 to 1 (relative luminance, WCAG 2.2). */
const luminance = (colour: Rgb): number =>
  [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const c = colour[i] / 255
    return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  }, 0)

/** As bright as this, a colour is as far from black as from white: `(L + 0.05)^2 = 1.04 * 0.0556`. */
const MIDDLE = 0.19

/**
 * Black or white, whichever can be read on a colour.
 *
 * @category colours
 * @since 0.1.0
 */
export const inkOn = (scale: Scale, t: number): string =>
  luminance(scales[scale](t)) > MIDDLE ? ON_CELL.dark : ON_CELL.light
