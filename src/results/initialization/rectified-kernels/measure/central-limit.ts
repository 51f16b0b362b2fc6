/** @file Claims R2 and R6, which are computed and not sampled: the error of the central limit, and the depth map far down. */
import { angleCollapse } from '../angle-map.ts';
import { kappa } from '../gaussian-kernel.ts';
import { enumeratedRademacherKernel, rademacherKernel } from '../rademacher-kernel.ts';

export interface CentralLimit {
  readonly dimensions: readonly number[];
  /** Share p of agreeing coordinates, slope, and exact kernel - limit for each dimension. */
  readonly curves: readonly { readonly share: number; readonly slope: number; readonly error: number[] }[];
  /** Exact kernel (ReLU) of the sparse inputs x = e1, y = e2 in each dimension. */
  readonly sparse: readonly number[];
}

/** Shares of agreeing coordinates: cosines 0, 0.5 and 0.8. */
export const shares = [0.5, 0.75, 0.9] as const;

export function measureCentralLimit({
  dimensions,
  slopes,
}: {
  dimensions: readonly number[];
  slopes: readonly number[];
}): CentralLimit {
  const curves = slopes.flatMap((slope) =>
    shares.map((share) => {
      const limit = kappa(Math.acos(2 * share - 1), slope);
      return {
        share,
        slope,
        error: dimensions.map((m) => rademacherKernel(m, Math.round(share * m), slope) - limit),
      };
    }),
  );
  const unit = (m: number, at: number) => Float64Array.from({ length: m }, (_, i) => (i === at ? 1 : 0));
  const sparse = dimensions.map((m) => enumeratedRademacherKernel(unit(m, 0), unit(m, 1)));
  return { dimensions, curves, sparse };
}

export interface FixedPoint {
  /** Per slope: angle and 1 - cosine after 0, 1, ... layers, from a right angle. */
  readonly curves: readonly { readonly slope: number; readonly theta: number[]; readonly gap: number[] }[];
}

export function measureFixedPoint({ slopes, depth }: { slopes: readonly number[]; depth: number }): FixedPoint {
  return {
    curves: slopes.map((slope) => {
      const { theta, gap } = angleCollapse({ rho0: 0, slope, depth });
      return { slope, theta: Array.from(theta), gap: Array.from(gap) };
    }),
  };
}
