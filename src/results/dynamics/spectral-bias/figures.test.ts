import { describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { expectFigures } from '../../testing.fixture.ts';
import { figures } from './figures.ts';
import { madeUpMeasurements, madeUpSettings, traced } from './measurements.fixture.ts';

const good = madeUpMeasurements();
const draw = (measurements = good, settings = madeUpSettings) =>
  figures(settings, measurements).map((figure) => drawFigure(figure, 'spectral-bias'));

describe('figures', () => {
  test('are the nine of the report, each with a title, a caption and drawn panels without a stray NaN', () => {
    const drawn = draw();
    expectFigures(drawn, [
      'learning-order',
      'fit',
      'spectral-norms',
      'robustness',
      'label-noise',
      'kernel-noise',
      'folding',
      'kernel-times',
      'exact-spectrum',
    ]);
  });

  test('draw what the measurements say: one cell per record and frequency, one line per frequency and layer', () => {
    const panels = Object.fromEntries(draw().map((figure) => [figure.id, figure.panels.map((panel) => panel.wide)]));
    const marks = (svg: string, label: string) => svg.split(`aria-label="${label}"`)[1].split('</g>')[0];
    const count = (text: string, tag: string) => text.split(`<${tag} `).length - 1;
    // 81 records thinned to every second.
    expect(count(marks(panels['learning-order'][0], 'bar'), 'rect')).toBe(6 * 41);
    expect(count(marks(panels['spectral-norms'][1], 'line'), 'path')).toBe(3);
    expect(count(marks(panels['robustness'][0], 'line'), 'path')).toBe(3);
    expect(count(marks(panels['robustness'][0], 'dot'), 'circle')).toBe(3 * 5);
    expect(count(marks(panels['label-noise'][0], 'line'), 'path')).toBe(5);
    expect(count(marks(panels['kernel-noise'][1], 'line'), 'path')).toBe(3);
    // The unresolved curve and the circle of equal arc are not among the shapes.
    expect(count(marks(panels['folding'][0], 'line'), 'path')).toBe(3);
    expect(count(marks(panels['folding'][1], 'dot'), 'circle')).toBe(5 * 2);
    // Residuals that never halved have no dot: 2 seeds x (6 + 2).
    expect(count(marks(panels['kernel-times'][0], 'dot'), 'circle')).toBe(16);
  });

  test('draw runs in which nothing was learned and no residual halved', () => {
    const never = traced([null, null, null, null, null, null], 1);
    const order = { ...good.order, equal: never, growing: never, clipped: never, features: never };
    expect(draw({ ...good, order })).toHaveLength(9);
    const nan = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];
    const times = { ...good.kernelTimes.interval, measured: [nan, nan] };
    expect(draw({ ...good, kernelTimes: { ...good.kernelTimes, interval: times } })).toHaveLength(9);
  });

  // WCAG's contrast of two colours; 2 is enough for a line of two pixels that also has marks.
  test('the continuous colours of lines read on white and on black', () => {
    const colours = draw()
      .filter(({ id }) => id === 'robustness')
      .flatMap(({ panels }) =>
        panels.flatMap(({ wide }) => [...wide.matchAll(/(?:stroke|fill)="(rgb\([^"]+\)|#\w{6})"/g)]),
      )
      .map((match) => match[1]);
    expect(new Set(colours).size).toBe(3);
    for (const colour of colours) {
      const light = luminance(colour);
      expect(1.05 / (light + 0.05), `${colour} on white`).toBeGreaterThan(2);
      expect((light + 0.05) / 0.058, `${colour} on the dark page`).toBeGreaterThan(2);
    }
  });
});

function luminance(colour: string): number {
  const channels = colour.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    : colour.slice(4, -1).split(',').map(Number);
  const [r, g, b] = channels.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
