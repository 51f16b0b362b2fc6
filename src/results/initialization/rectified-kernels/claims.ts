/** @file Claims R1 to R10 from the measurements. No bound depends on what was measured. */

import { powerLaw, spearman } from '../../../stats/index.ts';
import { every } from '../../checks.ts';
import type { Claim } from '../../contract.ts';
import { kappa } from './gaussian-kernel.ts';
import { type CentralLimit, type FixedPoint, shares } from './measure/central-limit.ts';
import type { DeepNetworks, LawTraces, NetworkTrace } from './measure/deep-networks.ts';
import type { Invariance } from './measure/invariance.ts';
import type { OtherActivations } from './measure/other-activations.ts';
import type { RandomFeatures } from './measure/random-features.ts';
import type { Trainability } from './measure/trainability.ts';
import type { LayerReport, TrainedLayers } from './measure/trained-layers.ts';
import { rademacherCorrection } from './rademacher-kernel.ts';
import { rectifiedSquare, shrinkage } from './rectifier-kernel.ts';
import type { Settings } from './settings.ts';

export interface Measurements {
  readonly invariance: Invariance;
  readonly centralLimit: CentralLimit;
  readonly fixedPoint: FixedPoint;
  readonly activations: OtherActivations;
  readonly deep: DeepNetworks;
  readonly trainability: Trainability;
  readonly trainedLayers: TrainedLayers;
  readonly randomFeatures: RandomFeatures;
  /** m^(1/4) max|x_i| / |x| of the images. */
  readonly spread: readonly number[];
}

/** Slopes at which random networks are measured: ReLU and a leaky ReLU. */
export const slopes = [0, 0.2] as const;

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const least = (values: readonly number[]): number => -most(values.map((v) => -v));

/** The exponent of y ~ x^e; NaN where a value is not a positive number. */
const exponent = (x: readonly number[], y: readonly number[]): number =>
  y.every((v) => v > 0 && Number.isFinite(v)) ? powerLaw(x, y).exponent : Number.NaN;

/** Largest distance of a seed's sampled kernels from the formula, less three standard errors of the sampling. */
function excess({ theta, laws }: Invariance, names: (law: string) => boolean): number[] {
  const chosen = laws.filter(({ law }) => names(law));
  return chosen[0].kernel.map((_, seed) =>
    most(
      chosen.flatMap(({ kernel, standardError }) =>
        slopes.flatMap((slope, a) =>
          theta.map((angle, k) => {
            const predicted = kappa(angle, slope) / kappa(0, slope);
            return Math.max(0, Math.abs(kernel[seed][a][k] - predicted) - 3 * standardError[seed][a][k]);
          }),
        ),
      ),
    ),
  );
}

const rotationInvariance: Claim<Settings, Measurements> = {
  id: 'R1',
  statement: 'A layer of rectifiers has the same kernel for every rotation-invariant law of its weights.',
  source: 'Equivalent kernels for rotation-invariant weights (theorem)',
  evidence(_, { invariance }) {
    const heavy = (law: string) => law.endsWith('ν = 5') || law === 'radial mixture';
    return {
      checks: [
        every(
          'normalised kernel, sampled - formula, largest over 20 angles and slopes 0 and 0.2, beyond three standard errors: normal, sphere, multivariate t with ν = 10',
          excess(invariance, (law) => !heavy(law)),
          { atMost: 0.01 },
          0,
        ),
        every('the same: multivariate t with ν = 5, radial mixture', excess(invariance, heavy), { atMost: 0.02 }, 0),
      ],
      control: {
        setting: 'two independent Laplace weights, which are not rotation invariant, on inputs e1 and e2',
        checks: [
          every(
            '1/(2π), which the formula gives at a right angle, - kernel / weight variance',
            invariance.independentLaplace.map((k) => 1 / (2 * Math.PI) - k),
            { atLeast: 0.025 },
            1 / (2 * Math.PI) - 1 / 8,
          ),
        ],
      },
    };
  },
};

const centralLimit: Claim<Settings, Measurements> = {
  id: 'R2',
  statement:
    'Independent weights that are not Gaussian give the same kernel in high input dimension m; for random signs the error is exactly of order 1/m.',
  source: 'Universality theorem; the exact sums and the constant are our addition',
  evidence(_, { centralLimit: { dimensions, curves, sparse } }) {
    const largest = dimensions.length - 1;
    return {
      checks: [
        every(
          `exponent of |kernel - limit| in m (cosines ${shares.map((p) => Number((2 * p - 1).toFixed(2))).join(', ')}, slopes 0 and 0.2)`,
          curves.map(({ error }) => exponent(dimensions, error.map(Math.abs))),
          { within: [-1.1, -0.9] },
          -1,
        ),
        every(
          `m (kernel - limit) at m = ${dimensions[largest]} / predicted constant -(1 - a)² sin θ / (2π)`,
          curves.map(
            ({ share, slope, error }) =>
              (dimensions[largest] * error[largest]) / rademacherCorrection(Math.acos(2 * share - 1), slope),
          ),
          { within: [0.97, 1.03] },
          1,
        ),
      ],
      control: {
        setting: 'sparse inputs e1 and e2 in every dimension: no sum, no central limit (the formula gives 0.159)',
        checks: [every('kernel', sparse, { within: [0.25 - 1e-12, 0.25 + 1e-12] }, 0.25)],
      },
    };
  },
};

const otherActivations: Claim<Settings, Measurements> = {
  id: 'R3',
  statement: 'The same holds for other activations, with jumps too: uniform and Laplace weights act as Gaussian ones.',
  source: 'Universality theorem (activations continuous almost everywhere)',
  evidence(settings, { activations: { cases } }) {
    const seeds = cases[0].error.map((_, s) => s);
    return {
      checks: [
        every(
          `kernel error relative to the kernel, largest over tanh, erf, step, GELU and both laws (${settings.neurons} neurons)`,
          seeds.map((s) => most(cases.map(({ error }) => error[s]))),
          { atMost: 0.03 },
          0,
        ),
      ],
      control: {
        setting: `the same weights with a mean of ${settings.shift} deviations`,
        checks: [
          every(
            'error with the mean / without, smallest over activations and laws',
            seeds.map((s) => least(cases.map(({ error, shifted }) => shifted[s] / error[s]))),
            { atLeast: 5 },
          ),
        ],
      },
    };
  },
};

/** One value per seed from the networks of that seed: those of all laws, or of one. */
const perSeed = (laws: readonly LawTraces[], of: (networks: readonly NetworkTrace[]) => number): number[] =>
  laws[0].networks.map((_, seed) => of(laws.flatMap(({ networks }) => networks[seed])));

/** Mean over the seeds of a quantity of a law's networks; single networks of finite width wander about it. */
const overSeeds = ({ networks }: LawTraces, slope: number, of: (network: NetworkTrace) => number): number =>
  mean(networks.map((seed) => of(seed[slope])));

/** The bounds on sampled cosines are for 1,000 neurons; of fewer the sampling error grows as n^(-1/2). */
const narrow = (width: number): number => Math.max(1, Math.sqrt(1000 / width));

const oneLayer: Claim<Settings, Measurements> = {
  id: 'R4',
  statement: 'On images one layer follows the formula for six laws of its weights alike.',
  source: 'Experiments on data',
  evidence(settings, { deep }) {
    return {
      checks: [
        every(
          `cosine after the layer, measured - predicted, rms over pairs, largest over laws and slopes (${settings.width} neurons)`,
          perSeed(deep.laws, (networks) => most(networks.map((n) => n.oneLayerError))),
          { atMost: 0.05 * narrow(settings.width) },
          0,
        ),
      ],
      control: {
        setting: `weights outside of the theory: Cauchy (no variance), and normal with a mean of ${settings.shift} deviations (ReLU)`,
        checks: [
          // Single layers of Cauchy weights differ widely: a few neurons decide.
          every('rms error, Cauchy, mean over seeds', [mean(deep.cauchy.map(([relu]) => relu))], { atLeast: 0.2 }),
          every(
            'rms error, weights with a mean',
            perSeed([deep.shifted], ([relu]) => relu.oneLayerError),
            { atLeast: 0.15 },
          ),
        ],
      },
    };
  },
};

/** Layers 1, 2, 4, ... */
export const powersOfTwo = (layers: number): number[] =>
  Array.from({ length: Math.floor(Math.log2(layers)) + 1 }, (_, k) => 2 ** k);

const depthMap: Claim<Settings, Measurements> = {
  id: 'R5',
  statement: 'Layer after layer the cosine between images follows the depth map, for all six laws.',
  source: 'Experiments on data; composition of kernels',
  evidence({ layers, width, shift }, { deep }) {
    const at = powersOfTwo(layers);
    const distance = (a: number) =>
      deep.laws.map((law) =>
        most(at.map((layer) => Math.abs(overSeeds(law, a, (n) => n.cosine[layer]) - deep.predicted[a][layer]))),
      );
    return {
      checks: [
        every(
          `mean cosine over pairs and seeds, |measured - predicted|, largest of each law over layers ${at.join(', ')}: ReLU`,
          distance(0),
          { atMost: 0.03 * narrow(width) },
          0,
        ),
        every('the same: slope 0.2', distance(1), { atMost: 0.06 * narrow(width) }, 0),
      ],
      control: {
        setting: `normal weights with a mean of ${shift} deviations`,
        checks: [
          every(
            'mean cosine after layer 2, smaller of both slopes',
            perSeed([deep.shifted], (networks) => least(networks.map(({ cosine }) => cosine[2]))),
            { atLeast: 0.96 },
          ),
        ],
      },
    };
  },
};

const fixedPoint: Claim<Settings, Measurements> = {
  id: 'R6',
  statement:
    'Every angle shrinks to 0, as a power of depth and not exponentially: after j layers it is 3π/(γ j), with γ = (1 - a)²/(1 + a²).',
  source: 'Fixed point of the normalised kernel; the rate is our addition',
  evidence(_, { fixedPoint: { curves } }) {
    const shrinking = curves.filter(({ slope }) => slope !== 1);
    const range = Array.from({ length: 4096 - 1024 + 1 }, (_, i) => 1024 + i);
    const [linear] = curves.filter(({ slope }) => slope === 1);
    return {
      checks: [
        every(
          'angle after 1,024 layers / 3π/(1,024 γ), slopes 0 and 0.2',
          shrinking.map(({ slope, theta }) => (theta[1024] * 1024 * shrinkage(slope)) / (3 * Math.PI)),
          { within: [0.97, 1.03] },
          1,
        ),
        every(
          'exponent of 1 - cosine in the depth, layers 1,024 to 4,096',
          shrinking.map(({ gap }) =>
            exponent(
              range,
              range.map((j) => gap[j]),
            ),
          ),
          { within: [-2.05, -1.95] },
          -2,
        ),
      ],
      control: {
        setting: 'linear units (slope 1)',
        checks: [
          every(
            'largest change of the cosine',
            [most(linear.gap.map((gap) => Math.abs(gap - linear.gap[0])))],
            { atMost: 1e-12 },
            0,
          ),
        ],
      },
    };
  },
};

const drift = ({ logSquare }: NetworkTrace): number => logSquare[logSquare.length - 1] - logSquare[1];

const variance: Claim<Settings, Measurements> = {
  id: 'R7',
  statement: 'The weight variance 2/((1 + a²) fan-in) keeps the activations’ size through all layers, for every law.',
  source: 'Initialisation section',
  evidence({ layers, width }, { deep }) {
    const perLayer = Math.log(rectifiedSquare(slopes[0]));
    // A layer of n neurons adds 5/n to the variance of the log square norm: 2.5 deviations of the mean over the layers.
    const fluctuation = (2.5 * Math.sqrt(5 / (width * (layers - 1)))) / Math.abs(perLayer);
    const margin = Math.max(0.05, fluctuation);
    return {
      checks: [
        every(
          `|change of the log square norm| from layer 1 to ${layers}, mean over images and seeds, each law, slopes 0 and 0.2`,
          deep.laws.flatMap((law) => slopes.map((_, a) => Math.abs(overSeeds(law, a, drift)))),
          { atMost: 1 },
          0,
        ),
      ],
      control: {
        setting: 'variance 1/fan-in with ReLU',
        checks: [
          every(
            'change of the mean log square norm per layer / predicted -ln 2',
            perSeed([deep.halved], ([network]) => drift(network) / (layers - 1) / perLayer),
            { within: [1 - margin, 1 + margin] },
            1,
          ),
        ],
      },
    };
  },
};

const trainability: Claim<Settings, Measurements> = {
  id: 'R8',
  statement: 'Networks whose inputs have collapsed at initialisation do not train; a slope that prevents it helps.',
  source: 'Argument in the text; the training is our addition',
  evidence(_, { trainability: { depths, slopes, predicted, accuracy } }) {
    const seeds = accuracy[0][0].map((_, s) => s);
    const at = (depth: number, slope: number) => accuracy[depths.indexOf(depth)][slopes.indexOf(slope)];
    const cells = depths.flatMap((depth, d) =>
      slopes.map((_, a) => ({ depth, rho: predicted[d][a], found: accuracy[d][a] })),
    );
    const deep = cells.filter(({ depth }) => depth >= 16);
    const collapsed = cells.filter(({ rho }) => rho > 0.97);
    const rho = (slope: number) => predicted[depths.indexOf(64)][slopes.indexOf(slope)].toFixed(3);
    return {
      checks: [
        every(`test accuracy at depth 64, slope 0 (predicted mean cosine ${rho(0)})`, at(64, 0), { atMost: 0.45 }),
        every(`test accuracy at depth 64, slope 0.7 (predicted mean cosine ${rho(0.7)})`, at(64, 0.7), {
          atLeast: 0.65,
        }),
        every(
          'rank correlation of accuracy and 1 - predicted cosine, all networks of depth 16 and more',
          seeds.map((s) =>
            spearman(
              deep.map(({ found }) => found[s]),
              deep.map((cell) => -cell.rho),
            ),
          ),
          { atLeast: 0.6 },
          1,
        ),
        every(
          'best accuracy of a network with a predicted cosine above 0.97',
          collapsed.length === 0 ? [Number.NaN] : seeds.map((s) => most(collapsed.map(({ found }) => found[s]))),
          { atMost: 0.6 },
        ),
      ],
      control: {
        setting: 'depth 4, where nothing has collapsed',
        checks: [
          every(
            'accuracy, best - worst slope',
            seeds.map((s) => {
              const shallow = accuracy[depths.indexOf(4)].map((found) => found[s]);
              return most(shallow) - least(shallow);
            }),
            { atMost: 0.05 },
            0,
          ),
        ],
      },
    };
  },
};

/** Hypotheses of which one must fail where the kernel of a layer is not the predicted one. */
const naming = ['zero mean', 'independent entries', 'rotation invariance', 'one scale for all rows'];

const trainedLayers: Claim<Settings, Measurements> = {
  id: 'R9',
  statement:
    'First layers follow the formula before training. Training leads away from it, and the hypothesis that no longer holds can be named.',
  source: 'Kernels of trained networks; the shuffled control is our addition',
  evidence(_, { trainedLayers: { networks } }) {
    const seeds = networks[0].before.map((_, s) => s);
    const unnamed = ({ relativeError, failing }: LayerReport) =>
      relativeError > 0.1 && !failing.some((name) => naming.includes(name)) ? 1 : 0;
    return {
      checks: [
        ...networks.map(({ name, before }) =>
          every(
            `relative kernel error before training, ${name}`,
            before.map(({ relativeError }) => relativeError),
            { atMost: 0.05 },
            0,
          ),
        ),
        ...networks.map(({ name, before, after }) =>
          // Without the mean, whose effect may hide the others': both change the kernel, in either direction.
          every(
            `the same less the mean weight vector, after training / before, ${name}`,
            seeds.map((s) => after[s].centredError / before[s].centredError),
            { atLeast: 1 },
          ),
        ),
        every(
          'trained layers with an error above 0.1 of which no failing hypothesis is named',
          seeds.map((s) => networks.reduce((sum, { after }) => sum + unnamed(after[s]), 0)),
          { atMost: 0 },
          0,
        ),
      ],
      control: {
        setting: 'the trained weights in random order over the layer, less their mean',
        checks: networks.map(({ name, shuffled }) =>
          every(
            `relative kernel error, ${name}`,
            shuffled.map(({ centredError }) => centredError),
            { atMost: 0.05 },
            0,
          ),
        ),
      },
    };
  },
};

const randomFeatures: Claim<Settings, Measurements> = {
  id: 'R10',
  statement:
    'Kernel regression with the closed form is what regression on n random features tends to, at the rate n^(-1/2), for every law of the weights.',
  source: 'Equivalent kernels; the regression is our addition',
  evidence(_, { randomFeatures: { curves } }) {
    const of = (wanted: string) => curves.filter(({ law }) => law === wanted);
    const differences = (curve: (typeof curves)[number]) =>
      curve.features.map((_, k) => mean(curve.difference.map((seed) => seed[k])));
    const rate = (curve: (typeof curves)[number]) => exponent(curve.features, differences(curve));
    return {
      checks: [
        every(
          'exponent in n of the difference of the predictions (mean over seeds): normal weights at depth 1 and 3, random signs at depth 1 and 3',
          [...of('normal'), ...of('Rademacher')].map(rate),
          { within: [-0.62, -0.38] },
          -0.5,
        ),
        every(
          'difference with random signs / with normal weights, every n at depth 1 and 3',
          of('Rademacher').flatMap((curve) => {
            const normal = differences(of('normal').find(({ depth }) => depth === curve.depth)!);
            return differences(curve).map((d, k) => d / normal[k]);
          }),
          { within: [0.75, 1.33] },
          1,
        ),
      ],
      control: {
        setting: 'Cauchy weights, whose features have no kernel',
        checks: [every('exponent in n of the difference', of('Cauchy').map(rate), { atLeast: -0.2 }, 0)],
      },
    };
  },
};

export const claims = [
  rotationInvariance,
  centralLimit,
  otherActivations,
  oneLayer,
  depthMap,
  fixedPoint,
  variance,
  trainability,
  trainedLayers,
  randomFeatures,
];
