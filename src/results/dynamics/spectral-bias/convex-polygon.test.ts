import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterclockwiseConvex, cutPolygon, twiceSignedArea, vertexMean } from './convex-polygon.ts';

describe('cutPolygon', () => {
  const coordinate = fc.double({ min: -1, max: 1, noNaN: true });
  const hexagon = Float64Array.from({ length: 12 }, (_, i) =>
    i % 2 ? Math.sin((Math.PI * (i - 1)) / 6) : Math.cos((Math.PI * i) / 6),
  );

  it('conserves area, and each part lies on its side', () => {
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, (wx, wy, c) => {
        // As the regions do: the tolerance is in the unit of the form.
        const [negative, positive] = cutPolygon(hexagon, wx, wy, c, 1e-12 * (Math.hypot(wx, wy) + Math.abs(c)));
        const area = [negative, positive].reduce((sum, part) => sum + (part ? twiceSignedArea(part) : 0), 0);
        expect(area).toBeCloseTo(twiceSignedArea(hexagon), 9);
        for (const [part, side] of [[negative, -1], [positive, 1]] as const) // biome-ignore format: pairs
          if (part)
            for (let v = 0; v < part.length; v += 2)
              expect(side * (wx * part[v] + wy * part[v + 1] + c)).toBeGreaterThan(-1e-11);
      }),
    );
  });

  it('cuts through a corner without a sliver', () => {
    const [negative, positive] = cutPolygon(Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1), 1, -1, 0, 1e-12);
    expect(Array.from(negative ?? [])).toEqual([0, 0, 1, 1, 0, 1]);
    expect(Array.from(positive ?? [])).toEqual([0, 0, 1, 0, 1, 1]);
  });
});

describe('polygon basics', () => {
  it('turns clockwise polygons and has the area and mean of a far, small triangle', () => {
    const turned = counterclockwiseConvex([0, 0, 0, 1, 1, 0]);
    expect(Array.from(turned)).toEqual([1, 0, 0, 1, 0, 0]);
    const far = Float64Array.of(1e6, 1e6, 1e6 + 1e-3, 1e6, 1e6, 1e6 + 1e-3);
    expect(twiceSignedArea(far) * 1e6).toBeCloseTo(1, 6);
    expect(vertexMean([0, 0, 3, 0, 0, 6])).toEqual([1, 2]);
  });
});
