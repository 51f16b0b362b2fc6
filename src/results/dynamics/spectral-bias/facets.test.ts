import { describe, expect, it } from 'vitest';
import { pyramidNet } from './compact-nets.ts';
import { facets, mostGenericDirection, strongestNormals } from './facets.ts';
import { linearRegions2d } from './regions2d.ts';

describe('facets of the pyramid', () => {
  const net = pyramidNet(2);
  const found = facets(net, linearRegions2d(net, [-1, -1, 1, -1, 1, 1, -1, 1]));

  it('are the four sides (jump 1) and the four half-diagonals (jump sqrt 2, seen from both sides)', () => {
    const sum = (angle: number) =>
      found
        .filter((f) => Math.abs(f.normalAngle - angle) < 1e-9)
        .reduce((total, { length, jump }) => total + length * jump, 0);
    // Two sides of length 2; one whole diagonal of length 2 sqrt 2, twice.
    expect(sum(0)).toBeCloseTo(4, 6);
    expect(sum(Math.PI / 2)).toBeCloseTo(4, 6);
    expect(sum(Math.PI / 4)).toBeCloseTo(8, 6);
    expect(found.every(({ normalAngle }) => normalAngle >= 0 && normalAngle < Math.PI)).toBe(true);
  });

  it('give the diagonals as strongest normals and a generic direction between them', () => {
    expect(strongestNormals(found, 4).slice(0, 2).sort()).toEqual(
      [Math.PI / 4, (3 * Math.PI) / 4].map((a) => expect.closeTo(a, 9)),
    );
    const angle = mostGenericDirection(found, 283) % (Math.PI / 4);
    expect(Math.min(angle, Math.PI / 4 - angle)).toBeGreaterThan(0.2);
  });
});
