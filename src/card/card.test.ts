import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../lab/json.ts';
import { Stopped } from '../lab/run-context.ts';
import { eigh } from '../linalg/index.ts';
import * as nn from '../nn/index.ts';
import * as np from '../numpy/index.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { configure } from '../runtime/index.ts';
import { grad, hessian } from '../transforms/index.ts';
import { type CardRequest, makeCard } from './card.ts';
import { features, net, npyFile, params, points, tinyData, tinyModel } from './network.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'deeptheory-card-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => configure(testRuntime));

const n = 60;
const request = (model: string, data: string, changes: Partial<CardRequest> = {}): CardRequest => ({
  ...{ model, data, split: 'test', batch: 25, seed: 0, threads: 1, device: 'cpu' },
  preprocessing: { scale: 1, mean: [0], std: [1] },
  ...changes,
});

interface Stored {
  readonly loss: { name: string } | null;
  readonly model: { outputsAre: string };
  readonly data: { rows: number[] };
  readonly sections: {
    name: string;
    state: string;
    reason?: string;
    numbers: { quantity: string; value: number | null }[];
    reading: string[];
    measured: Record<string, unknown>;
  }[];
}

const made = async (given: CardRequest) => {
  const card = await makeCard(given);
  return { ...card, stored: readJson(card.json) as Stored };
};
const section = ({ sections }: Stored, name: string) => sections.find((s) => s.name === name)!;

describe('the card of a tiny classifier whose file fixes the batch at 1', () => {
  let card: Awaited<ReturnType<typeof made>>;
  beforeAll(async () => {
    card = await made(request(await tinyModel(folder, 'net.onnx'), await tinyData(folder, 'data.npz', n)));
  });

  it('measures everything that applies', () => {
    expect(card.stored.sections.map(({ name, state, reason }) => [name, state, reason])).toEqual(
      ['fit', 'hessian-spectrum', 'hessian-outliers', 'tangent-kernel', 'random-layers', 'sample-redundancy'].map(
        (name) => [name, 'measured', undefined],
      ),
    );
  });

  it('is one page without scripts or anything to load, with every figure and sentence', () => {
    expect(card.html.match(/<script|<link|src=|@import/g)).toBeNull();
    expect(card.html.match(/<svg/g)!.length).toBeGreaterThan(10);
    expect(card.html.includes('It rests on')).toBe(true);
    expect(card.html.match(/.{0,80}(undefined|NaN|\[object).{0,40}/)?.[0]).toBeUndefined();
  });

  it('has the curvature of the dense Hessian', async () => {
    const { x, labels } = await points(n);
    const wide = np.treeMap((leaf) => np.astype(leaf, 'float64'), params);
    const [vector, unravel] = np.ravelTree(wide);
    const X = np.array(Float64Array.from(x), { shape: [n, features] });
    const loss = (v: np.NDArray) =>
      nn.crossEntropy(net.apply(unravel(v), X), np.array(labels, { shape: [n], dtype: 'int32' }));
    const size = vector.size;
    const dense = Float64Array.from(await hessian(loss)(vector).data());
    const { values } = eigh(dense, size);
    const { top, lowest, quadrature } = section(card.stored, 'hessian-spectrum').measured as {
      top: { values: number[] };
      lowest: { values: number[] };
      quadrature: { rules: { nodes: number[]; weights: number[] }[] };
    };
    const largest = values[size - 1];
    top.values.forEach((value, i) => {
      expect(Math.abs(value - values[size - 1 - i])).toBeLessThan(1e-3 * largest);
    });
    expect(Math.abs(lowest.values[0] - values[0])).toBeLessThan(2e-3 * largest);
    // The rules integrate the squares: with random signs z the mean of |H z|^2 / n is that of the squared eigenvalues.
    const squares = values.reduce((sum, v) => sum + v * v, 0) / size;
    const found = quadrature.rules.map(({ nodes, weights }) => nodes.reduce((s, v, i) => s + weights[i] * v * v, 0));
    expect(found.reduce((a, b) => a + b, 0) / found.length / squares).toBeGreaterThan(0.5);
    expect(found.reduce((a, b) => a + b, 0) / found.length / squares).toBeLessThan(2);

    const { whole, scores } = section(card.stored, 'sample-redundancy').measured as {
      whole: number;
      scores: { norm: number[] };
    };
    const g = await grad(loss)(vector).data();
    expect(whole).toBeCloseTo(Math.sqrt((g as Float64Array).reduce((s, v) => s + v * v, 0)), 5);
    // One example's norm, by its own gradient.
    const i = card.stored.data.rows[4];
    const one = (v: np.NDArray) =>
      nn.crossEntropy(net.apply(unravel(v), np.slice(X, [i, i + 1])), np.array([labels[i]], { dtype: 'int32' }));
    const own = await np.norm(grad(one)(vector)).item();
    expect(scores.norm[4]).toBeCloseTo(own, 4);
  });

  it('says how to make it again', () => {
    expect(/deeptheory analyze .*net\.onnx --data .*data\.npz --split test/.test(card.html)).toBe(true);
  });
});

describe('other networks and data', () => {
  it('a softmax at the end is taken off', async () => {
    const softmax = await made(
      request(await tinyModel(folder, 'softmax.onnx', (z) => np.softmax(z)), join(folder, 'data.npz'), { samples: 30 }),
    );
    expect(softmax.stored.model.outputsAre).toMatch(/logarithm of the output|input of the Softmax/);
    const plain = await made(request(join(folder, 'net.onnx'), join(folder, 'data.npz'), { samples: 30 }));
    const loss = (s: Stored) => section(s, 'fit').numbers.find(({ quantity }) => quantity.startsWith('loss'))!.value!;
    expect(loss(softmax.stored)).toBeCloseTo(loss(plain.stored), 4);
  });

  it('without labels what needs none is measured, and the rest says why not', async () => {
    const { x } = await points(40);
    const path = await npyFile(folder, 'x.npy', np.array(x, { shape: [40, features] }));
    const { stored } = await made(request(join(folder, 'net.onnx'), path));
    expect(stored.loss).toBeNull();
    const states = Object.fromEntries(stored.sections.map(({ name, state }) => [name, state]));
    expect(states).toEqual({
      fit: 'measured',
      'hessian-spectrum': 'does not apply',
      'hessian-outliers': 'does not apply',
      'tangent-kernel': 'measured',
      'random-layers': 'measured',
      'sample-redundancy': 'does not apply',
    });
    expect(section(stored, 'hessian-spectrum').reason).toMatch(/no labels or targets/);
  });

  it('numbers to predict give the squared error', async () => {
    const { x } = await points(40);
    const inputs = await npyFile(folder, 'x.npy', np.array(x, { shape: [40, features] }));
    const targets = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i));
    const labels = await npyFile(folder, 'y.npy', np.array(targets, { shape: [40, 3] }));
    const { stored } = await made(request(join(folder, 'net.onnx'), inputs, { labels }));
    expect(stored.loss!.name).toBe('squared-error');
    expect(section(stored, 'hessian-spectrum').state).toBe('measured');
    expect(section(stored, 'hessian-outliers').reason).toMatch(/no classes/);
  });

  it('a network that rounds fails where derivatives are needed, and nowhere else', async () => {
    const path = await tinyModel(folder, 'rounded.onnx', (z) => np.round(z));
    const { stored, html } = await made(request(path, join(folder, 'data.npz'), { samples: 30 }));
    expect(section(stored, 'hessian-spectrum')).toMatchObject({ state: 'failed' });
    expect(section(stored, 'hessian-spectrum').reason).toMatch(/not differentiable/);
    expect(section(stored, 'fit').state).toBe('measured');
    expect(html.includes('not differentiable')).toBe(true);
  });

  it('stops when it is told to', async () => {
    const given = request(join(folder, 'net.onnx'), join(folder, 'data.npz'));
    let asked = 0;
    await expect(
      makeCard(
        given,
        () => {},
        () => (asked++ > 5 ? 'now' : 'no'),
      ),
    ).rejects.toBeInstanceOf(Stopped);
  });
});
