/** What tests of engines share. */

/** The value, or the failure's sentence thrown. */
export const right = <A>(
  e:
    | { readonly _tag: 'Left'; readonly left: { readonly message: string } }
    | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (e._tag === 'Left') throw new Error(e.left.message)
  return e.right
}
