/** @module Theory cards: what every result says about a finished network, on one page. */
export type {
  Analysis,
  AnalysisContext,
  CardNumber,
  Finding,
  FinishedNetwork,
  NetworkLayer,
  Sample,
} from '../results/analysis.ts';
export { analyses } from './analyses.ts';
export { type Card, type CardRequest, makeCard } from './card.ts';
export { dataNames, loadData, type RawData } from './data.ts';
export { openModelFile } from './model-file.ts';
export { openNetwork } from './network.ts';
export type { Section } from './section.ts';
