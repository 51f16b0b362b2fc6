/** What the loaders make of the published files, against figures that others have published or that define the set. */
import { describe, expect } from 'vitest';
import { denseRows } from '../graphs.ts';
import { testOnRealData } from '../real-data.fixture.ts';
import { characterTokens, wordTokens } from '../tokens.ts';
import { loadHillstrom, loadIhdp, loadLalonde } from './causal.ts';
import { loadCifar10 } from './cifar.ts';
import { loadCitation } from './citation.ts';
import { loadFashionMnist, loadMnist } from './mnist.ts';
import { loadNasBench201, NAS_BENCH_OPERATIONS } from './nas-bench.ts';
import { loadOmniglot, loadOmniglotTrials } from './omniglot.ts';
import { loadBreastCancer, loadDiabetes, loadDigits, loadIris, loadWine } from './tables.ts';
import { loadAnalogies, loadText8, loadTinyShakespeare, loadWikitext2, loadWordSimilarity } from './texts.ts';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const counts = (labels: Int32Array, classes: number) => {
  const found = new Array<number>(classes).fill(0);
  for (const label of labels) found[label]++;
  return found;
};
/** Mean and standard deviation, without a copy. */
const moments = (values: Float32Array) => {
  let [sum, squares] = [0, 0];
  for (const x of values) {
    sum += x;
    squares += x * x;
  }
  const average = sum / values.length;
  return [average, Math.sqrt(squares / values.length - average ** 2)];
};

describe('images', () => {
  testOnRealData(
    'MNIST: first labels, mean 0.1307 and deviation 0.3081 of the pixels',
    'mnist',
    ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-labels-idx1-ubyte'],
    async (directory) => {
      const { images, labels, n, shape } = await loadMnist({ split: 'train', directory });
      expect([n, shape, [...labels.subarray(0, 4)]]).toEqual([60_000, [1, 28, 28], [5, 0, 4, 1]]);
      const [average, deviation] = moments(images);
      expect([average.toFixed(4), deviation.toFixed(4)]).toEqual(['0.1307', '0.3081']);
      const test = await loadMnist({ split: 'test', directory });
      expect([test.n, [...test.labels.subarray(0, 4)]]).toEqual([10_000, [7, 2, 1, 0]]);
    },
  );

  testOnRealData(
    'Fashion-MNIST, whole or in parts: balanced, mean 0.2860 and deviation 0.3530',
    'fashion-mnist',
    ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
    async (directory) => {
      const { images, labels, n, classNames } = await loadFashionMnist({ split: 'train', directory });
      expect([n, classNames[labels[0]]]).toEqual([60_000, 'ankle boot']);
      expect(counts(labels, 10)).toEqual(new Array(10).fill(6000));
      const [average, deviation] = moments(images);
      expect([average.toFixed(4), deviation.toFixed(4)]).toEqual(['0.2860', '0.3530']);
    },
  );

  testOnRealData(
    'CIFAR-10: counts of the first batch, the first test images',
    'cifar10',
    ['data_batch_1.bin'],
    async (directory) => {
      const { images, labels, n, shape } = await loadCifar10({ split: 'train', limit: 10_000, directory });
      expect([n, shape]).toEqual([10_000, [3, 32, 32]]);
      expect(counts(labels, 10)).toEqual([1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]);
      // Of all training images the channel means are 0.4914, 0.4822 and 0.4465.
      const channel = (c: number) => {
        let sum = 0;
        for (let i = 0; i < n; i++) for (let k = 0; k < 1024; k++) sum += images[i * 3072 + c * 1024 + k];
        return sum / (n * 1024);
      };
      [0.4914, 0.4822, 0.4465].forEach((expected, c) => {
        expect(Math.abs(channel(c) - expected)).toBeLessThan(0.005);
      });
      const { labels: first } = await loadCifar10({ split: 'test', limit: 4, directory });
      expect([...first]).toEqual([3, 8, 8, 0]);
    },
  );

  testOnRealData(
    'Omniglot: twenty drawings of each character, the same at both sizes; trials',
    'omniglot',
    ['small1.28x28.bits', 'small1.105x105.bits', 'oneshot-runs.28x28.bits'],
    async (directory) => {
      const small = await loadOmniglot({ set: 'small1', directory });
      expect([small.n, small.classNames.length, new Set(small.alphabets).size]).toEqual([2720, 136, 5]);
      expect(counts(small.labels, 136)).toEqual(new Array(136).fill(20));
      const large = await loadOmniglot({ set: 'small1', size: 105, directory });
      // Where a pixel of the small image lies wholly within ink of the large one, it is ink.
      for (let i = 0; i < 50; i++) {
        for (let y = 0; y < 28; y++) {
          for (let x = 0; x < 28; x++) {
            const covered = [0, 1, 2, 3, 4].flatMap((dy) =>
              [0, 1, 2, 3, 4].map((dx) => {
                const [row, column] = [Math.floor(y * 3.75) + dy, Math.floor(x * 3.75) + dx];
                return row < 105 && column < 105 ? large.images[(i * 105 + row) * 105 + column] : 0;
              }),
            );
            const ink = small.images[(i * 28 + y) * 28 + x];
            if (covered.every((value) => value === 1)) expect(ink).toBe(1);
            if (covered.every((value) => value === 0)) expect(ink).toBe(0);
          }
        }
      }
      const trials = await loadOmniglotTrials({ directory });
      expect(trials).toHaveLength(20);
      for (const { train, test, answers } of trials) {
        expect([train.length, test.length]).toEqual([20 * 784, 20 * 784]);
        expect([...answers].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      }
    },
  );
});

describe('graphs', () => {
  testOnRealData(
    'Cora and Citeseer: sizes, public split, words',
    'cora',
    ['cora.json', 'citeseer.json'],
    async (directory) => {
      const cora = await loadCitation({ name: 'cora', directory });
      expect([cora.n, cora.edges.length / 2, cora.classes]).toEqual([2708, 5278, 7]);
      expect(cora.features?.shape).toEqual([2708, 1433]);
      expect(denseRows(cora.features!).reduce((sum, x) => sum + x, 0)).toBe(49_216);
      const { train, validation, test } = cora.split!;
      expect([train.length, validation.length, test.length]).toEqual([140, 500, 1000]);
      expect(
        counts(
          train.map((node) => cora.labels[node]),
          7,
        ),
      ).toEqual(new Array(7).fill(20));
      const citeseer = await loadCitation({ name: 'citeseer', directory });
      expect([citeseer.n, citeseer.edges.length / 2, citeseer.features?.columns.length]).toEqual([3327, 4552, 105_165]);
      expect(citeseer.labels.filter((label) => label === -1)).toHaveLength(15);
    },
  );

  testOnRealData(
    'Pubmed without words, DBLP with weights and without a split',
    'pubmed',
    ['pubmed-graph-labels.json', 'dblp.json'],
    async (directory) => {
      const pubmed = await loadCitation({ name: 'pubmed', directory });
      expect([pubmed.n, pubmed.edges.length / 2, pubmed.features]).toEqual([19_717, 44_324, null]);
      const dblp = await loadCitation({ name: 'dblp', directory });
      expect([dblp.n, dblp.features?.columns.length, dblp.split]).toEqual([17_716, 92_192, null]);
    },
  );
});

describe('tables', () => {
  testOnRealData(
    'the tables of scikit-learn: class counts and means as its documentation has them',
    'iris',
    ['iris.csv', 'wine_data.csv', 'breast_cancer.csv', 'digits.csv', 'diabetes_data.csv'],
    async (directory) => {
      const iris = await loadIris({ directory });
      expect(counts(iris.labels, 3)).toEqual([50, 50, 50]);
      const sepal = iris.inputs.filter((_, at) => at % 4 === 0);
      expect(mean(sepal).toFixed(2)).toBe('5.84');
      expect(counts((await loadWine({ directory })).labels, 3)).toEqual([59, 71, 48]);
      expect(counts((await loadBreastCancer({ directory })).labels, 2)).toEqual([212, 357]);
      const digits = await loadDigits({ directory });
      expect([digits.n, digits.dimension, Math.max(...digits.inputs)]).toEqual([1797, 64, 16]);
      const diabetes = await loadDiabetes({ directory });
      for (let k = 0; k < 10; k++) {
        const column = diabetes.inputs.filter((_, at) => at % 10 === k);
        expect(Math.abs(mean(column))).toBeLessThan(1e-12);
        expect(Math.hypot(...column)).toBeCloseTo(1, 10);
      }
      expect([Math.min(...diabetes.targets), Math.max(...diabetes.targets)]).toEqual([25, 346]);
    },
  );

  testOnRealData(
    'LaLonde: the published differences of mean earnings',
    'lalonde',
    ['lalonde-nsw.csv', 'lalonde-psid1-controls.csv'],
    async (directory) => {
      const difference = async (sample: 'nsw' | 'dehejia-wahba' | 'psid-1') => {
        const { outcome, treatment, n, dimension, covariates } = await loadLalonde({ sample, directory });
        expect(covariates.every(Number.isFinite)).toBe(true);
        expect(covariates.length).toBe(n * dimension);
        return mean(outcome.filter((_, i) => treatment[i] === 1)) - mean(outcome.filter((_, i) => treatment[i] === 0));
      };
      expect((await difference('nsw')).toFixed(2)).toBe('886.30');
      expect((await difference('dehejia-wahba')).toFixed(2)).toBe('1794.34');
      expect((await difference('psid-1')).toFixed(2)).toBe('-15204.78');
    },
  );

  testOnRealData('IHDP: the true average effects', 'ihdp', ['ihdp-npci-1-10.csv'], async (directory) => {
    for (const [k, effect] of [
      [1, '4.016'],
      [9, '10.466'],
      [10, '4.586'],
    ] as const) {
      const { mean0, mean1, treatment, covariates, n } = await loadIhdp({ replication: k, directory });
      expect(mean(mean1.map((value, i) => value - mean0[i])).toFixed(3)).toBe(effect);
      expect([n, treatment.filter((arm) => arm === 1).length, covariates.length]).toEqual([747, 139, 747 * 25]);
    }
  });

  testOnRealData(
    'Hillstrom: sizes, visits and spending of the arms',
    'hillstrom',
    ['hillstrom-email.csv'],
    async (directory) => {
      const { treatment, outcome, covariates, dimension, names } = await loadHillstrom({ outcome: 'visit', directory });
      const rate = (arm: number) => mean(outcome.filter((_, i) => treatment[i] === arm)).toFixed(4);
      expect(counts(treatment, 3)).toEqual([21_306, 21_307, 21_387]);
      expect([rate(0), rate(1), rate(2)]).toEqual(['0.1062', '0.1828', '0.1514']);
      const channels = names.flatMap((name, k) => (name.startsWith('channel=') ? [k] : []));
      for (let i = 0; i < 1000; i++)
        expect(channels.reduce((sum, k) => sum + covariates[i * dimension + k], 0)).toBe(1);
      const { outcome: spend } = await loadHillstrom({ outcome: 'spend', directory });
      expect(mean(spend.filter((_, i) => treatment[i] === 1)).toFixed(4)).toBe('1.4226');
    },
  );

  testOnRealData(
    'NAS-Bench-201: every cell once, the best accuracies',
    'nas-bench-201',
    ['nats-bench-tss-200ep.csv'],
    async (directory) => {
      const { n, operations, accuracy, isomorphismClass, architectures } = await loadNasBench201({ directory });
      expect([n, new Set(architectures).size, new Set(isomorphismClass).size]).toEqual([15_625, 15_625, 6466]);
      const best = [accuracy.cifar10, accuracy.cifar100, accuracy.imagenet16].map((values) =>
        Math.max(...values).toFixed(2),
      );
      expect(best).toEqual(['94.37', '73.51', '47.31']);
      const cells = new Set(Array.from({ length: n }, (_, i) => operations.subarray(i * 6, i * 6 + 6).join('')));
      expect(cells.size).toBe(NAS_BENCH_OPERATIONS.length ** 6);
    },
  );
});

describe('texts', () => {
  testOnRealData('Tiny Shakespeare: 65 characters', 'tiny-shakespeare', ['tinyshakespeare.txt'], async (directory) => {
    const { n, vocabulary } = characterTokens(await loadTinyShakespeare({ directory }));
    expect([n, vocabulary.length]).toEqual([1_115_394, 65]);
  });

  testOnRealData(
    'WikiText-2: tokens with the end of each line',
    'wikitext-2',
    ['wikitext-2.valid.txt', 'wikitext-2.test.txt'],
    async (directory) => {
      const count = async (split: 'validation' | 'test') =>
        wordTokens(await loadWikitext2({ split, directory }), { endOfLine: '<eos>' }).n;
      expect([await count('validation'), await count('test')]).toEqual([217_646, 245_569]);
    },
  );

  testOnRealData(
    'text8 and its first part: whole words; a limit it cannot meet',
    'text8',
    ['text8.prefix.txt'],
    async (directory) => {
      const text = await loadText8({ limit: 1_000_000, directory });
      expect(text.startsWith(' anarchism originated as a term of abuse')).toBe(true);
      expect(text.length).toBeGreaterThan(999_900);
      expect(text.length).toBeLessThanOrEqual(1_000_000);
      await expect(loadText8({ limit: 2e8, directory })).rejects.toThrow(/expected 200000000 characters/);
    },
  );

  testOnRealData('analogies and judgements of similarity', 'analogies', ['questions-words.txt'], async (directory) => {
    const sections = await loadAnalogies({ directory });
    expect(sections).toHaveLength(14);
    expect(sections.reduce((sum, { questions }) => sum + questions.length, 0)).toBe(19_544);
    expect(sections[0].questions[0]).toEqual(['Athens', 'Greece', 'Baghdad', 'Iraq']);
    const sizes = ['wordsim-353', 'wordsim-353-similarity', 'wordsim-353-relatedness', 'simlex-999'] as const;
    const lists = await Promise.all(sizes.map((list) => loadWordSimilarity({ list, directory })));
    expect(lists.map(({ n }) => n)).toEqual([353, 203, 252, 999]);
    expect([lists[0].pairs[1], lists[0].scores[1]]).toEqual([['tiger', 'cat'], 7.35]);
  });
});
