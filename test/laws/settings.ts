/** How long to look: `LAWS_RUNS` samples of each law from `LAWS_SEED` (a number, or `random`). */
export const RUNS: number = Number(process.env.LAWS_RUNS ?? 50)

export const SEED: number =
  process.env.LAWS_SEED === 'random' ? Math.floor(Math.random() * 2 ** 30) : Number(process.env.LAWS_SEED ?? 1)

/** `LAWS_FULL=1`: every law against every mutant, with the table printed. */
export const FULL: boolean = process.env.LAWS_FULL === '1'
