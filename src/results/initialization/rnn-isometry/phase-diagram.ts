/** Phase diagrams: chi_1 over two parameters of the initialisation, and the line chi_1 = 1 between order and chaos. */
import { type RnnParams, stationary, timeScale } from './mean-field.ts';

/** A parameter of the initialisation and its values, ascending. */
export interface Axis {
  readonly name: 'sw' | 'sv' | 'sb' | 'mub' | 'R';
  readonly values: readonly number[];
}

export interface PhaseDiagram {
  readonly x: Axis;
  readonly y: Axis;
  /** Row-major, y.values.length x x.values.length; of the fixed point that is reached from q = 1. */
  readonly chi: Float64Array;
  /** Time scale 1 / |ln chi|, at most 10 000. */
  readonly xi: Float64Array;
  /** The line chi = 1: pieces [x1, y1, x2, y2] between neighbouring grid lines. */
  readonly critical: readonly (readonly [number, number, number, number])[];
}

const largestXi = 1e4;

/**
 * chi_1 and its time scale on a grid of two parameters; the others are those of `params`.
 *
 * @param params the network; its values of the two axes are not used
 * @param options.onRow called after each row of the grid
 * @throws UserError for parameters out of range
 */
export function phaseDiagram(
  params: RnnParams,
  x: Axis,
  y: Axis,
  { onRow = () => {} }: { onRow?: (done: number, total: number) => void } = {},
): PhaseDiagram {
  const [columns, rows] = [x.values.length, y.values.length];
  const chi = new Float64Array(rows * columns);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      chi[j * columns + i] = stationary({ ...params, [x.name]: x.values[i], [y.name]: y.values[j] }).chi1;
    }
    onRow(j + 1, rows);
  }
  return {
    x,
    y,
    chi,
    xi: chi.map((value) => Math.min(largestXi, timeScale(value))),
    critical: contour(chi, x.values, y.values, 1),
  };
}

/**
 * Pieces of the line where a function on a grid has a value: linear interpolation on the sides of the two triangles of
 * each cell.
 */
export function contour(
  values: Float64Array,
  xs: readonly number[],
  ys: readonly number[],
  level: number,
): [number, number, number, number][] {
  const pieces: [number, number, number, number][] = [];
  const corner = (i: number, j: number) => ({ x: xs[i], y: ys[j], value: values[j * xs.length + i] - level });
  for (let j = 0; j + 1 < ys.length; j++)
    for (let i = 0; i + 1 < xs.length; i++) {
      const [a, b, c, d] = [corner(i, j), corner(i + 1, j), corner(i, j + 1), corner(i + 1, j + 1)];
      for (const triangle of [
        [a, b, c],
        [d, b, c],
      ]) {
        const points = triangle.flatMap((p, k) => {
          const r = triangle[(k + 1) % 3];
          if (p.value < 0 === r.value < 0) return [];
          const s = p.value / (p.value - r.value);
          return [[p.x + s * (r.x - p.x), p.y + s * (r.y - p.y)]];
        });
        if (points.length === 2) pieces.push([points[0][0], points[0][1], points[1][0], points[1][1]]);
      }
    }
  return pieces;
}
