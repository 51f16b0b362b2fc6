import { expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { expectFigures } from '../../testing.fixture.ts';
import { figures } from './figures.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';

const drawn = figures(madeUpSettings, madeUpMeasurements()).map((figure) => drawFigure(figure, 'hessian-outliers'));

test('are the eight of the report, each with a title, a caption and drawn panels without a stray NaN', () => {
  expectFigures(drawn, ['spectrum', 'knockout', 'scree', 'embedding', 'training', 'hessian', 'grid', 'cost']);
});

test('draw what the measurements say', () => {
  const panels = Object.fromEntries(drawn.map(({ id, panels: list }) => [id, list.map((panel) => panel.wide)]));
  const count = (svg: string, label: string, tag: string) =>
    svg
      .split(`aria-label="${label}"`)
      .slice(1)
      .reduce((sum, part) => sum + part.split('</g>')[0].split(`<${tag} `).length - 1, 0);
  // Two of G1, two of G2 and three of their sum.
  expect(count(panels.spectrum[0], 'dot', 'circle')).toBe(7);
  // One panel for each set of labels of the first network; 3 C eigenvalues of G and C of G1 in two seeds.
  expect(panels.scree).toHaveLength(3);
  expect(count(panels.scree[0], 'dot', 'circle')).toBe(2 * (12 + 4));
  expect(count(panels.hessian[0], 'dot', 'circle')).toBe(20);
  // By class and in random order.
  expect(count(panels.grid[0], 'dot', 'circle')).toBe(2 * 4);
  expect(count(panels.cost[0], 'line', 'path')).toBe(2);
});
