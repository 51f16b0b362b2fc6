/** @file Trains on every runtime that this browser offers and compares with Node. What was found is on `window.found`. */
import * as Plot from '@observablehq/plot';
import { configure, type Device, runtimeVersion, UserError } from '../src/index.ts';
import { train } from './training.ts';

export interface Run {
  readonly runtime: string;
  readonly milliseconds: number;
  readonly losses: readonly number[];
}

export interface Found {
  readonly runs: readonly (Run & { readonly device: Device; readonly difference: number })[];
  /** Why a device was left out. */
  readonly missing: Partial<Record<Device, string>>;
}

declare global {
  /** Node's run of the same training, put here by the build. */
  const expected: Run;
  interface Window {
    found?: Found | { readonly failure: string };
  }
}

/** The losses are of the order of 1 at the start. */
const tolerance = 1e-5;

const element = (id: string) => document.getElementById(id)!;

function say(text: string, outcome = ''): void {
  element('status').textContent = text;
  element('status').className = outcome;
}

function addRow({ runtime, milliseconds, losses }: Run, difference?: number): void {
  const cells = [
    runtime,
    milliseconds.toFixed(2),
    losses.at(-1)!.toFixed(5),
    difference === undefined ? '' : difference.toExponential(1),
  ];
  const row = element('runs').querySelector('tbody')!.insertRow();
  for (const text of cells) row.insertCell().textContent = text;
}

/** Curves lie on top of each other where all is well: the later ones are drawn thinner. */
function draw(runs: readonly Run[]): void {
  const curves = Plot.plot({
    width: 720,
    height: 320,
    marginLeft: 55,
    style: { fontSize: '13px', background: 'transparent' },
    x: { label: 'step' },
    y: { type: 'log', label: 'loss', grid: true, tickFormat: '~g' },
    color: { legend: true, domain: runs.map(({ runtime }) => runtime), scheme: 'Observable10' },
    marks: runs.map(({ runtime, losses }, i) =>
      Plot.lineY(losses, { stroke: () => runtime, strokeWidth: 7 - 2.5 * i, strokeLinecap: 'round' }),
    ),
  });
  element('curves').replaceChildren(curves);
}

async function measure(): Promise<Found> {
  const runs: Found['runs'][number][] = [];
  const missing: Found['missing'] = {};
  addRow(expected);
  for (const device of ['cpu', 'webgpu'] as const) {
    configure({ device });
    try {
      const runtime = await runtimeVersion();
      say(`Training on ${runtime} …`);
      const { losses, milliseconds } = await train();
      const difference = Math.max(...losses.map((loss, i) => Math.abs(loss - expected.losses[i])));
      runs.push({ device, runtime, milliseconds, losses, difference });
      addRow(runs.at(-1)!, difference);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      missing[device] = error.message;
    }
    draw([expected, ...runs]);
  }
  return { runs, missing };
}

try {
  const found = await measure();
  const agrees = found.runs.every(({ difference }) => difference < tolerance);
  const left = found.missing.webgpu === undefined ? '' : ' This browser offers no WebGPU adapter.';
  say(
    agrees
      ? `Every loss agrees with Node’s to ${tolerance}.${left}`
      : `Some loss differs by more than ${tolerance}.${left}`,
    agrees ? 'agrees' : 'differs',
  );
  window.found = found;
} catch (error) {
  const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(failure, 'differs');
  window.found = { failure };
}
