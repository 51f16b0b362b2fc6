import * as Plot from '@observablehq/plot';
import { describe, expect, it } from 'vitest';
import { drawFigure } from './figure.ts';
import { parseColor } from './plot-document.ts';
import { encodePng } from './png.ts';

const heat = Array.from({ length: 60 }, (_, i) => ({ x: i % 10, y: Math.floor(i / 10), value: Math.sin(i) }));
const figure = {
  id: 'decay',
  title: 'Decay',
  caption: 'A line.',
  panels: [
    {
      plot: {
        color: { legend: true },
        x: { type: 'log' as const },
        marks: [Plot.lineY([1, 2, 3], { x: [1, 10, 100], stroke: 'k', clip: true })],
      },
    },
  ],
};

describe('drawFigure', () => {
  it('draws for a wide and a narrow page, reproducibly, with names of its own', () => {
    const [panel] = drawFigure(figure, 'toy').panels;
    expect(panel.wide).toContain('viewBox="0 0 680 340"');
    expect(panel.narrow).toContain('viewBox="0 0 316 237"');
    expect(drawFigure(figure, 'toy')).toEqual(drawFigure(figure, 'toy'));
    const ids = (text: string) => [...text.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(ids(panel.wide)).toEqual(['p-toy-decay-0-clip-0']);
    expect(ids(panel.narrow ?? '')).toEqual(['p-toy-decay-0-n-clip-0']);
    expect(panel.wide).toContain('url(#p-toy-decay-0-clip-0)');
  });

  it('draws continuous and swatch legends, rasters and cells', () => {
    const panels = [
      {
        plot: {
          color: { legend: true, scheme: 'viridis' as const },
          marks: [Plot.cell(heat, { x: 'x', y: 'y', fill: 'value' })],
        },
      },
      { plot: { color: { legend: true }, marks: [Plot.raster([0, 1, 2, 3], { width: 2, height: 2 })] } },
      {
        plot: {
          color: { legend: true },
          symbol: { legend: true },
          marks: [Plot.dot(heat, { x: 'x', y: 'y', stroke: 'y', symbol: 'y', tip: true })],
        },
      },
    ];
    const drawn = drawFigure({ ...figure, panels }, 'toy').panels;
    expect(drawn.map((panel) => panel.narrow)).toEqual([undefined, undefined, undefined]);
    expect(drawn[0].wide.match(/<rect/g)).toHaveLength(60);
    expect(drawn[0].wide).toMatch(/<image[^>]*href="data:image\/png;base64,/);
    expect(drawn[1].wide.match(/data:image\/png/g)).toHaveLength(2);
  });

  it('writes numbers, not units, on log axes', () => {
    const panels = [{ plot: { x: { type: 'log' as const, domain: [1e-8, 1] }, marks: [] } }];
    const { wide } = drawFigure({ ...figure, panels }, 'toy').panels[0];
    const labels = [...wide.matchAll(/>([^<>\n]+)<\/text>/g)].map((match) => match[1]);
    expect(labels).toEqual(['1e-8', '1e-7', '1e-6', '1e-5', '1e-4', '0.001', '0.01', '0.1', '1']);
  });

  it('names the swatches', () => {
    const panels = [
      {
        plot: {
          color: { legend: true, label: 'depth & width' },
          marks: [Plot.dot(['a', 'b'], { x: 1, fill: String })],
        },
      },
    ];
    expect(drawFigure({ ...figure, panels }, 'toy').panels[0].wide).toContain(
      '<div class="legend-label">depth &amp; width</div>',
    );
  });

  it('keeps the size its author chose and escapes labels', () => {
    const panels = [{ plot: { width: 200, height: 100, x: { label: '<b> & co' }, marks: [Plot.dot([[1, 2]])] } }];
    const [panel] = drawFigure({ ...figure, panels }, 'toy').panels;
    expect(panel.wide).toContain('viewBox="0 0 200 100"');
    expect(panel.wide).toContain('&lt;b&gt; &amp; co');
  });
});

it('reads the colours that scales produce', () => {
  expect(parseColor('#fA0')).toEqual([255, 170, 0, 255]);
  expect(parseColor('#440154')).toEqual([68, 1, 84, 255]);
  expect(parseColor('rgb(1, 2, 3)')).toEqual([1, 2, 3, 255]);
  expect(parseColor('rgba(1,2,3,0.2)')).toEqual([1, 2, 3, 51]);
  expect(() => parseColor('hsl(0,1%,2%)')).toThrow('colour "hsl(0,1%,2%)"');
});

it('writes the PNG that the specification gives for one red pixel', () => {
  const png = encodePng(new Uint8ClampedArray([255, 0, 0, 255]), 1, 1);
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect(png.subarray(12, 33).toString('hex')).toBe('4948445200000001000000010806000000' + '1f15c489');
  expect(png.subarray(-8).toString('hex')).toBe('49454e44ae426082');
});
