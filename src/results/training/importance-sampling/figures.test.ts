import { expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { expectFigures } from '../../testing.fixture.ts';
import { figures } from './figures.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';

const draw = (measurements = madeUpMeasurements()) =>
  figures(madeUpSettings, measurements).map((figure) => drawFigure(figure, 'importance-sampling'));

test('the figures have titles, captions and drawn panels without a stray NaN', () => {
  const drawn = draw();
  expectFigures(drawn, [
    'distance',
    'scores',
    'tau',
    'race-equal-updates',
    'race-clusters-limited-by-noise',
    'race-clusters-limited-by-updates',
    'race-mnist-at-equal-seconds',
    'race-cifar-100-at-equal-cost',
    'race-cifar-10-at-equal-cost',
    'switch',
    'drawn',
  ]);
});

test('draw what was measured: one curve for each seed and way of sampling, one dot for each checkpoint', () => {
  const panels = Object.fromEntries(draw().map((figure) => [figure.id, figure.panels.map((panel) => panel.wide)]));
  const marks = (svg: string, label: string) => svg.split(`aria-label="${label}"`)[1].split('</g>')[0];
  const count = (text: string, tag: string) => text.split(`<${tag} `).length - 1;
  expect(count(marks(panels['race-equal-updates'][0], 'line'), 'path')).toBe(2 * 4);
  expect(count(marks(panels['tau'][0], 'dot'), 'circle')).toBe(2 * 2 * 11);
  expect(count(marks(panels['drawn'][2], 'rect'), 'rect')).toBe(2 * 4);
});

test('without images there is no gallery, and nothing fails', () => {
  const measurements = madeUpMeasurements();
  const races = measurements.races.map((race) => ({ ...race, drawn: { ...race.drawn!, images: null } }));
  expect(draw({ ...measurements, races }).at(-1)!.panels).toHaveLength(2);
});
