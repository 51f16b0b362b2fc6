/** Moments of a logistic gate u = 1 / (1 + exp(-e)), and of any activation, under normal pre-activations e. */
import { gaussHermite } from '../../../stats/index.ts';

/** Nodes of an expectation over one variable; at q = 25 the gate is nearly a step and needs so many. */
const nodes1 = 201;
/** Nodes along the difference of two variables (odd: one of them is 0). */
const nodes2 = 101;

/** E f(e) for e ~ N(mean, variance). */
export function expectation(f: (e: number) => number, variance: number, mean = 0): number {
  const { nodes, weights } = gaussHermite(nodes1);
  const deviation = Math.sqrt(variance);
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) sum += weights[i] * f(mean + deviation * nodes[i]);
  return sum;
}

export const logistic = (e: number): number => 1 / (1 + Math.exp(-e));

/** u is the gate, v = 1 - u, d = u' = u v and dd = u'' = u v (1 - 2 u). */
export interface GateMoments {
  readonly u: number;
  readonly u2: number;
  readonly u4: number;
  readonly v2: number;
  readonly v4: number;
  readonly u2v2: number;
  readonly d2: number;
  readonly d4: number;
  readonly u2d2: number;
  /** E u'' u and E u'' (1 - u). */
  readonly ddu: number;
  readonly ddv: number;
}

/** Moments of the gate for e ~ N(mub, q). */
export function gateMoments(mub: number, q: number): GateMoments {
  const { nodes, weights } = gaussHermite(nodes1);
  const deviation = Math.sqrt(q);
  let [u, u2, u4, v2, v4, d2, d4, u2d2, ddu, ddv] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < nodes.length; i++) {
    const w = weights[i];
    const x = logistic(mub + deviation * nodes[i]);
    const y = logistic(-mub - deviation * nodes[i]);
    const d = x * y;
    const dd = d * (y - x);
    u += w * x;
    u2 += w * x * x;
    u4 += w * x ** 4;
    v2 += w * y * y;
    v4 += w * y ** 4;
    d2 += w * d * d;
    d4 += w * d ** 4;
    u2d2 += w * x * x * d * d;
    ddu += w * dd * x;
    ddv += w * dd * y;
  }
  return { u, u2, u4, v2, v4, u2v2: d2, d2, d4, u2d2, ddu, ddv };
}

/**
 * E g_k(e_a) g_k(e_b) of several functions, for e_a and e_b ~ N(mean, q) with correlation c (clipped to [-1, 1]).
 *
 * The integration runs along e_a + e_b and e_a - e_b: near c = 1, where the difference hardly varies, the values pass
 * into those of `expectation` without a jump.
 *
 * @param g writes the values g_k(e) into `out`
 * @param count number of functions
 */
export function pairProducts(
  g: (e: number, out: Float64Array) => void,
  count: number,
  { q, c, mean = 0 }: { q: number; c: number; mean?: number },
): Float64Array {
  const sums = gaussHermite(nodes1);
  const differences = gaussHermite(nodes2);
  const alike = Math.max(-1, Math.min(1, c));
  const common = Math.sqrt((q * (1 + alike)) / 2);
  const apart = Math.sqrt((q * (1 - alike)) / 2);
  const result = new Float64Array(count);
  const [a, b] = [new Float64Array(count), new Float64Array(count)];
  // The products do not change with the sign of the difference: half of the nodes is enough.
  const half = (nodes2 - 1) / 2;
  for (let i = 0; i < nodes1; i++) {
    const center = mean + common * sums.nodes[i];
    for (let j = half; j < nodes2; j++) {
      const weight = sums.weights[i] * differences.weights[j] * (j === half ? 1 : 2);
      if (weight < 1e-18) continue;
      g(center + apart * differences.nodes[j], a);
      g(center - apart * differences.nodes[j], b);
      for (let k = 0; k < count; k++) result[k] += weight * a[k] * b[k];
    }
  }
  return result;
}
