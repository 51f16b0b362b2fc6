/** Every published data set that there is a loader for. */
import type { DataSource } from '../source.ts';
import { hillstromSource, ihdpSource, lalondeSource } from './causal.ts';
import { cifar10Source, cifar100Source } from './cifar.ts';
import { citeseerSource, coraSource, dblpSource, pubmedSource } from './citation.ts';
import { fashionMnistSource, mnistSource } from './mnist.ts';
import { nasBench201Source } from './nas-bench.ts';
import { omniglotSource } from './omniglot.ts';
import { breastCancerSource, diabetesSource, digitsSource, irisSource, wineSource } from './tables.ts';
import { analogiesSource, text8Source, tinyShakespeareSource, wikitext2Source, wordSimilaritySource } from './texts.ts';

export const sources: readonly DataSource[] = [
  ...[mnistSource, fashionMnistSource, cifar10Source, cifar100Source, omniglotSource],
  ...[coraSource, citeseerSource, pubmedSource, dblpSource],
  ...[tinyShakespeareSource, wikitext2Source, text8Source, analogiesSource, wordSimilaritySource],
  ...[irisSource, wineSource, breastCancerSource, digitsSource, diabetesSource],
  ...[lalondeSource, ihdpSource, hillstromSource],
  nasBench201Source,
];
