/**
 * File formats of arrays and tables: bytes in, `Either` out. Nothing here touches a file system; `wengert/data` does.
 *
 * Sizes are checked before anything is allocated, and every refusal names the file, by the name that it was given, and the
 * place in it.
 *
 * @since 0.1.0
 */

export {
  CsvInteger,
  CsvNumber,
  type CsvOptions,
  type CsvState,
  csvStart,
  csvStep,
  type NumberTable,
  readCsv,
  readCsvNumbers,
} from './csv.js'
export { type CsvFormat, csvText } from './csvText.js'
export { IDX_HEADER, type IdxHeader, readIdx, readIdxHeader, writeIdx } from './idx.js'
export { readNpy, writeNpy } from './npy.js'
export { readNpz, writeNpz } from './npz.js'
export {
  type Arrays,
  allocatePacked,
  dtypeOf,
  type Packed,
  type PackedType,
  pack,
  packedOf,
  unpack,
  unsafePacked,
} from './Packed.js'
export {
  readSafetensors,
  type Safetensors,
  type SafetensorsInput,
  type SafetensorsOptions,
  writeSafetensors,
} from './safetensors.js'
export type { Inflate, ZipOptions } from './zip.js'
