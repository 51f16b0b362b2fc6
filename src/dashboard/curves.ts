/**
 * Live curves, in the browser: a chart per metric, a line per stage and run. A value that is not finite leaves a gap and is
 * marked where it was met.
 */
import type UPlot from 'uplot';
import type { MetricsTail } from './metrics-tail.ts';

/** Set by uplot.js, which the page loads before. */
const uPlot = (globalThis as unknown as { uPlot: typeof UPlot }).uPlot;

/** What one line of a chart shows. */
interface Line {
  readonly label: string;
  readonly steps: number[];
  /** Null where the value was not finite. */
  readonly values: (number | null)[];
  readonly flagged: { readonly step: number; readonly value: number }[];
}

interface Chart {
  readonly metric: string;
  /** By label. */
  readonly lines: Map<string, Line>;
  readonly figure: HTMLElement;
  readonly place: HTMLElement;
  readonly note: HTMLElement;
  readonly button: HTMLButtonElement;
  /** What the user chose; undefined: by the values. */
  log?: boolean;
  plot?: UPlot;
  /** What the plot was made for; another makes another plot. */
  made?: string;
}

interface Source {
  readonly path: string;
  next: number;
}

/** Draws the curves of the runs that `place` names; the function it returns fetches and draws what is new. */
export function followCurves(place: HTMLElement): () => Promise<void> {
  const sources: Source[] = place.dataset['runs']!.split(' ').map((path) => ({ path, next: 0 }));
  const status = document.getElementById('curves-status')!;
  const charts = new Map<string, Chart>();
  const runOf = ({ path }: Source) => (sources.length > 1 ? `${path.slice(-6)} · ` : '');

  const take = async (source: Source): Promise<boolean> => {
    const response = await fetch(`/run/${source.path}/metrics?from=${source.next}`);
    if (!response.ok) return false;
    const { records, next, more, anew } = (await response.json()) as MetricsTail;
    source.next = next;
    const prefix = runOf(source);
    if (anew) for (const chart of charts.values()) forget(chart, prefix);
    for (const { stage, step, metrics } of records) {
      for (const [name, stored] of Object.entries(metrics)) {
        const chart = charts.get(name) ?? makeChart(place, name);
        charts.set(name, chart);
        add(chart, `${prefix}${stage}`, step, numberOf(stored));
      }
    }
    if (more) await take(source);
    return records.length > 0 || anew;
  };

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of charts.values()) chart.plot?.redraw();
  });

  return async () => {
    const changed: boolean[] = [];
    // One after another, so that the first run has the first colour.
    for (const source of sources) changed.push(await take(source));
    status.textContent = charts.size > 0 ? '' : 'No metrics have been recorded yet.';
    status.hidden = charts.size > 0;
    if (changed.some(Boolean)) for (const chart of charts.values()) draw(chart);
  };
}

/** JSON has no NaN: the file has `{"$number": "NaN"}`. */
function numberOf(stored: unknown): number {
  return typeof stored === 'number' ? stored : Number((stored as { $number: string }).$number);
}

function forget(chart: Chart, prefix: string): void {
  for (const label of chart.lines.keys()) if (label.startsWith(prefix)) chart.lines.delete(label);
}

function add(chart: Chart, label: string, step: number, value: number): void {
  const line = chart.lines.get(label) ?? { label, steps: [], values: [], flagged: [] };
  chart.lines.set(label, line);
  line.steps.push(step);
  line.values.push(Number.isFinite(value) ? value : null);
  if (!Number.isFinite(value)) line.flagged.push({ step, value });
}

function makeChart(place: HTMLElement, metric: string): Chart {
  const figure = element('figure', 'chart');
  const head = element('figcaption', 'chart-head');
  const button = element('button', 'scale-button');
  button.type = 'button';
  head.append(element('span', 'chart-title', metric), button);
  const drawing = element('div', 'chart-place');
  const note = element('p', 'flagged');
  figure.append(head, drawing, note);
  place.append(figure);
  const chart: Chart = { metric, lines: new Map(), figure, place: drawing, note, button };
  button.addEventListener('click', () => {
    chart.log = !isLog(chart);
    draw(chart);
  });
  new ResizeObserver(() => chart.plot?.setSize({ width: drawing.clientWidth, height: chartHeight })).observe(drawing);
  return chart;
}

const chartHeight = 260;

function draw(chart: Chart): void {
  const lines = [...chart.lines.values()];
  const log = isLog(chart);
  const data = uPlot.join(lines.map(({ steps, values }) => inOrder(steps, values)));
  const made = `${log} ${lines.map(({ label }) => label).join('\n')}`;
  if (chart.plot && chart.made === made) {
    const zoomed = isZoomed(chart.plot);
    chart.plot.setData(data, !zoomed);
    if (zoomed) chart.plot.redraw();
  } else {
    chart.plot?.destroy();
    chart.plot = new uPlot(optionsOf(chart, log), data, chart.place);
    chart.made = made;
  }
  const last = lines.map(({ label, values }) => `${label} ${textOf(values.at(-1) ?? Number.NaN)}`);
  chart.place.setAttribute('role', 'img');
  chart.place.setAttribute('aria-label', `${chart.metric} against the step; latest: ${last.join(', ')}`);
  chart.button.textContent = log ? 'log scale' : 'linear scale';
  chart.button.setAttribute('aria-label', `${chart.metric}: ${log ? 'log' : 'linear'} scale; change it`);
  chart.button.hidden = !canBeLog(lines);
  chart.note.textContent = lines
    .filter(({ flagged }) => flagged.length > 0)
    .map(flagText)
    .join(' ');
}

/** Whether the user has dragged over a part of the chart: it stays in view while the curve goes on. */
function isZoomed({ data, scales: { x } }: UPlot): boolean {
  const steps = data[0];
  return steps.length > 0 && (x.min! > steps[0] || x.max! < steps[steps.length - 1]);
}

/** uPlot wants ascending steps. Those of a loop that went on from a checkpoint come in order, but need not. */
function inOrder(steps: readonly number[], values: readonly (number | null)[]): [number[], (number | null)[]] {
  const order = steps.map((_, i) => i).sort((a, b) => steps[a] - steps[b]);
  const last = order.filter((i, at) => steps[order[at + 1]] !== steps[i]);
  return [last.map((i) => steps[i]), last.map((i) => values[i])];
}

function flagText({ label, flagged }: Line): string {
  const [{ step, value }] = flagged;
  const more = flagged.length > 1 ? `, and ${flagged.length - 1} more` : '';
  return `Not finite in ${label}: ${value} at step ${step}${more}.`;
}

function canBeLog(lines: readonly Line[]): boolean {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  return values.length > 0 && values.every((value) => value > 0);
}

/** Unless the user chose otherwise, logarithmic where positive values span two decades. */
function isLog({ lines, log }: Chart): boolean {
  const all = [...lines.values()];
  if (!canBeLog(all)) return false;
  if (log !== undefined) return log;
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { values } of all) {
    for (const value of values) {
      if (value === null) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return most / least >= 100;
}

function optionsOf(chart: Chart, log: boolean): UPlot.Options {
  const labels = [...chart.lines.keys()];
  const font = '12px system-ui, sans-serif';
  const grid = { stroke: () => color('--line'), width: 1 };
  const axis = { stroke: () => color('--soft'), grid, font, labelFont: font, ticks: { show: false } };
  const lines = log ? { filter: decades, grid: { ...grid, filter: decades } } : {};
  const say = (_: UPlot, values: readonly (number | null)[]) => values.map((v) => (v === null ? '' : textOf(v)));
  return {
    width: chart.place.clientWidth,
    height: chartHeight,
    scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
    axes: [
      { ...axis, label: 'step', labelSize: 20, size: 30 },
      { ...axis, ...lines, size: 62, values: say },
    ],
    series: [
      { label: 'step' },
      ...labels.map((label, i) => ({
        label,
        stroke: () => color(`--series-${(i % colors) + 1}`),
        dash: i < colors ? undefined : [6, 4],
        width: 2,
        spanGaps: false,
        value: (_: UPlot, value: number | null) => (value === null ? '' : textOf(value)),
      })),
    ],
    hooks: { draw: [(plot) => markFlagged(plot, [...chart.lines.values()])] },
  };
}

/** Of the lines of a logarithmic scale the powers of ten, and of many decades some. */
function decades(_: UPlot, splits: readonly number[]): (number | null)[] {
  const exponents = splits.map((value) => Math.log10(value));
  const apart = Math.max(1, Math.ceil((exponents[exponents.length - 1] - exponents[0]) / 6));
  const shown = (exponent: number) => Math.abs(exponent / apart - Math.round(exponent / apart)) < 1e-6;
  // Within one decade there may be no power of ten at all.
  const some = exponents.filter(shown).length > 1;
  return splits.map((value, i) => (!some || shown(exponents[i]) ? value : null));
}

/** Series colours in the style sheet. */
const colors = 6;

/** A red line, with the word, where a value was not finite. */
function markFlagged(plot: UPlot, lines: readonly Line[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color('--fails');
  ctx.fillStyle = color('--fails');
  ctx.lineWidth = ratio;
  ctx.textAlign = 'left';
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  for (const { flagged } of lines) {
    for (const [i, { step, value }] of flagged.entries()) {
      const x = plot.valToPos(step, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      if (i === 0) ctx.fillText(String(value), x + 3 * ratio, bbox.top + 11 * ratio);
    }
  }
  ctx.restore();
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function textOf(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, kind: string, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}
