import { describe, expect, it } from 'vitest';
import { experiment } from './fake-experiment.fixture.ts';
import { expandGrid } from './grid.ts';

const values = (...given: string[]) => expandGrid(experiment, 'smoke', given).map((point) => point.values);
const of = (given: string) => values(given).map((value) => Object.values(value)[0]);

describe('expandGrid', () => {
  it('is the product of the values, the last setting changing fastest', () => {
    expect(values('steps=10,20', 'kernel=circle,interval')).toEqual([
      { steps: 10, kernel: 'circle' },
      { steps: 10, kernel: 'interval' },
      { steps: 20, kernel: 'circle' },
      { steps: 20, kernel: 'interval' },
    ]);
  });

  it('holds what has one value apart from what varies', () => {
    const points = expandGrid(experiment, 'smoke', ['steps=40', 'rate=0.1,0.2']);
    expect(points.map(({ settings }) => [settings['steps'], settings['rate']])).toEqual([
      [40, 0.1],
      [40, 0.2],
    ]);
    expect(points[0].values).toEqual({ rate: 0.1 });
    expect(values()).toEqual([{}]);
  });

  it.each([
    ['steps=3..6', [3, 4, 5, 6]],
    ['rate=0.1..1+0.1', [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ['steps=64..600x2', [64, 128, 256, 512]],
    ['rate=1e-3..1e-1x10', [0.001, 0.01, 0.1]],
    ['steps=1,10..12,10', [1, 10, 11, 12]],
    [
      'frequencies=1,2/4,8',
      [
        [1, 2],
        [4, 8],
      ],
    ],
  ])('%s', (given, expected) => {
    expect(of(given)).toEqual(expected);
  });

  it.each([
    ['stepz=1,2', 'has no setting "stepz" (did you mean "steps"?)'],
    ['steps', '"steps" is not a setting; write key=value'],
    ['steps=1,0', 'setting "steps" of fake-decay: got "0", allowed is an integer ≥ 1'],
    ['steps=5..1', '1 is below 5'],
    ['steps=1..5+0', 'needs a step above 0'],
    ['rate=0..1x2', 'needs a positive start'],
    ['rate=0.1..1+1e-9', 'has 900000001 values'],
    ['steps=1..99999', 'a grid of 199998 values'],
  ])('refuses %s', (given, message) => {
    expect(() => values(given, ...(given.endsWith('99999') ? ['kernel=circle,interval'] : []))).toThrow(message);
  });
});
