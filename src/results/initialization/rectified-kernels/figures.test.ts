import { describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { expectFigures } from '../../testing.fixture.ts';
import { figures } from './figures.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';

describe('figures', () => {
  const drawn = figures(madeUpSettings, madeUpMeasurements()).map((figure) => drawFigure(figure, 'rectified-kernels'));
  const count = (svg: string, label: string, tag: string) =>
    svg.split(`aria-label="${label}"`)[1].split('</g>')[0].split(`<${tag} `).length - 1;

  test('are the eleven of the report, each with a title, a caption and drawn panels without a stray NaN', () => {
    expectFigures(drawn, [
      ...['kernel', 'central-limit', 'one-layer', 'map', 'depth', 'norm', 'fixed-point', 'trainability'],
      ...['trained-layers', 'random-features', 'spread'],
    ]);
  });

  test('draw what the measurements say', () => {
    const panels = Object.fromEntries(drawn.map((figure) => [figure.id, figure.panels.map((panel) => panel.wide)]));
    expect(count(panels['central-limit'][0], 'line', 'path')).toBe(3);
    // Two laws and the control, two seeds of ReLU each, and the line of -ln 2.
    expect(count(panels.norm[0].split('aria-label="line"').slice(1).join('aria-label="line"'), 'line', 'path')).toBe(6);
    expect(count(panels.trainability[0], 'dot', 'circle')).toBe(3 * 3 * 2);
    expect(count(panels['trained-layers'][1], 'dot', 'circle')).toBe(4 * 2);
    // Three laws, three numbers, two seeds.
    expect(count(panels['random-features'][0], 'dot', 'circle')).toBe(3 * 3 * 2);
  });
});
