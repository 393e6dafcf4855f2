export const FLOORS: ReadonlyArray<ReadonlyArray<string>>
export const problems: (root: string) => ReadonlyArray<string>
