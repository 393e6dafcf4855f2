/**
 * What `JSON.parse` does not tell.
 *
 * @since 0.1.0
 */

const STRING = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs

/**
 * The first key that one object of a JSON text has twice, or null. The text is JSON already.
 *
 * @category destructors
 * @since 0.1.0
 */
export const repeatedKey = (json: string): string | null => {
  const open: Array<Set<string> | null> = []
  let last = ''
  for (const [token] of json.matchAll(STRING)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const key: string = JSON.parse(last)
      const keys = open[open.length - 1] as Set<string>
      if (keys.has(key)) return key
      keys.add(key)
    } else if (token !== ',') last = token
  }
  return null
}
