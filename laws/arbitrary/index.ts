/**
 * What laws are tested on: numbers, uses of primitives, and random programs. All of it shrinks.
 *
 * @since 0.1.0
 */

export { type Lookalike, lookalikeNames } from './roundabout/lookalikes.js'
export { type Roundabout, roundaboutModel, roundabouts } from './roundabout.js'
export {
  emitting,
  names,
  numbersFor,
  resultOf,
  type SiteOf,
  siteModel,
  sites,
  sitesOf,
  tensorOf,
} from './site.js'
export {
  type Drawn,
  draw,
  drawnModel,
  models,
  type Palette,
  pointOf,
  programs,
  type Sketch,
  type Stroke,
  sketches,
  strokes,
} from './sketch.js'
export { type Maker, programFrom, type Use } from './Use.js'
export { uses } from './uses.js'
export {
  bitsOf,
  choices,
  type Domain,
  type Draw,
  directionAt,
  drawing,
  integersAt,
  type Richness,
  type Source,
  shapes,
  sources,
  valueAt,
  valuesAt,
} from './values.js'
