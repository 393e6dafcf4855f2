/**
 * Computing graphs given as data, which become models.
 *
 * @since 0.1.0
 */
export {
  type ComputingGraph,
  ComputingGraphCodec,
  checkGraph,
  decodeGraph,
  type Feeds,
  fromSuccessors,
  type GraphModel,
  graphModel,
  type Operator,
  successorsOf,
} from './graph.js'
export { type Operation, type Operations, standardOperations } from './operations.js'
export { type Successors, topologicalOrder } from './order.js'
