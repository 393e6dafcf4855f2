/**
 * Finding the models of a module.
 *
 * The convention. A module offers a model for checking by exporting, under any name,
 *
 * - `{ model, point }`: a function that records, and where to check it;
 * - `{ model, points }`: the same with an array of points, or with a fast-check arbitrary that draws them;
 * - an array of such. A `name` beside `model` takes the place of the export's name.
 *
 * Or it exports a plain function, and the point comes from a file. Other exports are ignored. Models are recognised by this
 * structure alone, so a module needs nothing from here.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'

/**
 * Where to check a model: points, or a fast-check arbitrary.
 *
 * @category model
 * @since 0.1.0
 */
export type Points =
  | { readonly _tag: 'Given'; readonly points: ReadonlyArray<unknown> }
  | { readonly _tag: 'Drawn'; readonly arbitrary: unknown }

/**
 * A model found in a module.
 *
 * @category model
 * @since 0.1.0
 */
export interface Found {
  readonly name: string
  readonly model: unknown
  readonly points: Points
}

/**
 * Which exports to look at, and the point that takes the place of the module's own.
 *
 * @category model
 * @since 0.1.0
 */
export interface Wanted {
  readonly export?: string
  readonly at?: { readonly point: unknown }
}

type Fields = Readonly<Record<string, unknown>>

const isRecord = (u: unknown): u is Fields => typeof u === 'object' && u !== null

const isArbitrary = (u: unknown): boolean =>
  isRecord(u) && typeof u.generate === 'function' && typeof u.shrink === 'function'

const given = (points: ReadonlyArray<unknown>): Points => ({ _tag: 'Given', points })

const pointsOf = (name: string, fields: Fields, { at }: Wanted): E.Either<string, Points> => {
  if (at !== undefined) return E.right(given([at.point]))
  if ('point' in fields) return E.right(given([fields.point]))
  if (isArbitrary(fields.points)) return E.right({ _tag: 'Drawn', arbitrary: fields.points })
  if (Array.isArray(fields.points))
    return fields.points.length === 0 ? E.left(`${name} has an empty list of points`) : E.right(given(fields.points))
  return E.left(
    'points' in fields
      ? `the points of ${name} are neither an array nor a fast-check arbitrary`
      : `${name} has a model and no point: export { model, point } or { model, points }, or give one with --at FILE`,
  )
}

/** An export as models; none if it offers nothing for checking. */
const modelsIn = (name: string, u: unknown, wanted: Wanted): E.Either<string, ReadonlyArray<Found>> => {
  if (Array.isArray(u)) {
    const found: Array<Found> = []
    for (const [i, one] of u.entries()) {
      const models = isRecord(one) && 'model' in one ? modelsIn(`${name}[${i}]`, one, wanted) : E.right([])
      if (E.isLeft(models)) return models
      found.push(...models.right)
    }
    return E.right(found)
  }
  if (!isRecord(u) || !('model' in u) || !('point' in u || 'points' in u || typeof u.model === 'function'))
    return E.right([])
  const own = typeof u.name === 'string' && u.name !== '' ? u.name : name
  if (typeof u.model !== 'function') return E.left(`the model of ${own} is no function`)
  const points = pointsOf(own, u, wanted)
  return E.isLeft(points) ? points : E.right([{ name: own, model: u.model, points: points.right }])
}

const functionAt = (name: string, u: unknown, { at }: Wanted): ReadonlyArray<Found> =>
  typeof u === 'function' && at !== undefined ? [{ name, model: u, points: given([at.point]) }] : []

/**
 * The models of a loaded module, or a sentence that says why there are none. A plain function is taken at the wanted point if
 * it is the export asked for, the default export, or the only function.
 *
 * @category destructors
 * @since 0.1.0
 */
export const modelsOf = (file: string, module: unknown, wanted: Wanted): E.Either<string, ReadonlyArray<Found>> => {
  const exported = isRecord(module) ? module : {}
  const names = Object.keys(exported)
    .filter((name) => name !== 'module.exports' && name !== '__esModule')
    .sort()
  const listed = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
  if (wanted.export !== undefined) {
    const name = wanted.export
    if (!names.includes(name)) return E.left(`${file} has no export ${name}; ${listed}`)
    const found = modelsIn(name, exported[name], wanted)
    if (E.isLeft(found)) return E.left(`${file}: ${found.left}`)
    const models = found.right.length > 0 ? found.right : functionAt(name, exported[name], wanted)
    if (models.length > 0) return E.right(models)
    return E.left(
      typeof exported[name] === 'function'
        ? `${file}: ${name} is a function; say at which point with --at FILE, or export { model: ${name}, point }`
        : `${file}: the export ${name} is no model; a model is { model, point }, { model, points } or an array of such`,
    )
  }
  const found: Array<Found> = []
  const seen = new Set<unknown>()
  for (const name of names) {
    if (seen.has(exported[name])) continue
    seen.add(exported[name])
    const models = modelsIn(name, exported[name], wanted)
    if (E.isLeft(models)) return E.left(`${file}: ${models.left}`)
    found.push(...models.right)
  }
  if (found.length > 0) return E.right(found)
  const functions = names.filter((name) => typeof exported[name] === 'function')
  const one = functions.includes('default') ? 'default' : functions.length === 1 ? functions[0] : undefined
  if (one !== undefined && wanted.at !== undefined) return E.right(functionAt(one, exported[one], wanted))
  if (functions.length > 1 && wanted.at !== undefined)
    return E.left(`${file} exports several functions; choose with --export: ${functions.join(', ')}`)
  return E.left(
    `${file} has no models: ${listed}. Export { model, point }, or check a function with --export NAME --at FILE`,
  )
}
