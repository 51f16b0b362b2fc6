import { describe, expect, test } from 'vitest';
import { generator } from '../../array/testing.fixture.ts';
import { effort, seed } from '../../primitives/forward.fixture.ts';
import { nodeAgrees } from '../files.fixture.ts';
import { cases } from './cases.fixture.ts';
import { Draw } from './draw.fixture.ts';
import { operators } from './index.ts';

const count = 12 * effort;
/** Deviations of nearly equal elements cancel. */
const cancelling = { relative: 2e-5, absolute: 1e-2 };

describe('ONNX Runtime computes the same from the same file', () => {
  test.each(Object.keys(cases))('%s', async (type) => {
    let agreed = 0;
    for (let i = 0; i < count; i++) {
      const node = cases[type](new Draw(generator(seed + 1000 * i + type.length)));
      if ((await nodeAgrees(node, type.endsWith('Normalization') ? cancelling : undefined)) === 'agrees') agreed++;
    }
    // Random attributes may be such that ONNX Runtime refuses a file, but not as a rule.
    expect(agreed).toBeGreaterThan(count / 2);
  });
});

test('every operator has cases', () => {
  const apart = ['If', 'Loop', 'Scan', 'Scatter'];
  expect([...operators.keys()].filter((type) => !(type in cases) && !apart.includes(type))).toEqual([]);
});
