import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  root,
  cacheDir: '.cache/vite',
  resolve: {
    // The package by its own name is the sources, so that tests and documentation examples read as a user writes them.
    alias: [
      { find: /^wengert$/, replacement: `${root}src/index.ts` },
      { find: /^wengert\/laws$/, replacement: `${root}laws/index.ts` },
      { find: /^wengert\/([A-Z]\w*)$/, replacement: `${root}src/$1.ts` },
      { find: /^wengert\/([a-z]\w*)$/, replacement: `${root}src/$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    typecheck: {
      include: ['test/**/*.test-d.ts'],
      checker: `${root}node_modules/typescript/bin/tsc`,
      tsconfig: `${root}tsconfig.json`,
    },
  },
})
