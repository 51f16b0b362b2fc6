import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { draws } from '../draws.ts';
import { adjacency, denseRows } from '../graphs.ts';
import { clusteredClasses } from './clustered-classes.ts';
import { gaussianMixture } from './gaussian-mixture.ts';
import { erdosRenyi, stochasticBlockModel } from './random-graph.ts';
import { renderedCharacters } from './rendered-characters.ts';
import { renderedDigits } from './rendered-digits.ts';
import { sinusoids } from './sinusoids.ts';
import { spheres } from './spheres.ts';
import { XOR_PATTERNS, xorPatterns } from './xor-patterns.ts';

fc.configureGlobal({ seed: 1 });

describe('sinusoids', () => {
  test('have the Fourier coefficients they were asked for', () => {
    const n = 64;
    const frequencies = [1, 5, 12];
    const amplitudes = [1, 0.5, 2];
    const phases = [0, 1, 2.5];
    const values = sinusoids({ frequencies, amplitudes, phases, n });
    frequencies.forEach((frequency, i) => {
      let cos = 0;
      let sin = 0;
      values.forEach((value, j) => {
        cos += value * Math.cos((2 * Math.PI * frequency * j) / n);
        sin += value * Math.sin((2 * Math.PI * frequency * j) / n);
      });
      expect((2 / n) * sin).toBeCloseTo(amplitudes[i] * Math.cos(phases[i]), 12);
      expect((2 / n) * cos).toBeCloseTo(amplitudes[i] * Math.sin(phases[i]), 12);
    });
  });

  test('default to amplitude 1 and phase 0; refuse lists of other lengths', () => {
    expect(sinusoids({ frequencies: [1], n: 4 })[1]).toBeCloseTo(1, 15);
    expect(() => sinusoids({ frequencies: [1, 2], phases: [0], n: 4 })).toThrow(/expected 2 phases.*found 1/);
    expect(() => sinusoids({ frequencies: [1], n: 0 })).toThrow(UserError);
  });
});

describe('gaussianMixture', () => {
  test('has the means, deviation and weights asked for, within four standard errors', () => {
    const n = 4000;
    const means = [
      [3, 0],
      [-3, 1],
    ];
    const { inputs, labels } = gaussianMixture({ n, means, deviation: 0.5, weights: [1, 3], seed: 2 });
    const ones = labels.reduce((sum, label) => sum + label, 0);
    expect(Math.abs(ones / n - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / n));
    for (let k = 0; k < 2; k++) {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        const offset = inputs[2 * i + k] - means[labels[i]][k];
        sum += offset;
        squares += offset ** 2;
      }
      expect(Math.abs(sum / n)).toBeLessThan((4 * 0.5) / Math.sqrt(n));
      expect(Math.abs(squares / n - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / n));
    }
  });

  test('repeats, and a larger sample begins with the smaller one', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 20 }), (seed, n) => {
        const means = [[0], [1], [2]];
        const larger = gaussianMixture({ n: n + 5, means, seed });
        const smaller = gaussianMixture({ n, means, seed });
        expect(larger.inputs.slice(0, n)).toEqual(smaller.inputs);
        expect(larger.labels.slice(0, n)).toEqual(smaller.labels);
      }),
      { numRuns: 20 },
    );
  });

  test('gives the means themselves at deviation 0, never a component of weight 0; refuses bad options', () => {
    const { inputs, labels } = gaussianMixture({ n: 50, means: [[7], [8]], deviation: 0, weights: [0, 1], seed: 0 });
    expect(inputs.every((x) => x === 8) && labels.every((label) => label === 1)).toBe(true);
    expect(() => gaussianMixture({ n: 1, means: [[1], [1, 2]], seed: 0 })).toThrow(/lengths \[1, 2\]/);
    expect(() => gaussianMixture({ n: 1, means: [], seed: 0 })).toThrow(UserError);
    expect(() => gaussianMixture({ n: 1, means: [[1]], weights: [0], seed: 0 })).toThrow(UserError);
    expect(() => gaussianMixture({ n: 1, means: [[1]], deviation: -1, seed: 0 })).toThrow(UserError);
  });
});

describe('renderedDigits', () => {
  const n = 300;
  const { images, labels } = renderedDigits({ n, seed: 1 });

  test('has the pixel statistics of MNIST: mean 0.1307, norm 9.2, four fifths of the pixels zero', () => {
    const mean = images.reduce((sum, x) => sum + x, 0) / images.length;
    let norm = 0;
    for (let i = 0; i < n; i++) norm += Math.hypot(...images.subarray(784 * i, 784 * (i + 1))) / n;
    expect(Math.abs(mean - 0.1307)).toBeLessThan(0.01);
    expect(Math.abs(norm - 9.2)).toBeLessThan(0.4);
    const background = images.reduce((count, x) => count + (x === 0 ? 1 : 0), 0) / images.length;
    expect(Math.abs(background - 0.81)).toBeLessThan(0.03);
    expect(images.every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  test('3 against 8 is learnable but not trivial: one nearest neighbour among 400 errs, in under a tenth', () => {
    const train = renderedDigits({ n: 400, classes: [3, 8], seed: 1 });
    const held = renderedDigits({ n: 200, classes: [3, 8], seed: 2 });
    let errors = 0;
    for (let i = 0; i < held.n; i++) {
      let nearest = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let j = 0; j < train.n; j++) {
        let distance = 0;
        for (let k = 0; k < 784; k++) distance += (held.images[784 * i + k] - train.images[784 * j + k]) ** 2;
        if (distance < least) [least, nearest] = [distance, j];
      }
      if (train.labels[nearest] !== held.labels[i]) errors++;
    }
    expect(errors).toBeGreaterThan(0);
    expect(errors).toBeLessThan(20);
  });

  test('cycles through the classes, repeats, and a larger set begins with the smaller one', () => {
    expect([...labels.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    const few = renderedDigits({ n: 5, seed: 1 });
    expect(few.images).toEqual(images.slice(0, 5 * 784));
    expect(renderedDigits({ n: 5, seed: 2 }).images).not.toEqual(few.images);
  });

  test('draws at other sizes; refuses bad options', () => {
    const small = renderedDigits({ n: 10, seed: 1, size: 12 }).images;
    expect(small).toHaveLength(1440);
    expect(small.reduce((sum, x) => sum + x, 0) / 1440).toBeGreaterThan(0.05);
    expect(() => renderedDigits({ n: 1, seed: 1, classes: [10] })).toThrow(/classes from 0 to 9.*\[10\]/);
    expect(() => renderedDigits({ n: 1, seed: 1, classes: [] })).toThrow(UserError);
    expect(() => renderedDigits({ n: 0, seed: 1 })).toThrow(UserError);
    expect(() => renderedDigits({ n: 1, seed: 1, size: 2 })).toThrow(UserError);
  });
});

describe('renderedCharacters', () => {
  const { images, labels, n, shape } = renderedCharacters({ characters: 60, seed: 1 });

  test('is ink and paper, as much ink as Omniglot has: 0.097 and 0.102 of its small sets', () => {
    expect([n, shape, labels[19], labels[20]]).toEqual([1200, [1, 28, 28], 0, 1]);
    expect(images.every((x) => x === 0 || x === 1)).toBe(true);
    expect(Math.abs(images.reduce((sum, x) => sum + x, 0) / images.length - 0.1)).toBeLessThan(0.02);
  });

  test('drawings of a character are alike, but not alike enough to make the nearest of five the right one', () => {
    const overlap = (i: number, j: number) => {
      let [both, first, second] = [0, 0, 0];
      for (let k = 0; k < 784; k++) {
        both += images[784 * i + k] * images[784 * j + k];
        first += images[784 * i + k];
        second += images[784 * j + k];
      }
      return both / Math.sqrt(first * second);
    };
    let right = 0;
    const trials = 1000;
    for (let t = 0; t < trials; t++) {
      const { permutation, below } = draws(2, t);
      const [first, second] = permutation(20);
      const nearness = [...permutation(60).slice(0, 5)].map((c, k) => [c, k === 0 ? second : below(20)]);
      const query = nearness[0][0] * 20 + first;
      const found = nearness.map(([c, drawing]) => overlap(query, c * 20 + drawing));
      if (found[0] === Math.max(...found)) right++;
    }
    expect(right / trials).toBeGreaterThan(0.3);
    expect(right / trials).toBeLessThan(0.6);
  });

  test('a larger set has the drawings of the smaller one; bad options are refused', () => {
    const few = renderedCharacters({ characters: 2, drawings: 3, seed: 1 });
    expect(few.images.slice(0, 3 * 784)).toEqual(images.slice(0, 3 * 784));
    expect(few.images.slice(3 * 784)).toEqual(images.slice(20 * 784, 23 * 784));
    expect(renderedCharacters({ characters: 1, seed: 1, size: 14 }).shape).toEqual([1, 14, 14]);
    expect(() => renderedCharacters({ characters: 0, seed: 1 })).toThrow(/characters from 1 to 16777216, found 0/);
    expect(() => renderedCharacters({ characters: 1, drawings: 129, seed: 1 })).toThrow(/drawings from 1 to 128/);
  });
});

describe('clusteredClasses', () => {
  const options = { separation: 1.4, seed: 3, dimension: 20, classes: 4, clusters: 2 };

  test('classes are uniform, and points spread about their centres as asked', () => {
    const n = 4000;
    const { labels, inputs } = clusteredClasses({ ...options, n });
    for (let c = 0; c < 4; c++) {
      const count = labels.filter((label) => label === c).length;
      expect(Math.abs(count / n - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / n));
    }
    // E|x|^2 = (2.2 separation)^2 + dimension deviation^2; the eight centres themselves vary by 2 / 160 of their square.
    const square = inputs.reduce((sum, x) => sum + x * x, 0) / n;
    const [centre, noise] = [(2.2 * 1.4) ** 2, 20 * 0.7 ** 2];
    expect(Math.abs(square - centre - noise)).toBeLessThan(4 * centre * Math.sqrt(2 / 160) + 0.5);
  });

  test('without noise there are classes x clusters different points, shared by all samples', () => {
    const points = (sample: number, n: number) => {
      const { inputs } = clusteredClasses({ ...options, n, deviation: 0, sample });
      return Array.from({ length: n }, (_, i) => inputs.slice(i * 20, i * 20 + 20).join());
    };
    const first = points(0, 200);
    expect(new Set(first).size).toBe(8);
    expect(new Set([...first, ...points(1, 200)]).size).toBe(8);
    expect(points(1, 200)).not.toEqual(first);
    expect(points(0, 50)).toEqual(first.slice(0, 50));
  });

  test('refuses bad options', () => {
    expect(() => clusteredClasses({ ...options, n: 0 })).toThrow(/a whole n from 1 to 2\^24, found 0/);
    expect(() => clusteredClasses({ ...options, n: 1, separation: -1 })).toThrow(UserError);
    expect(() => clusteredClasses({ ...options, n: 1, sample: 255 })).toThrow(/a sample from 0 to 254/);
  });
});

describe('spheres', () => {
  test('points have the radius of their label and no direction of preference', () => {
    const n = 3000;
    const { inputs, labels } = spheres({ n, dimension: 3, radii: [1, 2.5], seed: 1 });
    const [sums, products] = [new Float64Array(3), new Float64Array(9)];
    for (let i = 0; i < n; i++) {
      const radius = [1, 2.5][labels[i]];
      const x = Array.from(inputs.subarray(3 * i, 3 * i + 3), (value) => value / radius);
      expect(Math.hypot(...x)).toBeCloseTo(1, 5);
      for (let j = 0; j < 3; j++) {
        sums[j] += x[j] / n;
        for (let k = 0; k < 3; k++) products[3 * j + k] += (x[j] * x[k]) / n;
      }
    }
    // Each coordinate has mean 0 and variance 1/3; its square has variance 4/45, a product of two 1/15.
    for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(4 * Math.sqrt(1 / 3 / n));
    products.forEach((product, at) => {
      const diagonal = at % 4 === 0;
      expect(Math.abs(product - (diagonal ? 1 / 3 : 0))).toBeLessThan(4 * Math.sqrt((diagonal ? 4 / 45 : 1 / 15) / n));
    });
    expect([...labels.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
  });

  test('repeat, and refuse bad options', () => {
    const few = spheres({ n: 3, dimension: 5, seed: 7 });
    expect(few.inputs).toEqual(spheres({ n: 9, dimension: 5, seed: 7 }).inputs.slice(0, 15));
    expect(() => spheres({ n: 1, dimension: 0, seed: 0 })).toThrow(/a dimension of at least 1, found 0/);
    expect(() => spheres({ n: 1, dimension: 1, radii: [], seed: 0 })).toThrow(UserError);
  });
});

describe('random graphs', () => {
  test('edges are as frequent as asked within groups and between them', () => {
    const [n, classes] = [600, 3];
    const { edges, labels } = stochasticBlockModel({ n, classes, within: 0.06, between: 0.015, seed: 5 });
    let [inside, across] = [0, 0];
    for (let k = 0; k < edges.length; k += 2) {
      if (labels[edges[k]] === labels[edges[k + 1]]) inside++;
      else across++;
    }
    const check = (count: number, pairs: number, p: number) =>
      expect(Math.abs(count - pairs * p)).toBeLessThan(4 * Math.sqrt(pairs * p * (1 - p)));
    const pairs = (classes * 200 * 199) / 2;
    check(inside, pairs, 0.06);
    check(across, (n * (n - 1)) / 2 - pairs, 0.015);
  });

  test('edges are there once, smaller node first; probabilities 0 and 1 give none and all', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, n, probability) => {
          const { edges } = erdosRenyi({ n, probability, seed });
          const pairs = Array.from({ length: edges.length / 2 }, (_, k) => [edges[2 * k], edges[2 * k + 1]]);
          expect(pairs.every(([u, v]) => u >= 0 && u < v && v < n)).toBe(true);
          expect(new Set(pairs.map(([u, v]) => u * n + v)).size).toBe(pairs.length);
        },
      ),
      { numRuns: 50 },
    );
    expect(erdosRenyi({ n: 20, probability: 1, seed: 0 }).edges).toHaveLength(20 * 19);
    expect(erdosRenyi({ n: 20, probability: 0, seed: 0 }).edges).toHaveLength(0);
    const crossed = stochasticBlockModel({ n: 6, classes: 2, within: 0, between: 1, seed: 0 });
    expect(crossed.edges).toHaveLength(2 * 9);
  });

  test('each pair is as likely as any other', () => {
    const counts = new Map<string, number>();
    const runs = 3000;
    for (let seed = 0; seed < runs; seed++) {
      const { edges } = erdosRenyi({ n: 5, probability: 0.3, seed });
      for (let k = 0; k < edges.length; k += 2) {
        const pair = `${edges[k]}-${edges[k + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(10);
    for (const count of counts.values()) {
      expect(Math.abs(count / runs - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / runs));
    }
  });

  test('features lie about the unit mean of their group; the split has every node once', () => {
    const graph = stochasticBlockModel({
      ...{ n: 900, classes: 3, within: 0.01, between: 0.001, seed: 2, labelled: 0.05 },
      features: { dimension: 4, deviation: 0.1 },
    });
    const values = denseRows(graph.features!);
    for (let c = 0; c < 3; c++) {
      const mean = [0, 1, 2, 3].map((k) =>
        values.filter((_, at) => at % 4 === k && graph.labels[Math.floor(at / 4)] === c),
      );
      const length = Math.hypot(...mean.map((column) => column.reduce((sum, x) => sum + x, 0) / column.length));
      expect(Math.abs(length - 1)).toBeLessThan((4 * 0.1) / Math.sqrt(300));
    }
    const { train, validation, test: held } = graph.split!;
    expect([train.length, validation.length, held.length]).toEqual([45, 427, 428]);
    expect(new Set([...train, ...validation, ...held]).size).toBe(900);
  });

  test('adjacency is symmetric with the edges as its entries', () => {
    const graph = erdosRenyi({ n: 12, probability: 0.4, seed: 4 });
    const matrix = adjacency(graph);
    const dense = denseRows(matrix);
    for (let u = 0; u < 12; u++) for (let v = 0; v < 12; v++) expect(dense[12 * u + v]).toBe(dense[12 * v + u]);
    expect(dense.reduce((sum, x) => sum + x, 0)).toBe(graph.edges.length);
    for (let k = 0; k < graph.edges.length; k += 2) expect(dense[12 * graph.edges[k] + graph.edges[k + 1]]).toBe(1);
  });

  test('refuse bad options', () => {
    expect(() => erdosRenyi({ n: 3, probability: 1.1, seed: 0 })).toThrow(/erdosRenyi: expected a probability/);
    const options = { n: 3, classes: 1, within: 0.5, between: 0.5, seed: 0 };
    expect(() => stochasticBlockModel({ ...options, n: 0 })).toThrow(/a whole n of at least 1, found 0/);
    expect(() => stochasticBlockModel({ ...options, between: -1 })).toThrow(/between from 0 to 1/);
    expect(() => stochasticBlockModel({ ...options, features: { dimension: 0 } })).toThrow(/features\.dimension/);
  });
});

describe('xorPatterns', () => {
  const setOf = (inputs: Float32Array, patterns: number, i: number) => {
    const point = Array.from({ length: patterns }, (_, j) =>
      inputs.subarray(2 * (i * patterns + j), 2 * (i * patterns + j) + 2),
    );
    return point.map(([a, b]) => XOR_PATTERNS.findIndex(([c, d]) => a === c && b === d));
  };

  test('the label says whether a pattern is positive; diverse points are as frequent as their formula', () => {
    const [n, patterns] = [6000, 6];
    const { inputs, labels } = xorPatterns({ n, patterns, seed: 1 });
    const diverse = [0, 0];
    for (let i = 0; i < n; i++) {
      const found = setOf(inputs, patterns, i);
      expect(found.some((pattern) => pattern < 2)).toBe(labels[i] === 1);
      if (new Set(found).size === (labels[i] === 1 ? 4 : 2)) diverse[labels[i]]++;
    }
    const positives = labels.reduce((sum, label) => sum + label, 0);
    const near = (count: number, of: number, p: number) =>
      expect(Math.abs(count / of - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / of));
    near(positives, n, 0.5);
    near(diverse[0], n - positives, 1 - 2 ** (1 - patterns));
    const all = 1 - 4 * 0.75 ** patterns + 6 * 0.5 ** patterns - 4 * 0.25 ** patterns;
    near(diverse[1], positives, all / (1 - 2 ** -patterns));
  });

  test('the others have one positive pattern, or one kind of negative alone', () => {
    const { inputs, labels } = xorPatterns({ n: 300, patterns: 5, diverse: 0, positive: 0.7, seed: 2 });
    for (let i = 0; i < 300; i++) {
      const found = setOf(inputs, 5, i);
      if (labels[i] === 1) expect(found.filter((pattern) => pattern < 2)).toHaveLength(1);
      else expect(new Set(found).size).toBe(1);
    }
    const all = xorPatterns({ n: 100, patterns: 5, diverse: 1, seed: 2 });
    for (let i = 0; i < 100; i++) expect(new Set(setOf(all.inputs, 5, i)).size).toBe(all.labels[i] === 1 ? 4 : 2);
  });

  test('repeat, and refuse bad options', () => {
    const few = xorPatterns({ n: 4, patterns: 5, seed: 9 });
    expect(few.inputs).toEqual(xorPatterns({ n: 7, patterns: 5, seed: 9 }).inputs.slice(0, 40));
    expect(() => xorPatterns({ n: 1, patterns: 3, diverse: 0.5, seed: 0 })).toThrow(/at least 4 patterns, found 3/);
    expect(() => xorPatterns({ n: 1, patterns: 3, positive: 2, seed: 0 })).toThrow(/positive from 0 to 1/);
  });
});
