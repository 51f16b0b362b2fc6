import { describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { type ClaimVerdict, judgeClaims } from '../../../lab/verdict.ts';
import { crossing, crossings, type Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { figures } from './figures.ts';
import { connected, madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';
import { type Settings, settings as schema } from './settings.ts';

const good = madeUpMeasurements();
const judged = (measurements: Measurements, settings: Settings = madeUpSettings): ClaimVerdict[] =>
  judgeClaims(experiment, settings, measurements);
const { landscape, potentials } = good;
const withLandscape = (changed: Partial<Measurements['landscape']>): Measurements => ({
  ...good,
  landscape: { ...landscape, ...changed },
});
const withPotentials = (changed: Partial<Measurements['potentials']>): Measurements => ({
  ...good,
  potentials: { ...potentials, ...changed },
});
const pair = (changed: Partial<ReturnType<typeof connected>>) => ({ ...connected(), ...changed });
const [narrow, wide, widest] = good.wider;

test('every claim holds on measurements as the paper has them; those about deep networks do not apply', () => {
  const verdicts = judged(good);
  expect(verdicts.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
    'N1 holds',
    'N2 holds',
    'N3 not-applicable',
    'N4 not-applicable',
    'N5 holds',
    'N6 holds',
    'N7 holds',
    'N8 holds',
    'N9 holds',
    'N10 holds',
  ]);
});

describe('a claim fails, or is undecided by its control, on', () => {
  const cases: [string, string, 'fails' | 'inconclusive', Measurements][] = [
    ['N1', 'a wrong saddle', 'fails', withPotentials({ muller: [{ pivots: 20, tangent: 'improved', saddle: -40.5 }] })],
    ['N1', 'a path across the maximum', 'fails', withPotentials({ carton: 1 })],
    ['N1', 'a line that is low already', 'inconclusive', withPotentials({ mullerLine: -40.66 })],
    ['N1', 'a symmetric line that goes round', 'inconclusive', withPotentials({ cartonSymmetric: 0 })],
    ['N1', 'a line without a maximum', 'inconclusive', withPotentials({ cartonLine: 0 })],
    ['N2', 'a barrier that stays', 'fails', withLandscape({ pairs: [pair({ residualFraction: 0.02 })] })],
    ['N2', 'test errors on the path', 'fails', withLandscape({ pairs: [pair({ testRise: 0.03 })] })],
    ['N2', 'a low straight line', 'inconclusive', withLandscape({ pairs: [pair({ linearBarrier: 0.1 })] })],
    ['N5', 'a deeper network of higher barrier', 'fails', { ...good, deeper: [...good.deeper].reverse() }],
    [
      'N5',
      'a narrow network of low barrier',
      'fails',
      { ...good, wider: [{ ...narrow, pairs: widest.pairs }, wide, widest] },
    ],
    [
      'N5',
      'a gain beyond width 16',
      'inconclusive',
      { ...good, wider: [narrow, { ...wide, pairs: narrow.pairs }, widest] },
    ],
    ['N6', 'errors with spare units', 'fails', { ...good, xor: [good.xor[0], { ...good.xor[1], error: [0, 0.25] }] }],
    [
      'N6',
      'no errors without spare units',
      'inconclusive',
      { ...good, xor: [{ ...good.xor[0], error: [0, 0.25] }, good.xor[1]] },
    ],
    ['N6', 'three units with errors', 'fails', { ...good, xor: [...good.xor, { ...good.xor[0], hidden: 3 }] }],
    ['N7', 'a high saddle', 'fails', withLandscape({ permuted: [{ pair: pair({ saddle: 0.1 }), identity: 0 }] })],
    ['N7', 'a low line', 'fails', withLandscape({ permuted: [{ pair: pair({ linearHighest: 0.1 }), identity: 0 }] })],
    ['N7', 'a barrier to itself', 'inconclusive', withLandscape({ permuted: [{ pair: pair({}), identity: 0.1 }] })],
    ['N8', 'a saddle that is passed at once', 'fails', withLandscape({ pairs: [pair({ saddle: 0.9 })] })],
    ['N8', 'a line that is passed late', 'inconclusive', withLandscape({ pairs: [pair({ linearHighest: 0.01 })] })],
    [
      'N10',
      'a barrier that stays',
      'fails',
      { ...good, cnn: { ...good.cnn, pairs: [pair({ residualFraction: 0.02 })] } },
    ],
  ];
  test.each(cases)('%s: %s', (id, _, expected, measurements) => {
    const { verdict, reason } = judged(measurements).find((claim) => claim.id === id)!;
    // A claim whose own checks fail as well fails.
    expect(`${id} ${verdict}: ${reason}`).toMatch(new RegExp(`${id} (${expected}${id === 'N8' ? '|fails' : ''})`));
  });

  test('N9: an empty tree', () => {
    const { verdict } = judged(withLandscape({ graph: { losses: [0, 0, 0], edges: [{ a: 0, b: 1, saddle: 1 }] } }))[8];
    expect(verdict).not.toBe('holds');
  });
});

describe('at the scale of the paper', () => {
  const paper = schema.parse({});
  const deep = withLandscape({
    graph: { losses: [0.016, 0.016, 0.016], edges: landscape.graph.edges.map((e) => ({ ...e, saddle: 0.032 })) },
    at: [0, 500, 10_000, 40_000, 64_000],
    curves: [1, 2, 3].map(() => [2.3, 1.9, 0.2, 0.03, 0.016]),
    pairs: [pair({ linearBarrier: 2, linearHighest: 2, testRise: 0.005 })],
  });
  const filters = [12, 24, 36, 48, 96].map((f, i) => ({
    ...narrow,
    name: `cnn-${f}x1`,
    pairs: [connected(0.1 / (i + 1))],
  }));
  const verdicts = (measurements: Measurements) => judged({ ...measurements, wider: filters }, paper);

  test('saddles of twice the minima hold N3, the test error N4, the crossing after the decay N8', () => {
    const found = verdicts(deep);
    expect([2, 3, 4, 7].map((i) => `${found[i].id} ${found[i].verdict}`)).toEqual([
      'N3 holds',
      'N4 holds',
      'N5 holds',
      'N8 holds',
    ]);
  });

  test('high saddles, test errors and early crossings fail', () => {
    const found = verdicts(
      withLandscape({
        ...deep.landscape,
        graph: { ...deep.landscape.graph, edges: landscape.graph.edges.map((e) => ({ ...e, saddle: 0.3 })) },
        pairs: [pair({ linearBarrier: 2, testRise: 0.02 })],
      }),
    );
    expect([2, 3, 7].map((i) => found[i].verdict)).toEqual(['fails', 'fails', 'fails']);
  });
});

test('crossing is the first record at or below the level, the last step where there is none', () => {
  expect(crossing([0, 10, 20, 30], [3, 2, 1, 2], 2)).toBe(10);
  expect(crossing([0, 10, 20, 30], [3, 2, 1, 2], 0.5)).toBe(30);
  expect(crossings(landscape)).toHaveLength(2);
});

test('figures are drawn without a stray NaN, one panel each at least', () => {
  const drawn = figures(madeUpSettings, good).map((figure) => drawFigure(figure, 'no-barriers'));
  expect(drawn.map(({ id }) => id)).toEqual([
    'path',
    'path-images',
    'cycles',
    'slice',
    'graph',
    'disconnectivity',
    'size',
    'training',
    'xor',
  ]);
  for (const { id, caption, panels } of drawn) {
    expect(caption.length, id).toBeGreaterThan(40);
    for (const { wide: svg } of panels) {
      expect(svg, id).toMatch(/<(path|rect|circle|line)[ >]/);
      expect(svg, id).not.toMatch(/NaN|undefined|Infinity/);
    }
  }
});
