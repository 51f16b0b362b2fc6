import { describe, expect, it } from 'vitest';
import { experiment } from './fake-experiment.fixture.ts';
import { drawFigure } from './figure.ts';
import { type ReportedRun, renderOverview, renderReport } from './report.ts';
import { plainContext } from './run-context.ts';
import { settingsTable } from './settings.ts';
import { typeset } from './typeset.ts';
import { judgeClaims, overallVerdict } from './verdict.ts';

async function reported(changes: Partial<ReportedRun> = {}): Promise<ReportedRun> {
  const settings = experiment.settings.parse({ steps: 40 });
  const decay = await experiment.run(settings, plainContext(0, 5));
  const claims = judgeClaims(experiment, settings, decay);
  return {
    experiment,
    scale: 'smoke',
    seeds: 5,
    settings: settingsTable(experiment).map(({ name, doc, values }) => ({ name, doc, value: values.smoke })),
    claims,
    verdict: overallVerdict(claims),
    figures: experiment.figures(settings, decay).map((figure) => drawFigure(figure, experiment.name)),
    environment: {
      deeptheory: '1.2.3',
      runtime: 'onnxruntime 1.30',
      node: '20.20.2',
      platform: 'linux',
      cpu: 'CPU <fast>',
      cores: 2,
      memoryGiB: 8,
      threads: 'auto',
      device: 'cpu',
      seed: 0,
    },
    started: '2025-11-20T12:34:56.000Z',
    seconds: 4.2,
    ...changes,
  };
}

describe('renderReport', () => {
  it('stands alone: no script, nothing loaded', async () => {
    const page = renderReport(await reported());
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).not.toMatch(/<script|<link|@import|url\((?!#)|src=|javascript:/i);
    const addresses = [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    for (const address of addresses) expect(address).toMatch(/^(data:image\/png|https:\/\/arxiv\.org\/abs\/)/);
  });

  it('shows claims, verdicts, reasons, assumptions, settings, environment and BibTeX', async () => {
    const page = renderReport(await reported());
    for (const text of [
      '1 of 5 claims holds; D2 fails; D3, D5 inconclusive; D4 not applicable',
      '<span class="badge not-applicable">not applicable</span>',
      'Fails: Spearman correlation of k and time is not ≥ 0.9 in 5 of 5 seeds',
      'Inconclusive: the control did not behave as it must: ratio kept does not exist in 1 of 2 seeds.',
      '✗ Assumed, but not met: The width exceeds the number of samples (width 64, 200 samples)',
      'Control: all eigenvalues equal',
      '≤ 1 × 10<sup>−6</sup>',
      'Step size of gradient descent',
      'CPU &#60;fast&#62;, 2 cores, 8 GiB',
      '@article{example2024decay,',
      '2025-11-20 12:34 UTC',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('escapes what the experiment says', async () => {
    const page = renderReport(await reported());
    expect(page).toContain('&#60;of the input&#62; &#38; at every amplitude.');
    expect(page).not.toContain('<of the input>');
  });

  it('uses every id and every chart class once', async () => {
    const page = renderReport(await reported());
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const charts = [...page.matchAll(/<svg class="(p-[^"]+)"/g)].map((match) => match[1]);
    expect(new Set(charts).size).toBe(charts.length);
  });
});

describe('renderOverview', () => {
  it('lists every result, the broken ones too', async () => {
    const run = await reported();
    const page = renderOverview([run, { name: 'no-barriers', message: 'data set <cifar10> is missing' }]);
    expect(page).toContain('1 of 5 claims from 2 results hold');
    expect(page).toContain('<a href="#fake-decay">');
    expect(page).toContain('<span class="badge broken">broke</span>');
    expect(page).toContain('data set &#60;cifar10&#62; is missing');
  });

  it('says so when every result broke', () => {
    expect(renderOverview([{ name: 'a', message: 'no' }])).toContain('0 of 0 claims from 1 result hold');
  });
});

it('typesets minus signs and powers of ten, and leaves words alone', () => {
  expect(typeset('-3.2e-7 [-1, 2e9]').markup).toBe('−3.2 × 10<sup>−7</sup> [−1, 2 × 10<sup>9</sup>]');
  expect(typeset('every ≥ 0.9').markup).toBe('every ≥ 0.9');
  expect(typeset('<b>').markup).toBe('&#60;b&#62;');
  expect(typeset('k^-2, k^-(d+1), x^2 and A_i').markup).toBe(
    'k<sup>−2</sup>, k<sup>−(d+1)</sup>, x<sup>2</sup> and A<sub>i</sub>',
  );
  expect(typeset('a - b on L = 8').markup).toBe('a − b on L\u00a0=\u00a08');
  expect(typeset('k >= 2, |x| <= 1; well-known step_size').markup).toBe('k ≥ 2, |x| ≤ 1; well-known step_size');
});
