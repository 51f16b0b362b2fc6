/** @file Claims I1, I4, I6: what follows from the formulas alone; and the phase diagrams. */
import { memoryTime } from '../correlation.ts';
import { criticalInit } from '../critical.ts';
import { gateMoments } from '../gate.ts';
import { type RnnParams, rnnMeanField, rnnTrajectory, stationary } from '../mean-field.ts';
import { type PhaseDiagram, phaseDiagram } from '../phase-diagram.ts';

export interface TheorySettings {
  readonly R: number;
  readonly sw: number;
  readonly sv: number;
  readonly vanillaSv: number;
  /** Points of each axis of a phase diagram. */
  readonly grid: number;
}

export interface CriticalPoint {
  readonly mub: number;
  readonly qStar: number;
  readonly sw: number;
  readonly sv: number;
  readonly lambda: number;
  /** Where the solver comes to rest with these weights, and chi there. */
  readonly q: number;
  readonly chi: number;
  /** chi with sw a tenth larger. */
  readonly chiLargerSw: number;
}

/** Time scale of the correlation iterated by the theory, and what chi says. */
export interface DecayRate {
  readonly mub: number;
  readonly iterated: number;
  readonly chi: number;
  /** The wrong formula without the gate's derivative, E u^2. */
  readonly gateFree: number;
}

export interface Band {
  readonly cell: 'vanilla' | 'minimal';
  /** mu_b or sw. */
  readonly at: readonly number[];
  readonly chi: readonly number[];
}

export interface Theory {
  readonly critical: readonly CriticalPoint[];
  readonly unstable: CriticalPoint;
  readonly decay: readonly DecayRate[];
  readonly bands: readonly Band[];
  readonly phases: { readonly vanilla: PhaseDiagram; readonly minimal: PhaseDiagram };
  /** Spread of the Jacobian's spectrum along the critical line: by q* (vanilla, orthogonal), by mu_b (minimal, Gaussian). */
  readonly spreads: readonly { readonly cell: 'vanilla' | 'minimal'; readonly at: number; readonly spread: number }[];
}

/** The priors of the sweeps: the mean bias of the minimalRNN, the deviation of the recurrent weights of the vanilla cell. */
export const priors = { minimal: [-4, 10], vanilla: [0.25, 3] } as const;

/** n points in the middle of n equal parts of the prior. */
export function spreadOver(cell: 'vanilla' | 'minimal', n: number): number[] {
  const [low, high] = priors[cell];
  return Array.from({ length: n }, (_, i) => low + ((high - low) * (i + 0.5)) / n);
}

/** The network at a point of its prior. */
export const atPrior = (
  cell: 'vanilla' | 'minimal',
  value: number,
  { R, sw, sv, vanillaSv }: Omit<TheorySettings, 'grid'>,
): RnnParams => (cell === 'vanilla' ? { cell, sw: value, sv: vanillaSv, R } : { cell, sw, sv, mub: value, R });

export function computeTheory(settings: TheorySettings, progress: (done: number, total: number) => void): Theory {
  const { R, sw, sv, grid } = settings;
  const point = (mub: number, qStar: number): CriticalPoint => {
    const at = criticalInit({ cell: 'minimal', mub, qStar, R });
    const rest = stationary({ cell: 'minimal', sw: at.sw, sv: at.sv, mub, R });
    const larger = stationary({ cell: 'minimal', sw: 1.1 * at.sw, sv: at.sv, mub, R });
    return {
      mub,
      qStar,
      sw: at.sw,
      sv: at.sv,
      lambda: at.lambda,
      q: rest.q,
      chi: rest.chi1,
      chiLargerSw: larger.chi1,
    };
  };
  const points: [number, number][] = [
    [0, 16],
    [2, 5],
    [2, 10],
    [4, 5],
    [6, 5],
  ];
  const decay = [-3, 5.5].map((mub): DecayRate => {
    const params: RnnParams = { cell: 'minimal', sw, sv, mub, R };
    const { chi, xi, q } = rnnMeanField(params);
    const sigma = Array.from({ length: 20 + Math.ceil(16 * xi) }, (_, t) => (t < 10 ? 0 : 1));
    const { c } = rnnTrajectory(params, { sigma });
    return { mub, iterated: memoryTime(c, { from: 1e-2, to: 1e-6 }).chi, chi, gateFree: gateMoments(mub, q).u2 };
  });
  const bands = (['minimal', 'vanilla'] as const).map((cell): Band => {
    const at = spreadOver(cell, 280);
    return { cell, at, chi: at.map((value) => stationary(atPrior(cell, value, settings)).chi1) };
  });
  const values = (low: number, high: number) =>
    Array.from({ length: grid }, (_, i) => low + ((high - low) * i) / (grid - 1));
  const vanilla = phaseDiagram(
    { cell: 'vanilla', sw: 1, sv: 1, R },
    { name: 'sw', values: values(0.25, 3) },
    { name: 'sv', values: values(0, 1) },
    { onRow: (done) => progress(done, 2 * grid) },
  );
  const minimal = phaseDiagram(
    { cell: 'minimal', sw, sv, R },
    { name: 'mub', values: values(-4, 10) },
    { name: 'sw', values: values(0.5, 10) },
    { onRow: (done) => progress(grid + done, 2 * grid) },
  );
  const spreads = [
    ...[1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1].map((qStar) => ({
      cell: 'vanilla' as const,
      at: qStar,
      spread: criticalInit({ cell: 'vanilla', qStar, R }).spreadOrthogonal,
    })),
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((mub) => ({
      cell: 'minimal' as const,
      at: mub,
      spread: criticalInit({ cell: 'minimal', mub, qStar: Math.max(16 - mub, 10), R }).spreadGaussian,
    })),
  ];
  return {
    critical: points.map(([mub, q]) => point(mub, q)),
    unstable: point(6, 2),
    decay,
    bands,
    phases: { vanilla, minimal },
    spreads,
  };
}
