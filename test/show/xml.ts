/** What is wrong with a document as XML, as far as tags, quotes and entities go. */
export const malformed = (xml: string): ReadonlyArray<string> => {
  const open: Array<string> = []
  const wrong: Array<string> = []
  const tags = /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g
  for (const [tag, close, name, attributes, self] of xml.matchAll(tags)) {
    if (close === '/') {
      if (open.pop() !== name) wrong.push(tag)
    } else if (self !== '/') open.push(name)
    if (/&(?!amp;|lt;|gt;|quot;|#39;)/.test(attributes)) wrong.push(attributes)
  }
  const rest = xml.replace(tags, '')
  if (/[<>]/.test(rest) || /&(?!amp;|lt;|gt;|quot;|#39;)/.test(rest)) wrong.push(rest.trim())
  return [...wrong, ...open]
}
