import { beforeAll, describe, expect, test } from 'vitest';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure, jit } from '../../../runtime/index.ts';
import { grad } from '../../../transforms/index.ts';
import { gradientBoundConstant } from './bound-constant.ts';
import { sigmoidCrossEntropy, softmaxCrossEntropy, squaredError } from './example-loss.ts';
import { numbers, smallProblem } from './problem.fixture.ts';
import { gradientNormUpperBound, perSampleGradientNorm, perSampleLoss, scoreKinds, scoreOf } from './scores.ts';

beforeAll(() => configure({ threads: 1 }));

/** Scores of given pre-activations: the model is the identity. */
const identity = { apply: (_: np.NDArray, x: np.NDArray) => x, params: np.zeros([1]) };

describe('the upper bound', () => {
  test('of logits (0, 0) and class 0 is |(-0.5, 0.5)| = 0.7071', async () => {
    const [score] = await numbers(
      gradientNormUpperBound({
        ...identity,
        loss: softmaxCrossEntropy,
        x: np.zeros([1, 2]),
        y: np.array(Int32Array.of(0)),
      }),
    );
    expect(score).toBeCloseTo(Math.SQRT1_2, 6);
  });

  const x = random.normal(random.key(5), [6, 4]);
  const closed: [string, typeof squaredError, np.NDArray, (y: np.NDArray) => np.NDArray][] = [
    [
      '|softmax(z) - onehot(y)|',
      softmaxCrossEntropy,
      np.array(Int32Array.of(0, 1, 2, 3, 0, 1)),
      (y) => np.subtract(np.softmax(x), np.oneHot(y, 4)),
    ],
    ['|z - y|', squaredError, random.normal(random.key(6), [6, 4]), (y) => np.subtract(x, y)],
    [
      '|sigmoid(z) - y|',
      sigmoidCrossEntropy,
      random.uniform(random.key(6), [6, 4]),
      (y) => np.subtract(np.sigmoid(x), y),
    ],
  ];
  test.each(closed)('is %s', async (_, loss, y, formula) => {
    const found = await numbers(gradientNormUpperBound({ ...identity, loss, x, y }));
    const expected = await numbers(np.norm(formula(y), 1));
    expected.forEach((e, i) => {
      expect(found[i]).toBeCloseTo(e, 5);
    });
  });

  test('of sequences is the norm over all positions, and a masked position adds nothing', async () => {
    const z = random.normal(random.key(7), [2, 5, 3]);
    const y = np.array(
      Int32Array.from({ length: 10 }, (_, i) => i % 3),
      { shape: [2, 5] },
    );
    const mask = np.array([1, 1, 0, 1, 0]);
    const masked = (logits: np.NDArray, labels: np.NDArray) =>
      np.negative(np.sum(np.multiply(mask, np.sum(np.multiply(np.oneHot(labels, 3), np.logSoftmax(logits)), -1)), 1));
    const error = np.subtract(np.softmax(z), np.oneHot(y, 3));
    const cases: [typeof masked, np.NDArray][] = [
      [softmaxCrossEntropy, error],
      [masked, np.multiply(np.reshape(mask, [5, 1]), error)],
    ];
    for (const [loss, e] of cases) {
      const found = await numbers(gradientNormUpperBound({ ...identity, loss, x: z, y }));
      const expected = await numbers(np.norm(np.reshape(e, [2, 15]), 1));
      expected.forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, 5);
      });
    }
  });

  test('needs a loss for each example', () => {
    const mean = (z: np.NDArray, y: np.NDArray) => nn.crossEntropy(z, y);
    const given = { ...identity, x: np.zeros([3, 2]), y: np.array(Int32Array.of(0, 1, 1)) };
    expect(() => gradientNormUpperBound({ ...given, loss: mean })).toThrow('per-sample loss expected, got a scalar');
    expect(() => gradientNormUpperBound({ ...given, loss: (z) => z })).toThrow('per-sample loss expected, got shape');
  });
});

describe('norms of whole gradients', () => {
  const { data, params, model } = smallProblem(7);
  const given = { ...model, params, ...data };

  test('are those of one gradient after the other, by either method', async () => {
    const each: number[] = [];
    for (let i = 0; i < 7; i++) {
      const x = np.slice(data.x, [i, i + 1]);
      const y = np.slice(data.y, [i, i + 1]);
      const gradient = grad((p: typeof params) => np.sum(model.loss(model.apply(p, x), y)))(params);
      each.push(await np.norm(np.ravelTree(gradient)[0]).item());
    }
    for (const method of ['layers', 'vmap'] as const) {
      const found = await numbers(perSampleGradientNorm({ ...given, method }));
      each.forEach((norm, i) => {
        expect(found[i] / norm, method).toBeCloseTo(1, 5);
      });
    }
  });

  test('of a convolutional and of a recurrent network agree between the methods', async () => {
    const conv = nn.convLayer(1, 3, [3, 3], { stride: 2 });
    const head = nn.denseLayer(3 * 2 * 2, 2);
    const cnn = {
      params: { conv: conv.init(random.key(1)), head: head.init(random.key(2)) },
      apply: (p: { conv: nn.Conv; head: nn.Dense }, x: np.NDArray) =>
        head.apply(p.head, np.reshape(nn.relu(conv.apply(p.conv, x)), [x.shape[0], 12])),
      x: random.normal(random.key(3), [4, 1, 5, 5]),
    };
    const rnn = nn.recurrent(nn.lstm(1, 4), 2);
    const lstm = {
      params: rnn.init(random.key(4)),
      apply: (p: ReturnType<typeof rnn.init>, x: np.NDArray) => rnn.apply(p, np.expandDims(np.transpose(x), 2)),
      x: random.normal(random.key(5), [4, 6]),
    };
    const y = np.array(Int32Array.of(0, 1, 1, 0));
    const close = async (a: np.NDArray, b: np.NDArray) => {
      const [left, right] = [await numbers(a), await numbers(b)];
      left.forEach((value, i) => {
        expect(value / right[i]).toBeCloseTo(1, 4);
      });
    };
    for (const method of ['vmap', 'layers'] as const) {
      await close(
        jit((p: typeof cnn.params) =>
          perSampleGradientNorm({ ...cnn, params: p, y, loss: softmaxCrossEntropy, method }),
        )(cnn.params),
        jit((p: typeof cnn.params) =>
          perSampleGradientNorm({ ...cnn, params: p, y, loss: softmaxCrossEntropy, chunk: 1 }),
        )(cnn.params),
      );
      await close(
        jit((p: typeof lstm.params) =>
          perSampleGradientNorm({ ...lstm, params: p, y, loss: softmaxCrossEntropy, method }),
        )(lstm.params),
        jit((p: typeof lstm.params) =>
          perSampleGradientNorm({ ...lstm, params: p, y, loss: softmaxCrossEntropy, chunk: 3 }),
        )(lstm.params),
      );
    }
  });

  test('chunks change no score', async () => {
    for (const kind of scoreKinds) {
      const whole = await numbers(scoreOf(kind, given));
      const parts = await numbers(scoreOf(kind, { ...given, chunk: 3 }));
      whole.forEach((s, i) => {
        expect(parts[i]).toBeCloseTo(s, 5);
      });
    }
    expect(() => perSampleLoss({ ...given, chunk: 0.5 })).toThrow('chunk: expected a whole number');
  });
});

describe('the constant of the bound', () => {
  const { data, params, model } = smallProblem(12, 4);
  const given = { params, x: data.x };

  test('per layer and example is the spectral norm of a Jacobian, computed by its definition', async () => {
    const { perLayer, rho } = await gradientBoundConstant({ ...given, kind: 'spectral' });
    expect(perLayer.map((l) => l.length)).toEqual([12, 12, 12]);
    expect(rho).toBe(Math.max(...perLayer.flatMap((l) => Array.from(l))));
    const [w2, w3] = await Promise.all(params.slice(1).map((l) => numbers(l.weight)));
    // The last layer's Jacobian is the identity: what is left is its input.
    const hidden = params.slice(0, 2).reduce((h, l) => nn.relu(nn.dense(l, h)), data.x);
    const inputs = await numbers(np.sqrt(np.add(1, np.sum(np.square(hidden), 1))));
    inputs.forEach((norm, i) => {
      expect(perLayer[2][i]).toBeCloseTo(norm, 4);
    });
    // First layer: the largest |J v| over many directions v of z^(3) space cannot exceed it, and nearly reaches it.
    const first = nn.dense(params[0], data.x);
    const z1 = await numbers(first);
    const z2 = await numbers(nn.dense(params[1], nn.relu(first)));
    const xs = await numbers(data.x);
    for (let i = 0; i < 12; i++) {
      let most = 0;
      for (let k = 0; k < 4000; k++) {
        const v = [Math.cos(k) * Math.sin(0.37 * k), Math.sin(k) * Math.sin(0.37 * k), Math.cos(0.37 * k)];
        const back2 = Array.from({ length: 7 }, (_, a) =>
          z2[7 * i + a] > 0 ? v.reduce((sum, vc, c) => sum + w3[3 * a + c] * vc, 0) : 0,
        );
        const back1 = Array.from({ length: 8 }, (_, a) =>
          z1[8 * i + a] > 0 ? back2.reduce((sum, g, c) => sum + w2[7 * a + c] * g, 0) : 0,
        );
        most = Math.max(most, Math.hypot(...back1) / Math.hypot(...v));
      }
      const found = perLayer[0][i] / Math.hypot(1, ...xs.slice(6 * i, 6 * i + 6));
      expect(most).toBeLessThanOrEqual(found * (1 + 1e-5));
      expect(most).toBeGreaterThan(0.97 * found);
    }
  });

  test('bounds every gradient by sqrt(L) rho Ghat; the empirical one is smaller and bounds them too', async () => {
    const norms = await numbers(perSampleGradientNorm({ ...model, params, ...data }));
    const scores = await numbers(gradientNormUpperBound({ ...model, params, ...data }));
    const spectral = await gradientBoundConstant({ ...given, kind: 'spectral' });
    const empirical = await gradientBoundConstant({ ...given, kind: 'empirical', y: data.y, loss: model.loss });
    expect(empirical.rho).toBeLessThanOrEqual(spectral.rho * (1 + 1e-5));
    for (const { rho } of [spectral, empirical]) {
      norms.forEach((norm, i) => {
        expect(norm).toBeLessThanOrEqual(Math.sqrt(3) * rho * scores[i] * (1 + 1e-5));
      });
    }
    // The squares of the layers' empirical ratios add up to the whole gradient.
    norms.forEach((norm, i) => {
      const squares = empirical.perLayer.reduce((sum, layer) => sum + layer[i] ** 2, 0);
      expect(norm / (scores[i] * Math.sqrt(squares))).toBeCloseTo(1, 4);
    });
  });

  test('is for dense layers', async () => {
    await expect(gradientBoundConstant({ params: [], x: data.x, kind: 'spectral' })).rejects.toThrow(
      'expected dense layers',
    );
  });
});
