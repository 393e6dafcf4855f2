/**
 * What the types cost: a model of 50 layers and 300 small programs, checked by the compiler. Instantiations are counted by
 * the compiler and repeat exactly, so they carry the budget; seconds are printed beside them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atMost, type Figure, reported } from './report.js'

/** The nearest folder above with a package.json of its own sources: compiled benchmarks lie deeper than the sources. */
const root = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) || !existsSync(join(folder, 'src'))) folder = dirname(folder)
  return folder
})()

const imports = `import {
  add, exp, grad, hessian, jacobian, jvp, log, logSumExp, matmul, mean, mul, relu, run, sigmoid, softmax, square, sub, sum,
  tanh, tensor, valueAndGrad, vmap, type Tensor, type Var,
} from 'wengert'
`

const LAYERS = 50

/** A deep network whose every layer has its own width, so that nothing is shared between them. */
const deep = (): string => {
  const width = (i: number): number => 10 + i
  const fields = Array.from(
    { length: LAYERS },
    (_, i) =>
      `  readonly w${i}: Var<readonly [${width(i)}, ${width(i + 1)}]>; readonly b${i}: Var<readonly [${width(i + 1)}]>`,
  )
  const layers = Array.from(
    { length: LAYERS },
    (_, i) => `  const h${i + 1} = ${i % 2 === 0 ? 'sigmoid' : 'relu'}(add(matmul(h${i}, p.w${i}), p.b${i}))`,
  )
  return `${imports}
type Net = {
${fields.join('\n')}
}
declare const h0: Tensor<readonly [32, ${width(0)}]>
declare const y: Tensor<readonly [32, ${width(LAYERS)}]>
export const loss = (p: Net) => {
${layers.join('\n')}
  return mean(square(sub(h${LAYERS}, y)))
}
export const step = run(valueAndGrad(loss))
`
}

const PROGRAMS = 300

const small = (): string => {
  const templates: ReadonlyArray<(i: number, n: number) => string> = [
    (i, n) => `export const f${i} = (x: Var<readonly [${n}]>) => sum(mul(sigmoid(x), tanh(x)))
export const r${i} = run(grad(f${i}))`,
    (
      i,
      n,
    ) => `export const f${i} = (a: Var<readonly [${n}, ${n + 1}]>, b: Var<readonly [${n + 1}, 3]>) => softmax(matmul(a, b))
declare const t${i}: Tensor<readonly [${n}]>
export const r${i} = mul(t${i}, 2)`,
    (i, n) => `export const f${i} = (x: Var<readonly [${n}]>) => logSumExp(mul(x, exp(x)))
export const r${i} = hessian(f${i})(tensor([${Array.from({ length: n }, (_, k) => k).join(', ')}]))`,
    (i, n) => `export const f${i} = (x: Var<readonly [${n}]>) => add(square(x), log(exp(x)))
export const r${i} = run(jacobian(f${i}))
export const d${i} = (x: Var<readonly [${n}]>) => jvp(f${i})(x, x)`,
    (i, n) => `export const f${i} = (x: Var<readonly [${n}]>) => mean(sub(x, 1))
export const r${i} = (xs: Var<readonly [8, ${n}]>) => vmap(grad(f${i}))(xs)`,
  ]
  const programs = Array.from({ length: PROGRAMS }, (_, i) => templates[i % templates.length](i, 2 + (i % 40)))
  return `${imports}\n${programs.join('\n')}\n`
}

const check = (name: string, text: string): { readonly instantiations: number; readonly seconds: number } => {
  const folder = join(root, '.cache', `types-${name}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'program.ts'), text)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: true, rootDir: root, types: [], paths: {} },
      include: ['program.ts'],
      exclude: [],
    }),
  )
  const tsc = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--extendedDiagnostics'],
    { encoding: 'utf8', cwd: root },
  )
  if (tsc.status !== 0) throw new Error(`the ${name} program does not type-check:\n${tsc.stdout.slice(0, 4000)}`)
  const figure = (label: string): number => Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(tsc.stdout)?.[1])
  return { instantiations: figure('Instantiations'), seconds: figure('Check time') }
}

/** What may be spent; a change that needs more says why and raises it. */
export const BUDGET = { deep: 15_000, small: 25_000 } as const

/** How long a check may take. */
const SECONDS = 10

export const typeFigures = (): ReadonlyArray<Figure> => {
  const base = check('nothing', imports)
  const [d, s] = [check('deep', deep()), check('small', small())]
  return [
    reported('the declarations alone: instantiations', base.instantiations, 'instantiations'),
    atMost(
      `a ${LAYERS}-layer model: instantiations`,
      d.instantiations - base.instantiations,
      'instantiations',
      BUDGET.deep,
    ),
    atMost(`a ${LAYERS}-layer model: check time`, d.seconds, 's', SECONDS),
    atMost(
      `${PROGRAMS} small programs: instantiations`,
      s.instantiations - base.instantiations,
      'instantiations',
      BUDGET.small,
    ),
    atMost(`${PROGRAMS} small programs: check time`, s.seconds, 's', SECONDS),
  ]
}
