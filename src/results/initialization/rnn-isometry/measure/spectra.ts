/** @file Claim I5: the spectrum of one step's Jacobian, of random matrices built from states at rest. */
import type { NDArray } from '../../../../array/ndarray.ts';
import * as linalg from '../../../../linalg/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { scan } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { criticalInit } from '../critical.ts';
import { gatedSpectrum, jacobianMoments, jacobianSpectrum } from '../state-jacobian.ts';

export interface SpectrumSettings {
  readonly R: number;
  readonly units: number;
}

export interface Spectrum {
  readonly name: string;
  readonly kind: 'gaussian' | 'orthogonal';
  /** One per seed: measured, and by the formula with the traces of this seed's states. */
  readonly m1: readonly number[];
  readonly predictedM1: readonly number[];
  readonly spread: readonly number[];
  readonly predictedSpread: readonly number[];
  /** The formula for Gaussian weights, whatever the weights are. */
  readonly gaussianSpread: readonly number[];
  /** In the limit of many units. */
  readonly meanFieldSpread: number;
  /** Of a smaller matrix of the first seed. */
  readonly singularValues: readonly number[];
}

/** Size of the matrices whose single singular values are drawn. */
const shown = 200;

/** Critical networks: the minimalRNN at these mean biases and variances, the vanilla cell at this one. */
const points = [
  { mub: 0, qStar: 16 },
  { mub: 6, qStar: 5 },
  { mub: 8, qStar: 10 },
] as const;
const vanillaPoint = 0.1;

/** a and b of J = diag(a) + diag(b) W for N units at rest, each of its own. */
function minimalStates(mub: number, q: number, { R, units }: SpectrumSettings, burnIn: number) {
  return jit((key: NDArray): { a: NDArray; b: NDArray } => {
    const draw = (k: NDArray) => {
      const keys = random.split(k);
      const e = np.add(mub, np.multiply(Math.sqrt(q), random.normal(np.slice(keys, 0), [units])));
      return { u: np.sigmoid(e), z: np.multiply(Math.sqrt(R), random.normal(np.slice(keys, 1), [units])) };
    };
    const keys = random.split(key, burnIn + 1);
    const [h] = scan(
      (state: NDArray, k: NDArray) => {
        const { u, z } = draw(k);
        return [np.add(z, np.multiply(u, np.subtract(state, z))), null];
      },
      np.zeros([units]),
      np.slice(keys, [0, burnIn]),
    );
    const { u, z } = draw(np.slice(keys, burnIn));
    return { a: u, b: np.multiply(np.multiply(u, np.subtract(1, u)), np.subtract(h, z)) };
  });
}

export async function measureSpectra(settings: SpectrumSettings, context: RunContext): Promise<Spectrum[]> {
  const { R, units: N } = settings;
  const moments = jit((a: NDArray, b: NDArray, W: NDArray) =>
    jacobianMoments(np.add(np.multiply(np.eye(N), a), np.multiply(np.reshape(b, [N, 1]), W))),
  );
  const cases = [
    ...points.map(({ mub, qStar }) => {
      const at = criticalInit({ cell: 'minimal', mub, qStar, R });
      const burnIn = Math.ceil(Math.max(200, 5 / (1 - at.meanGate!)));
      return { name: `minimalRNN, mu_b = ${mub}`, at, states: minimalStates(mub, qStar, settings, burnIn) };
    }),
    {
      name: `vanilla RNN, q* = ${vanillaPoint}`,
      at: criticalInit({ cell: 'vanilla', qStar: vanillaPoint, R }),
      states: jit((key: NDArray): { a: NDArray; b: NDArray } => {
        const h = np.tanh(np.multiply(Math.sqrt(vanillaPoint), random.normal(key, [N])));
        return { a: np.zeros([N]), b: np.subtract(1, np.square(h)) };
      }),
    },
  ];
  type Row = { m1: number; predictedM1: number; spread: number; predictedSpread: number; gaussianSpread: number };
  const kinds = ['gaussian', 'orthogonal'] as const;
  const rows = new Map<string, Row[]>();
  const singular = new Map<string, number[]>();
  const root = random.foldIn(random.key(context.seed), 2);
  for (let s = 0; s < context.seeds; s++) {
    const key = random.foldIn(root, s);
    for (const [k, kind] of kinds.entries()) {
      // Of unit variance; the cases differ in their scale.
      const ofWeights = random.foldIn(key, 100 + k);
      const W =
        kind === 'gaussian'
          ? np.multiply(1 / Math.sqrt(N), random.normal(ofWeights, [N, N]))
          : np.array(Float32Array.from(await linalg.haar(ofWeights, N, N)), { shape: [N, N] });
      for (const [c, { name, at, states }] of cases.entries()) {
        const { a, b } = states(random.foldIn(key, c));
        const scaled = np.multiply(at.sw, b);
        const { m1, spread } = moments(a, scaled, W);
        const [as, bs] = [await a.data(), await b.data()];
        const predicted = gatedSpectrum(as, bs, at.sw, kind);
        const id = `${name}|${kind}`;
        rows.set(id, [
          ...(rows.get(id) ?? []),
          {
            m1: Number((await m1.data())[0]),
            predictedM1: predicted.m1,
            spread: Number((await spread.data())[0]),
            predictedSpread: predicted.spread,
            gaussianSpread: gatedSpectrum(as, bs, at.sw, 'gaussian').spread,
          },
        ]);
        if (s === 0) {
          const n = Math.min(shown, N);
          const small =
            kind === 'gaussian'
              ? np.multiply(1 / Math.sqrt(n), random.normal(ofWeights, [n, n]))
              : np.array(Float32Array.from(await linalg.haar(ofWeights, n, n)), { shape: [n, n] });
          const part = (x: NDArray) => np.slice(x, [0, n]);
          const J = np.add(np.multiply(np.eye(n), part(a)), np.multiply(np.reshape(part(scaled), [n, 1]), small));
          singular.set(id, Array.from((await jacobianSpectrum(J)).singularValues));
        }
      }
      context.progress({
        stage: `Jacobians of ${N} units`,
        done: s * kinds.length + k + 1,
        total: kinds.length * context.seeds,
      });
    }
  }
  return cases.flatMap(({ name, at }) =>
    kinds.map((kind): Spectrum => {
      const id = `${name}|${kind}`;
      const of = (field: keyof Row) => rows.get(id)!.map((row) => row[field]);
      return {
        name,
        kind,
        m1: of('m1'),
        predictedM1: of('predictedM1'),
        spread: of('spread'),
        predictedSpread: of('predictedSpread'),
        gaussianSpread: of('gaussianSpread'),
        meanFieldSpread: kind === 'gaussian' ? at.spreadGaussian : at.spreadOrthogonal,
        singularValues: singular.get(id)!,
      };
    }),
  );
}
