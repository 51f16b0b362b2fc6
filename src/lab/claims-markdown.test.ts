import { expect, it } from 'vitest';
import { claimsMarkdown } from './claims-markdown.ts';
import { judgeClaim } from './verdict.ts';

it('is a table with a row per claim, check and control, and no bare pipes', () => {
  const text = claimsMarkdown([
    judgeClaim({
      id: 'A1',
      statement: 'x grows',
      source: 'Theorem 1',
      checks: [{ quantity: '|x|', predicted: 2, values: [1.9, 2.1], bound: { atLeast: 1 }, over: 'every' }],
      control: { setting: 'no x', checks: [{ quantity: 'x', values: [0], bound: { atMost: 0.5 }, over: 'every' }] },
    }),
  ]);
  expect(text.trimEnd().split('\n')).toEqual([
    '|  | claim | predicted | must be | measured | verdict |',
    '|---|---|---|---|---|---|',
    '| **A1** | **x grows** (Theorem 1) |  |  |  | **holds** |',
    '|  | \\|x\\| | 2 | every ≥ 1 | 2 (1.9 … 2.1) | holds |',
    '|  | control, no x: x | – | ≤ 0.5 | 0 | as it must |',
  ]);
});
