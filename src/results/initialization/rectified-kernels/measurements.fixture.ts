/** @file Made-up measurements of the experiment in which every claim holds, small enough to change by hand. */
import { angleCollapse } from './angle-map.ts';
import { type Measurements, slopes } from './claims.ts';
import { kappa } from './gaussian-kernel.ts';
import { measureCentralLimit, measureFixedPoint } from './measure/central-limit.ts';
import type { LawTraces } from './measure/deep-networks.ts';
import type { LayerReport } from './measure/trained-layers.ts';
import { type Settings, scales, settings as schema } from './settings.ts';

/** The smoke scale, of whose settings some appear in the measurements. */
export const madeUpSettings: Settings = schema.parse({ ...scales.smoke.settings, width: 1000, layers: 8 });

const each = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const predicted = slopes.map((slope) => Array.from(angleCollapse({ rho0: 0.4, slope, depth: 8 }).rho));

/** Networks of two seeds that miss the depth map by `miss` and change their log square norm by `perLayer` a layer. */
export const traces = (law: string, { miss = 0.01, perLayer = 0.02, oneLayerError = 0.03 } = {}): LawTraces => ({
  law,
  networks: each(2, () =>
    slopes.map((slope, a) => ({
      slope,
      oneLayerError,
      cosine: predicted[a].map((rho, layer) => (layer === 0 ? rho : Math.min(1, rho + miss))),
      logSquare: each(9, (layer) => layer * perLayer),
    })),
  ),
});

export const report = (
  relativeError: number,
  failing: LayerReport['failing'] = [],
  centredError = 0.03,
): LayerReport => ({
  relativeError,
  centredError,
  samplingError: 0.03,
  verdict: failing.length === 0 ? 'A and B apply' : `neither: no ${failing.join(', ')}`,
  failing,
});

/** All claims hold, all controls behave. */
export function madeUpMeasurements(): Measurements {
  const theta = each(20, (k) => (k * Math.PI) / 19);
  const sampled = (law: string) => ({
    law,
    kernel: each(2, () => slopes.map((slope) => theta.map((t) => kappa(t, slope) / kappa(0, slope) + 0.004))),
    standardError: each(2, () => slopes.map(() => theta.map(() => 0.001))),
  });
  const [depths, trainSlopes] = [
    [4, 16, 64],
    [0, 0.3, 0.7],
  ];
  const rho = depths.map((depth) => trainSlopes.map((slope) => angleCollapse({ rho0: 0.4, slope, depth }).rho[depth]));
  const features = [128, 512, 2048];
  const curve = (law: 'normal' | 'Rademacher' | 'Cauchy', depth: number, exponent: number) => ({
    law,
    depth,
    features,
    difference: each(2, (s) => features.map((n) => (1 + s / 10) * 3 * n ** exponent)),
  });
  return {
    invariance: {
      theta,
      laws: ['normal', 'sphere', 'multivariate t, ν = 10', 'multivariate t, ν = 5', 'radial mixture'].map(sampled),
      independentLaplace: [0.124, 0.126],
    },
    centralLimit: measureCentralLimit({ dimensions: [40, 80, 160, 320, 640, 1280], slopes }),
    fixedPoint: measureFixedPoint({ slopes: [...slopes, 1], depth: 4096 }),
    activations: {
      cases: (['tanh', 'erf', 'step', 'GELU'] as const).flatMap((activation) =>
        (['uniform', 'laplace'] as const).map((law) => ({
          activation,
          law,
          error: [0.02, 0.015],
          shifted: [0.4, 0.5],
        })),
      ),
    },
    deep: {
      predicted,
      laws: ['normal', 'uniform'].map((law) => traces(law)),
      shifted: traces('normal with a mean', { miss: 0.6, oneLayerError: 0.22 }),
      halved: traces('normal, variance 1/fan-in', { perLayer: -Math.LN2 }),
      cauchy: each(2, () => [0.4, 0.4]),
    },
    trainability: {
      depths,
      slopes: trainSlopes,
      predicted: rho,
      accuracy: rho.map((row, d) =>
        row.map((r, a) => each(2, (s) => (d === 0 ? 0.85 + a / 100 : r > 0.97 ? 0.2 : 1 - r / 3) + s / 1000)),
      ),
    },
    trainedLayers: {
      networks: ['dense', 'convolutional'].map((name) => ({
        name,
        before: each(2, () => report(0.03)),
        after: each(2, () => report(0.4, ['zero mean'], 0.15)),
        shuffled: each(2, () => report(0.3, ['zero mean'])),
        trainAccuracy: [0.9, 0.9],
      })),
    },
    randomFeatures: {
      curves: [
        curve('normal', 1, -0.5),
        curve('Rademacher', 1, -0.5),
        curve('Cauchy', 1, -0.02),
        curve('normal', 3, -0.45),
        curve('Rademacher', 3, -0.45),
      ],
      accuracy: [0.9, 0.9],
    },
    spread: each(40, (i) => 0.4 + i / 100),
  };
}
