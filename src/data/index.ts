/** Data: files people have, published sets, small generated sets, and batches. */
export { type BatchOptions, batches, split, takeRows } from './batches.ts';
export type {
  LabelledGraph,
  LabelledImages,
  LabelledPoints,
  RegressionPoints,
  SparseRows,
  Tokens,
  TreatmentData,
} from './dataset.ts';
export { dataDirectory } from './directory.ts';
export { downscale } from './downscale.ts';
export { type FetchOptions, fetchDataset, fetchSource } from './fetch/fetch.ts';
export type { FetchProgress } from './fetch/transfer.ts';
export { parseBits } from './formats/bits.ts';
export { type CifarRecords, loadCifar, parseCifar } from './formats/cifar.ts';
export { type Csv, type CsvOptions, loadCsv, parseCsv } from './formats/csv.ts';
export { parseGraphJson } from './formats/graph-json.ts';
export { type Idx, loadIdx, parseIdx } from './formats/idx.ts';
export { type DecodedImage, decodeImage } from './formats/image.ts';
export {
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  parseNpy,
  parseNpz,
  parseSafetensors,
  type Safetensors,
} from './formats/index.ts';
export { parseLinqs } from './formats/linqs.ts';
export { loadText } from './formats/text.ts';
export { type ClusteredClasses, clusteredClasses } from './generated/clustered-classes.ts';
export { type GaussianMixture, gaussianMixture } from './generated/gaussian-mixture.ts';
export { type MarkovChainText, type MarkovText, markovText } from './generated/markov-text.ts';
export {
  type ErdosRenyi,
  erdosRenyi,
  type StochasticBlockModel,
  stochasticBlockModel,
} from './generated/random-graph.ts';
export { type RenderedCharacters, renderedCharacters } from './generated/rendered-characters.ts';
export { type RenderedDigits, renderedDigits } from './generated/rendered-digits.ts';
export { type Sinusoids, sinusoids } from './generated/sinusoids.ts';
export { type Spheres, spheres } from './generated/spheres.ts';
export { type TopicText, topicText } from './generated/topic-text.ts';
export { XOR_PATTERNS, type XorPatterns, xorPatterns } from './generated/xor-patterns.ts';
export { adjacency, denseRows } from './graphs.ts';
export { folderOf, presence } from './locate.ts';
export { resize, withChannels } from './resize.ts';
export {
  HILLSTROM_ARMS,
  type HillstromOptions,
  type IhdpData,
  type IhdpOptions,
  type LalondeOptions,
  loadHillstrom,
  loadIhdp,
  loadLalonde,
} from './sets/causal.ts';
export { type Cifar100Options, loadCifar10, loadCifar100 } from './sets/cifar.ts';
export { type CitationOptions, loadCitation } from './sets/citation.ts';
export { type ImageFolderOptions, loadImageFolder } from './sets/image-folder.ts';
export type { ImageOptions } from './sets/image-selection.ts';
export { loadFashionMnist, loadMnist } from './sets/mnist.ts';
export { loadNasBench201, NAS_BENCH_EDGES, NAS_BENCH_OPERATIONS, type NasBench201 } from './sets/nas-bench.ts';
export {
  loadOmniglot,
  loadOmniglotTrials,
  type Omniglot,
  type OmniglotOptions,
  type OneShotTrial,
} from './sets/omniglot.ts';
export { sources } from './sets/sources.ts';
export { loadBreastCancer, loadDiabetes, loadDigits, loadIris, loadWine, type TableOptions } from './sets/tables.ts';
export {
  type Analogies,
  loadAnalogies,
  loadText8,
  loadTinyShakespeare,
  loadWikitext2,
  loadWordSimilarity,
  type Text8Options,
  type WikitextOptions,
  type WordSimilarity,
  type WordSimilarityOptions,
} from './sets/texts.ts';
export { type DataArchive, type DataFile, type DataSource, filesOf } from './source.ts';
export { characterTokens, type Sequences, sequences, textOf, type WordOptions, wordTokens } from './tokens.ts';
