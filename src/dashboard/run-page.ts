/** One run: where it stands, its curves, what it found. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tallyText } from '../lab/check-text.ts';
import { claimsTable } from '../lab/claims-table.ts';
import { type Content, html, type Markup } from '../lab/html.ts';
import { type RunRecord, readClaims, readEnvironment } from '../lab/run-record.ts';
import { settingsTable, settingText, type WithSettings } from '../lab/settings.ts';
import type { Experiment } from '../results/contract.ts';
import { badge, computedText, dateText, type Page, progressBar, seedsText, stateBadge, threadsText } from './page.ts';
import { pathOf } from './runs.ts';

type ShownExperiment = Pick<Experiment, 'title'> & WithSettings;

/** @param experiment absent where the program has no such result (any more) */
export function runPage(run: RunRecord, experiment: ShownExperiment | undefined): Page {
  const { config, name, folder } = run;
  const path = pathOf(folder);
  const title = experiment?.title ?? config.result;
  const body = html`
<header>
  <p class="kicker"><a href="/">Runs</a> › <a href="/?result=${config.result}">${config.result}</a> › ${name}</p>
  <h1>${title}</h1>
  <div id="state" data-live>${standing(run)}</div>
</header>
<div id="claims" data-live>${claimsSection(run)}</div>
<section aria-labelledby="curves-title">
<h2 class="section" id="curves-title">Curves</h2>
${curves([path])}
</section>
<h2 class="section">Run</h2>
<div id="facts" data-live>${factsSection(run)}</div>
<h2 class="section">Settings</h2>
${settingsSection(run, experiment)}`;
  return { title: `${config.result} ${run.id}`, section: 'runs', body, curves: true };
}

/** Where the script draws the curves of some runs. */
export function curves(paths: readonly string[]): Markup {
  return html`<div id="curves" data-runs="${paths.join(' ')}"><p class="meta" id="curves-status">Loading the metrics …</p><noscript><p>Curves need JavaScript. The figures of a finished run are in its report.</p></noscript></div>`;
}

function standing(run: RunRecord): Markup {
  const { state, summary, exit, id, folder } = run;
  const claims = state === 'finished' && summary ? readClaims(folder) : [];
  const goOn = state !== 'running' && state !== 'finished';
  const error = state === 'failed' ? exit?.message : undefined;
  return html`<p class="outcome">${stateBadge(state)} ${summary && state === 'finished' ? html`${badge(summary.verdict)} <span>${tallyText(claims)}</span>` : undefined} ${reportLink(run)}</p>
${progressBar(run)}
${error ? html`<pre class="error">${error}</pre>` : undefined}
${goOn ? html`<p class="meta">${goOnText[state]} Go on with <code>deeptheory resume ${id}</code></p>` : undefined}`;
}

const goOnText: Readonly<Record<string, string>> = {
  waiting: 'No process has taken it yet.',
  failed: 'Nothing that was measured is lost.',
  interrupted: 'It was stopped, and nothing that was measured is lost.',
  crashed: 'Its process is gone without a word (killed, out of memory, or the machine went down).',
};

function reportLink({ folder }: RunRecord): Markup | undefined {
  if (!existsSync(join(folder, 'report.html'))) return undefined;
  return html`<a class="button" href="/run/${pathOf(folder)}/report.html">Open the report</a>`;
}

function claimsSection({ folder, config, summary, state }: RunRecord): Markup | undefined {
  if (summary === undefined || state !== 'finished') return undefined;
  return html`<h2 class="section">Claims</h2>
${claimsTable(config.result, readClaims(folder), badge)}`;
}

function settingsSection({ config }: RunRecord, experiment: ShownExperiment | undefined): Markup {
  const docs = new Map(experiment && settingsTable(experiment).map(({ name, doc }) => [name, doc]));
  return html`<div class="scroll"><table class="settings"><tbody>${Object.entries(config.settings).map(
    ([name, value]) =>
      html`<tr><th scope="row">${name}</th><td class="value">${settingText(value)}</td><td class="doc">${docs.get(name)}</td></tr>`,
  )}</tbody></table></div>`;
}

function factsSection(run: RunRecord): Markup {
  const { config, attempt, attempts, state, folder, heartbeat } = run;
  const rows: [string, Content][] = [
    ['scale', `${config.scale}, ${seedsText(config.seeds)} from ${config.seed}`],
    ['computed on', `${config.device}, ${threadsText(config.threads)}`],
    ['begun', dateText(config.started)],
    ['computed', computedText(run)],
    ['attempts', attempts],
    ['process', attempt && state === 'running' ? `${attempt.process.pid} on ${attempt.process.host}` : undefined],
    ['last sign of life', heartbeat && state !== 'finished' ? dateText(heartbeat.time) : undefined],
    ...environmentRows(folder),
    ['folder', html`<code>${folder}</code>`],
  ];
  return pairs(rows.filter(([, value]) => value !== undefined && value !== ''));
}

/** None where the run has not come so far. */
export function environmentRows(folder: string): [string, string][] {
  if (!existsSync(join(folder, 'environment.json'))) return [];
  const { deeptheory, commit, runtime, cpu, cores, platform, node } = readEnvironment(folder);
  return [
    ['deeptheory', commit ? `${deeptheory} (${commit})` : deeptheory],
    ['runtime', runtime],
    ['processor', `${cpu}, ${cores} cores`],
    ['system', `${platform}, Node ${node}`],
  ];
}

function pairs(rows: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="pairs">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
