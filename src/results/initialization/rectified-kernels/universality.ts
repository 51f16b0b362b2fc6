/**
 * Do a layer's weights and its inputs meet the hypotheses of the two theorems? Theorem A: the law of the weights is
 * invariant to rotations. Theorem B: the entries are independent, of zero mean and with a finite third absolute moment,
 * and no coordinate dominates the inputs.
 */
import { UserError } from '../../../array/errors.ts';
import * as np from '../../../numpy/index.ts';
import { quantile } from '../../../stats/index.ts';
import { centred } from './empirical-kernel.ts';
import { arrayOf, checkColumns, type Matrix, type MatrixLike, matrixOf, squaredLengths } from './matrix.ts';

/** What was found in the weights. */
export interface WeightStatistics {
  readonly mean: number;
  readonly sd: number;
  /** sqrt(number of weights) mean / sd: beyond +-4 the mean is not zero by chance. */
  readonly z: number;
  /** What the mean adds to E[(w.x)^2], as a multiple of what the variance gives: `(mean/sd)^2 (sum x_i)^2 / |x|^2`, mean over the inputs. */
  readonly meanGain: number;
  /** E|w|^3 / E[w^2]^(3/2): 1.60 for the normal law. */
  readonly thirdMoment: number;
  /** Fourth cumulant over the squared variance: 0 for the normal law. */
  readonly excessKurtosis: number;
  /** Hill's estimate from the largest hundredth of |w| of the exponent with which P(|w| > t) falls. Below 2 the variance is infinite. */
  readonly tailIndex: number;
  /** Deviation over mean of the lengths of the rows, and what independent entries of this kurtosis would give. */
  readonly rowDispersion: number;
  readonly expectedRowDispersion: number;
  /** Mean over the rows of the correlation of w_i with w_{i+1}; 0 for independent entries. */
  readonly neighbourCorrelation: number;
  /** m times the mean squared cosine between different rows (after centring): 1 where no direction is preferred. */
  readonly anisotropy: number;
  /** Kurtosis of the entries of the rows, each scaled to one length, over that of a uniform direction, 3 m / (m + 2): 1 under rotation invariance. */
  readonly directionKurtosis: number;
}

/** 1 %, 50 % and 99 % quantiles. */
export type Quantiles = readonly [low: number, middle: number, high: number];

/** What was found in the inputs. */
export interface InputStatistics {
  /** max_i |x_i| / |x|, which must vanish as m grows (Lindeberg), and m^(1/4) times that (the paper's condition). */
  readonly largestShare: Quantiles;
  readonly spread: Quantiles;
  /** `E|w|^3/E[w^2]^(3/2) (sum |x_i|^3/|x|^3 + sum |y_i|^3/|y|^3)` over pairs: the central limit's error up to a constant (Berry and Esseen). */
  readonly berryEsseen: Quantiles;
}

/** One hypothesis, and whether what was found speaks against it. */
export interface Hypothesis {
  readonly name:
    | 'zero mean'
    | 'finite variance'
    | 'finite third moment'
    | 'rotation invariance'
    | 'one scale for all rows'
    | 'independent entries'
    | 'spread-out inputs';
  readonly found: string;
  readonly holds: boolean;
}

export interface Universality {
  readonly weights: WeightStatistics;
  readonly inputs: InputStatistics;
  readonly hypotheses: readonly Hypothesis[];
  /** Which theorem's hypotheses are met, as far as this can be seen. */
  readonly rotationInvariant: boolean;
  readonly centralLimit: boolean;
  /** "A and B apply", "A applies", "B applies", or "neither: " and the hypotheses that fail. */
  readonly verdict: string;
}

/**
 * Tests the hypotheses on a layer and its data. The thresholds are ours: a deviation counts when it is beyond chance and
 * large enough to change the kernel by a few per cent. A layer of few weights may pass because it cannot be told apart.
 *
 * @param options.weights [n, m], one row per neuron, n >= 2 (see `empiricalKernel` for dense and convolutional layers)
 * @param options.inputs [N, m], none of them zero; the first 500 give the pairs of `berryEsseen`
 * @throws UserError for sizes that do not fit, constant weights or a zero input
 */
export async function checkUniversality({
  weights: givenWeights,
  inputs: givenInputs,
}: {
  weights: MatrixLike;
  inputs: MatrixLike;
}): Promise<Universality> {
  const [w, x] = [await matrixOf('weights', givenWeights), await matrixOf('inputs', givenInputs)];
  checkColumns('checkUniversality', x, w);
  const weights = await weightStatistics(w, x);
  const inputs = inputStatistics(x, weights.thirdMoment);
  const hypotheses = judge(w, weights, inputs);
  const holds = (...names: readonly Hypothesis['name'][]) =>
    hypotheses.every(({ name, holds }) => holds || !names.includes(name));
  const rotationInvariant = holds('zero mean', 'finite variance', 'rotation invariance');
  const centralLimit = holds(
    ...(['zero mean', 'finite third moment', 'one scale for all rows', 'independent entries'] as const),
    'spread-out inputs',
  );
  const failing = hypotheses.filter(({ holds }) => !holds).map(({ name, found }) => `no ${name} (${found})`);
  const verdict =
    rotationInvariant && centralLimit
      ? 'A and B apply'
      : rotationInvariant
        ? 'A applies'
        : centralLimit
          ? 'B applies'
          : `neither: ${failing.join('; ')}`;
  return { weights, inputs, hypotheses, rotationInvariant, centralLimit, verdict };
}

const sum = (values: ArrayLike<number>, of: (v: number) => number): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += of(values[i]);
  return total;
};

async function weightStatistics(w: Matrix, x: Matrix): Promise<WeightStatistics> {
  const { data, rows: n, columns: m } = w;
  if (n < 2) throw new UserError('checkUniversality: expected at least two neurons (rows of weights), found one.');
  const count = data.length;
  const mean = sum(data, (v) => v) / count;
  const variance = sum(data, (v) => (v - mean) ** 2) / count;
  if (!(variance > 0)) throw new UserError(`checkUniversality: all weights are ${data[0]}: there is no law to test.`);
  const square = sum(data, (v) => v * v) / count;
  const excessKurtosis = sum(data, (v) => (v - mean) ** 4) / count / variance ** 2 - 3;
  const sd = Math.sqrt(variance);
  const lengths = squaredRows(w).map(Math.sqrt);
  const meanLength = sum(lengths, (v) => v) / n;
  const squaresX = squaredLengths('inputs', x);
  let gain = 0;
  for (let i = 0; i < x.rows; i++) {
    gain += sum(x.data.subarray(i * m, (i + 1) * m), (v) => v) ** 2 / squaresX[i] / x.rows;
  }
  return {
    mean,
    sd,
    z: (Math.sqrt(count) * mean) / sd,
    meanGain: (mean / sd) ** 2 * gain,
    thirdMoment: sum(data, (v) => Math.abs(v) ** 3) / count / square ** 1.5,
    excessKurtosis,
    tailIndex: hillIndex(data),
    rowDispersion: Math.sqrt(sum(lengths, (v) => (v - meanLength) ** 2) / (n - 1)) / meanLength,
    expectedRowDispersion: Math.sqrt(Math.max(0, excessKurtosis + 2) / (4 * m)),
    neighbourCorrelation: neighbourCorrelation(centred(w)),
    ...(await directions(centred(w))),
  };
}

function squaredRows({ data, rows, columns }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) =>
    sum(data.subarray(i * columns, (i + 1) * columns), (v) => v * v),
  );
}

/** Hill, "A simple general approach to inference about the tail of a distribution", Ann. Stat. 3, 1975. */
export function hillIndex(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values, Math.abs).sort();
  const k = Math.min(sorted.length - 1, Math.max(10, Math.ceil(sorted.length / 100)));
  const threshold = sorted[sorted.length - 1 - k];
  const excess = sum(sorted.subarray(sorted.length - k), (v) => Math.log(v / threshold)) / k;
  return excess === 0 ? Number.POSITIVE_INFINITY : 1 / excess;
}

/** Correlation of each entry with the next one of its row, over all rows. */
function neighbourCorrelation({ data, rows, columns }: Matrix): number {
  if (columns < 2) return 0;
  let products = 0;
  for (let i = 0; i < rows; i++) {
    for (let k = i * columns; k < (i + 1) * columns - 1; k++) products += data[k] * data[k + 1];
  }
  return products / (columns - 1) / (sum(data, (v) => v * v) / columns);
}

/** Of the rows scaled to one length. */
async function directions(w: Matrix): Promise<{ anisotropy: number; directionKurtosis: number }> {
  const { columns: m } = w;
  const squares = squaredRows(w);
  const kept = Array.from(squares.keys()).filter((i) => squares[i] > 0);
  const n = kept.length;
  const unit = new Float64Array(n * m);
  kept.forEach((row, i) => {
    const length = Math.sqrt(squares[row]);
    for (let k = 0; k < m; k++) unit[i * m + k] = w.data[row * m + k] / length;
  });
  // |U U^T|^2 = |U^T U|^2: the smaller one.
  const u = arrayOf({ data: unit, rows: n, columns: m });
  const gram = n < m ? np.matmul(u, np.transpose(u)) : np.matmul(np.transpose(u), u);
  const squaredCosines = await np.sum(np.square(gram)).item();
  const fourth = sum(unit, (v) => v ** 4) / unit.length;
  return {
    anisotropy: (m * (squaredCosines - n)) / (n * (n - 1)),
    directionKurtosis: (fourth * m ** 2) / ((3 * m) / (m + 2)),
  };
}

const quantiles = (values: ArrayLike<number>): Quantiles => [
  quantile(values, 0.01),
  quantile(values, 0.5),
  quantile(values, 0.99),
];

/** Inputs whose pairs enter the Berry-Esseen quantiles. */
const pairedInputs = 500;

function inputStatistics(x: Matrix, thirdMoment: number): InputStatistics {
  const squares = squaredLengths('inputs', x);
  const m = x.columns;
  const share = new Float64Array(x.rows);
  const third = new Float64Array(x.rows);
  for (let i = 0; i < x.rows; i++) {
    const row = x.data.subarray(i * m, (i + 1) * m);
    const length = Math.sqrt(squares[i]);
    share[i] = row.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0) / length;
    third[i] = sum(row, (v) => Math.abs(v / length) ** 3);
  }
  const some = third.subarray(0, pairedInputs);
  const pairs: number[] = [];
  for (let i = 0; i < some.length; i++)
    for (let j = i; j < some.length; j++) pairs.push(thirdMoment * (some[i] + some[j]));
  return {
    largestShare: quantiles(share),
    spread: quantiles(share.map((s) => m ** 0.25 * s)),
    berryEsseen: quantiles(pairs),
  };
}

const text = (value: number): string => String(Number(value.toPrecision(3)));

/** Where each hypothesis is taken to fail. */
function judge({ rows: n, columns: m }: Matrix, w: WeightStatistics, x: InputStatistics): Hypothesis[] {
  const noise = 4 / Math.sqrt(n * m);
  const rowRatio = w.rowDispersion / w.expectedRowDispersion;
  const line = (name: Hypothesis['name'], holds: boolean, found: string): Hypothesis => ({ name, holds, found });
  return [
    line(
      'zero mean',
      Math.abs(w.z) <= 4 || w.meanGain <= 0.02,
      `mean/sd ${text(w.mean / w.sd)}, z ${text(w.z)}, adds ${text(w.meanGain)} of the variance of w.x`,
    ),
    line('finite variance', w.tailIndex > 2, `tail index ${text(w.tailIndex)}`),
    line('finite third moment', w.tailIndex > 3, `tail index ${text(w.tailIndex)}`),
    line(
      'rotation invariance',
      Math.abs(w.anisotropy - 1) <= 0.05 + 4 / n && Math.abs(w.directionKurtosis - 1) <= 0.05 + 2 * noise,
      `anisotropy ${text(w.anisotropy)}, kurtosis of directions ${text(w.directionKurtosis)} of a uniform one's`,
    ),
    line(
      'one scale for all rows',
      rowRatio <= 1.25 + 4 / Math.sqrt(n),
      `dispersion of row lengths ${text(w.rowDispersion)}, independent entries give ${text(w.expectedRowDispersion)}`,
    ),
    line(
      'independent entries',
      Math.abs(w.neighbourCorrelation) <= 0.03 + noise && w.anisotropy <= 1.05 + 4 / n,
      `correlation of neighbours ${text(w.neighbourCorrelation)}, anisotropy ${text(w.anisotropy)}`,
    ),
    line('spread-out inputs', x.spread[1] <= 1, `m^(1/4) max|x_i|/|x|: ${x.spread.map(text).join(', ')} (1, 50, 99 %)`),
  ];
}
