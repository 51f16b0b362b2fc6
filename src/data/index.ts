/** Data: files people have, published sets, small generated sets, and batches. */
export { type BatchOptions, batches, split } from './batches.ts';
export { type Csv, type CsvOptions, loadCsv, parseCsv } from './csv.ts';
export { dataDirectory } from './directory.ts';
export { type FetchOptions, type FetchProgress, fetchDataset, fetchSource } from './fetch.ts';
export { type GaussianMixture, gaussianMixture } from './gaussian-mixture.ts';
export { type Idx, loadIdx, parseIdx } from './idx.ts';
export type { LabelledImages } from './labelled-images.ts';
export { loadMnist, type MnistOptions } from './mnist.ts';
export { type RenderedDigits, renderedDigits } from './rendered-digits.ts';
export { type Sinusoids, sinusoids } from './sinusoids.ts';
export { type DataFile, type DataSource, mnistSource, sources } from './sources.ts';
