import { test } from 'vitest';
import { heNet } from './compact-nets.ts';
import { normals } from './normals.fixture.ts';
import { pyramidDecay, smoothControl, cutNetworkDecay1d, cutNetworkDecay2d } from './decay-measurement.ts';
test('t', () => {
  const n = normals(1);
  const g = heNet([1, 16, 16, 1], n), h = heNet([2, 8, 8, 1], n);
  for (const [name, f] of Object.entries({ pyramid: () => pyramidDecay(), smooth: () => smoothControl(g), cut1: () => cutNetworkDecay1d(g), cut2: () => cutNetworkDecay2d(h) })) { const t = performance.now(); f(); console.log(name, performance.now() - t); }
});
