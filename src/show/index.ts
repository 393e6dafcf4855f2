/**
 * Programs, losses and results, shown to people.
 *
 * @since 0.1.0
 */
export { type BarChart, type Bins, barChartSvg, barChartText, binsOf, histogramSvg } from './bars.js'
export { type ChainRule, type Chains, chainRule, showChainRule } from './chainRule.js'
export { contour, type Field, type FieldChart, fieldSvg, sampleField } from './field.js'
export { type Film, filmSvg } from './film.js'
export {
  type Graph,
  type GraphEdge,
  type GraphNode,
  graphDot,
  graphMermaid,
  type TapeGraphOptions,
  tapeGraph,
} from './graph.js'
export { type Image, type ImageGrid, imageGridSvg, imageText } from './images.js'
export { graphFrames, graphSvg } from './layout.js'
export { type ListingOptions, showStatistics, showTape } from './listing.js'
export { pageMarkdown } from './markdown.js'
export { type ConfusionMatrix, confusionMatrixSvg, confusionMatrixText, type HeatMap, heatMapSvg } from './matrix.js'
export { brief, type Interval } from './numbers.js'
export { type Block, type Page, pageHtml, type Section } from './page.js'
export { describeChart, type LineChart, lineChartSvg, lineChartText, type Series, type Spread } from './plot.js'
export { encodePng, svgPng } from './raster.js'
export { type Surface, surfaceSvg } from './surface.js'
export type { Scale, Size } from './svg.js'
export { type BackwardStep, type ForwardStep, type Given, showTrace, type Trace, trace, traceGraphs } from './trace.js'
