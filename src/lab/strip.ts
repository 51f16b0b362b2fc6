/** A check as a small picture: a dot per seed, the interval of the mean, the prediction, and the allowed range shaded. */
import { html, type Markup } from './html.ts';
import { boundLimits, type CheckVerdict } from './verdict.ts';

const width = 150;
const height = 20;
const pad = 6;

/** Nothing where there is no finite value to draw. */
export function strip(check: CheckVerdict): Markup | undefined {
  const values = check.values.filter(Number.isFinite);
  if (values.length === 0) return undefined;
  const limits = boundLimits(check.bound);
  const predicted = typeof check.predicted === 'number' ? [check.predicted] : [];
  const interval = check.over === 'mean' ? check.interval : undefined;
  const x = scale([...values, ...limits, ...predicted, ...(interval ?? [])].filter(Number.isFinite));
  const [from, to] = limits.map((limit, i) => (Number.isFinite(limit) ? x(limit) : i * width));
  const middle = height / 2;
  const mark = (value: number) =>
    html`<line class="predicted" x1="${x(value)}" x2="${x(value)}" y1="2" y2="${height - 2}"/>`;
  const bar = interval
    ? html`<line class="interval" x1="${x(interval[0])}" x2="${x(interval[1])}" y1="${middle}" y2="${middle}"/>`
    : undefined;
  return html`<svg class="strip" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true"><rect class="allowed" x="${from}" width="${Math.max(1, to - from)}" y="2" height="${height - 4}"/>${predicted.filter(Number.isFinite).map(mark)}${bar}${values.map((value) => html`<circle cx="${x(value)}" cy="${middle}" r="2.6"/>`)}</svg>`;
}

/** Linear, or logarithmic where positive numbers span more than two decades. */
function scale(shown: readonly number[]): (value: number) => number {
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const transform = low > 0 && high / low > 100 ? Math.log : (value: number) => value;
  const [a, b] = [transform(low), transform(high)];
  const round = (value: number) => Math.round(value * 10) / 10;
  return (value) => round(a === b ? width / 2 : pad + ((transform(value) - a) / (b - a)) * (width - 2 * pad));
}
