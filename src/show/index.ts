/**
 * Programs, losses and results, shown to people.
 *
 * @since 0.1.0
 */
export { type ListingOptions, showStatistics, showTape } from './listing.js'
export { type LineChart, lineChartSvg, lineChartText, type Series } from './plot.js'
