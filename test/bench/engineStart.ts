/**
 * W8: `node engineStart.js ENGINE` loads what it needs, records W1 and takes one step. The clock stands outside.
 */
import { compile, type EngineOptions } from 'wengert'
import { right } from '../engine/given.js'
import { workloads } from './engineWorkloads.js'

const { program, inputs } = workloads.W1()
const [engine] = process.argv.slice(2) as ReadonlyArray<Required<EngineOptions>['engine']>
right(right(compile({ engine })(program)).run(inputs as never))
