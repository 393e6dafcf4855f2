/**
 * `npm run bench`: what the core promises, measured. `--json` prints the figures as data.
 */
import { conformanceFigures } from './conformance.js'
import { costFigures } from './cost.js'
import { recordingFigures } from './recording.js'
import { report } from './report.js'
import { simplifyFigures } from './simplify.js'
import { typeFigures } from './types.js'

await report([
  ['recording', recordingFigures],
  ['cost of gradients, counted', costFigures],
  ['agreement with published derivatives', conformanceFigures],
  ['simplification, counted', simplifyFigures],
  ['types', typeFigures],
])
