/**
 * Data to learn from: files, data sets, and batches of them for training.
 *
 * @since 0.1.0
 */
export { type Batches, type BatchOptions, batches, type Fed, type Feeds } from './batches.js'
export { type BostonColumn, bostonColumn, bostonColumns, bostonFeatures, bostonPrices } from './boston.js'
export { type Columns, type Dataset, dataset, datasetRows, oneHot, splitDataset } from './dataset.js'
export { type Digits, digits } from './digits.js'
export {
  asImages,
  asInts,
  asOneHot,
  asReals,
  type Feed,
  type ImageFeed,
  type ImageOptions,
  type NumbersFeed,
  type NumbersOptions,
  type OneHotFeed,
} from './feed.js'
export {
  type FileOptions,
  readBytes,
  readCsvFile,
  readCsvNumbersFile,
  readIdxFile,
  readNpyFile,
  readNpzFile,
  readSafetensorsFile,
} from './file.js'
export { type Mnist, readMnist } from './mnist.js'
export {
  minibatches,
  permutation,
  rows,
  type Split,
  type Standard,
  shuffle,
  split,
  standardise,
  standardOf,
  unstandardise,
} from './prepare.js'
export { groupStream, type Stream, shuffleStream, streamCsv, streamIdx, zipStreams } from './stream.js'
