import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compareRuns } from './compare-runs.ts';
import { recordedRun } from './recorded-run.fixture.ts';
import { type RunConfig, readClaims } from './run-record.ts';
import type { ClaimVerdict } from './verdict.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-compare-'));
afterAll(() => rmSync(out, { recursive: true }));

let folders: string[] = [];
let compared: Comparison;
beforeAll(async () => {
  folders = [await recordedRun(out), await recordedRun(out, ['rate=0.01', 'frequencies=1,2'], { seed: 8, seeds: 3 })];
  compared = compareRuns(folders);
});

/** Changes a file of a run. */
function edit<T>(folder: string, name: string, change: (value: T) => unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(change(JSON.parse(readFileSync(join(folder, name), 'utf8')) as T)));
}

it('tells what was asked differently, and nothing else', () => {
  expect(compared.settings).toEqual([
    { name: 'seeds', values: [5, 3] },
    { name: 'seed', values: [7, 8] },
    { name: 'rate', values: [0.002, 0.01] },
    {
      name: 'frequencies',
      values: [
        [1, 2, 4, 8, 16],
        [1, 2],
      ],
    },
  ]);
  expect(compared.environment).toEqual([]);
});

it('has every check of every claim as each run judged it', () => {
  const judged = folders.map(readClaims);
  expect(compared.claims.map(({ id, verdicts }) => [id, ...verdicts])).toEqual(
    judged[0].map((claim, i) => [claim.id, claim.verdict, judged[1][i].verdict]),
  );
  expect(compared.claims.map(({ checks }) => checks.map(({ outcomes }) => outcomes))).toEqual(
    judged[0].map((claim, i) => claim.checks.map((check, j) => [check, judged[1][i].checks[j]])),
  );
});

it('has the last record of every metric', () => {
  expect(compared.metrics).toEqual([
    { stage: 'training', name: 'loss', last: Array(2).fill({ step: 9, value: 2 ** -9 }) },
    { stage: 'training', name: 'error', last: Array(2).fill({ step: 9, value: Number.NaN }) },
  ]);
});

describe('what only some runs have', () => {
  it('is null for the others', async () => {
    const other = await recordedRun(out);
    rmSync(join(other, 'environment.json'));
    rmSync(join(other, 'metrics.jsonl'));
    edit(other, 'config.json', ({ settings: { rate: _, ...settings }, ...config }: RunConfig) => ({
      ...config,
      settings,
    }));
    edit(other, 'claims.json', ([first]: ClaimVerdict[]) => [first]);
    const { settings, environment, claims, metrics } = compareRuns([folders[0], other]);
    expect(settings).toEqual([{ name: 'rate', values: [0.002, null] }]);
    expect(environment.find(({ name }) => name === 'node')?.values).toEqual([process.versions.node, null]);
    expect(claims.map(({ verdicts }) => verdicts[1])).toEqual([claims[0].verdicts[0], null, null, null, null]);
    expect(claims[1].checks[0].outcomes[1]).toBeNull();
    expect(metrics[0].last[1]).toBeNull();
  });

  it('keeps claims of two results apart, and checks of one quantity', async () => {
    const other = await recordedRun(out);
    edit(other, 'config.json', (config: object) => ({ ...config, result: 'other' }));
    edit(other, 'claims.json', ([{ checks, ...claim }]: { checks: object[] }[]) => [
      { ...claim, checks: [checks[0], checks[0]] },
    ]);
    const { claims } = compareRuns([folders[0], other]);
    expect(claims).toHaveLength(6);
    expect(claims[5]).toMatchObject({ result: 'other', id: 'D1', verdicts: [null, expect.any(String)] });
    expect(claims[5].checks).toHaveLength(2);
  });
});

it('refuses what is no run, and a damaged file by name', async () => {
  expect(() => compareRuns([folders[0], out])).toThrow('is not the folder of a run');
  const damaged = await recordedRun(out);
  writeFileSync(join(damaged, 'metrics.jsonl'), '{"stage"\n');
  expect(() => compareRuns([folders[0], damaged])).toThrow('line 1 of its metrics.jsonl cannot be read');
});
