/** A claim over the grid: a panel per check, the measured values against the first setting that varies. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../results/contract.ts';
import { numberText } from './number-text.ts';
import { groupBy } from './pool-claims.ts';
import { settingText } from './settings.ts';
import type { SweepGroup } from './sweep-status.ts';
import { boundLimits, type CheckVerdict, type ClaimVerdict } from './verdict.ts';

/** A check at one combination of values. */
interface Row {
  /** Of the setting on the axis. */
  readonly x: number | string;
  /** The other settings that vary, as text. */
  readonly other: string;
  readonly check: CheckVerdict;
}

/** One figure per claim; none where nothing varies but the seed. */
export function sweepFigures(groups: readonly SweepGroup[]): Figure[] {
  const [axis, ...others] = Object.keys(groups[0]?.values ?? {});
  if (axis === undefined) return [];
  const at = ({ values }: SweepGroup) => ({
    x: typeof values[axis] === 'number' ? values[axis] : settingText(values[axis]),
    other: others.map((name) => settingText(values[name])).join(', '),
  });
  const judged = groups.flatMap((group) => group.claims.map((claim) => ({ claim, ...at(group) })));
  return [...groupBy(judged, ({ claim }) => claim.id).values()].map((rows) => claimFigure(axis, others, rows));
}

function claimFigure(
  axis: string,
  others: readonly string[],
  rows: readonly { readonly claim: ClaimVerdict; readonly x: number | string; readonly other: string }[],
): Figure {
  const { id, statement } = rows[0].claim;
  const checks = rows.flatMap(({ claim, x, other }) => claim.checks.map((check) => ({ x, other, check })));
  const by = others.length > 0 ? `; colours tell ${others.join(' and ')}` : '';
  return {
    id: `grid-${id}`,
    title: `${id} over ${[axis, ...others].join(' and ')}`,
    caption: `${statement} Dots: the values measured, bars: their means with 95 % intervals, dashed: predicted, shaded: what the claim allows${by}.`,
    panels: [...groupBy(checks, ({ check }) => check.quantity)].map(([title, members]) => ({
      title,
      plot: checkPlot(axis, others.join(', '), members),
    })),
  };
}

function checkPlot(axis: string, others: string, rows: readonly Row[]): Plot.PlotOptions {
  const dots = rows.flatMap(({ x, other, check }) =>
    check.values.filter(Number.isFinite).map((value) => ({ x, other, value })),
  );
  const means = rows
    .filter(({ check }) => Number.isFinite(check.mean))
    .map(({ x, other, check: { mean, interval = [mean, mean] } }) => ({
      x,
      other,
      mean,
      low: interval[0],
      high: interval[1],
    }));
  const predictions = rows.flatMap(({ x, other, check: { predicted } }) =>
    typeof predicted === 'number' && Number.isFinite(predicted) ? [{ x, other, predicted }] : [],
  );
  const numeric = rows.every(({ x }) => typeof x === 'number');
  const xs = [...new Set(rows.map(({ x }) => x))];
  const colour = others === '' ? 'var(--accent)' : 'other';
  const ys = [...dots.map(({ value }) => value), ...means.flatMap(({ low, high }) => [low, high])];
  const span = [...ys, ...predictions.map(({ predicted }) => predicted)];
  return {
    x: numeric
      ? { type: isWide(xs as number[]) ? 'log' : 'linear', label: axis, inset: 8 }
      : { type: 'point', domain: xs, label: axis },
    y: {
      type: isWide(span) ? 'log' : 'linear',
      label: 'measured',
      grid: true,
      tickFormat: (tick: number) => numberText(tick),
    },
    ...(others === '' ? {} : { color: { type: 'categorical', legend: true, label: others } }),
    marks: [
      ...allowed(rows, span),
      Plot.line(predictions, { x: 'x', y: 'predicted', z: 'other', stroke: colour, strokeDasharray: '4 3' }),
      Plot.line(means, { x: 'x', y: 'mean', z: 'other', stroke: colour, strokeOpacity: 0.5 }),
      Plot.dot(dots, { x: 'x', y: 'value', stroke: colour, strokeOpacity: 0.45, r: 2 }),
      ...(numeric
        ? [Plot.ruleX(means, { x: 'x', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 2.5 })]
        : [Plot.link(means, { x1: 'x', x2: 'x', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 2.5 })]),
      Plot.dot(means, { x: 'x', y: 'mean', fill: colour, r: 3.5 }),
    ],
  };
}

/** The range that the claim allows, as far as the picture goes; nothing where it differs over the grid. */
function allowed(rows: readonly Row[], span: readonly number[]): Plot.Markish[] {
  if (span.length === 0 || new Set(rows.map(({ check }) => check.boundText)).size > 1) return [];
  const limits = boundLimits(rows[0].check.bound);
  const shown = [...span, ...limits].filter(Number.isFinite);
  // On a logarithmic axis there is no room below the smallest number shown.
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const margin = isWide(span) ? 0 : 0.05 * (high - low || 1);
  const [y1, y2] = [Math.max(limits[0], low - margin), Math.min(limits[1], high + margin)];
  if (isWide(span) && y1 <= 0) return [];
  return [Plot.rect([{ y1, y2 }], { y1: 'y1', y2: 'y2', fill: 'var(--holds-wash)' })];
}

/** Positive, and over about a decade: told apart on a logarithmic axis only. */
function isWide(values: readonly number[]): boolean {
  const low = Math.min(...values);
  return values.length > 0 && low > 0 && Math.max(...values) / low >= 8;
}
