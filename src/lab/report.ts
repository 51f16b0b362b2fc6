/** Reports: one self-contained HTML file per run, and one over several results. No script, nothing loaded. */

import type { Experiment, Scale, Verdict } from '../results/contract.ts';
import { tallyText, verdictText } from './check-text.ts';
import { bibtex, citationText } from './citation.ts';
import { claimsTable } from './claims-table.ts';
import type { Environment } from './environment.ts';
import type { DrawnFigure, DrawnPanel } from './figure.ts';
import { type Content, html, type Markup, raw } from './html.ts';
import { durationText } from './number-text.ts';
import { reportStyle } from './report-style.ts';
import { settingText } from './settings.ts';
import { typeset } from './typeset.ts';
import type { ClaimVerdict } from './verdict.ts';

/** Everything a report shows of a run. */
export interface ReportedRun {
  readonly experiment: Pick<Experiment, 'name' | 'title' | 'summary' | 'citation'>;
  readonly scale: Scale;
  readonly seeds: number;
  readonly settings: readonly { readonly name: string; readonly value: unknown; readonly doc: string }[];
  readonly claims: readonly ClaimVerdict[];
  readonly verdict: Verdict;
  readonly figures: readonly DrawnFigure[];
  readonly environment: Environment;
  /** ISO date. */
  readonly started: string;
  readonly seconds: number;
}

/** A result whose run broke: a row of the overview, never a reason to lose the others. */
export interface BrokenRun {
  readonly name: string;
  readonly message: string;
}

/** The report of one run. */
export function renderReport(run: ReportedRun): string {
  return page(run.experiment.title, html`${article(run, 1)}${environmentSection(run.environment, 2)}${footer(run)}`);
}

/** One report over several results: an overview, then each result. */
export function renderOverview(runs: readonly (ReportedRun | BrokenRun)[]): string {
  const whole = runs.filter((run): run is ReportedRun => 'experiment' in run);
  const claims = whole.flatMap((run) => run.claims);
  const holding = claims.filter((claim) => claim.verdict === 'holds').length;
  const seconds = whole.reduce((sum, run) => sum + run.seconds, 0);
  const title = 'Theory against measurement';
  const body = html`
<header>
  <p class="kicker">deeptheory · ${whole[0]?.scale ?? ''} scale · ${durationText(seconds)}</p>
  <h1>${title}</h1>
  <p class="lead">${holding} of ${claims.length} claims from ${runs.length} ${runs.length === 1 ? 'result' : 'results'} hold. Every claim was made falsifiable before it was measured; those that fail are shown as they are.</p>
</header>
<table class="overview">
  <thead><tr><th scope="col">Result</th><th scope="col">Verdict</th><th scope="col">Claims</th><th scope="col">Time</th></tr></thead>
  <tbody>${runs.map(overviewRow)}</tbody>
</table>
${whole.map((run) => html`<div class="result" id="${run.experiment.name}">${article(run, 2)}</div>`)}
${whole.length > 0 ? environmentSection(whole[0].environment, 2) : undefined}
${whole.length > 0 ? footer(whole[0]) : undefined}`;
  return page(title, body);
}

function overviewRow(run: ReportedRun | BrokenRun): Markup {
  if (!('experiment' in run)) {
    return html`<tr><td class="name">${run.name}</td><td><span class="badge broken">broke</span></td><td>${run.message}</td><td></td></tr>`;
  }
  const { experiment, verdict, claims, seconds } = run;
  return html`<tr><td><a href="#${experiment.name}">${experiment.title}</a><br><span class="name">${experiment.name}</span></td><td>${badge(verdict)}</td><td>${tallyText(claims)}</td><td class="meta">${durationText(seconds)}</td></tr>`;
}

function article(run: ReportedRun, level: number): Markup {
  const { experiment, scale, seeds, claims, figures, settings, started, seconds } = run;
  const when = `${started.slice(0, 10)} ${started.slice(11, 16)} UTC`;
  return html`
<article>
<header>
  <p class="kicker">${experiment.name} · ${scale} scale · ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} · ${when} · ${durationText(seconds)}</p>
  ${heading(level, 'title', experiment.title)}
  <p class="lead">${typeset(experiment.summary)}</p>
  <p class="meta">${citationText(experiment.citation)}</p>
  <p class="outcome">${badge(run.verdict)} <span>${tallyText(claims)}</span></p>
</header>
${heading(level + 1, 'section', 'Claims')}
${claimsTable(experiment.name, claims, badge)}
${figures.length > 0 ? heading(level + 1, 'section', 'Figures') : undefined}
${figures.map((figure, i) => figureSection(figure, i + 1, level + 2))}
${heading(level + 1, 'section', 'Settings')}
${settingsTable(settings)}
${heading(level + 1, 'section', 'Citation')}
${citation(experiment.citation)}
</article>`;
}

export function figureSection(figure: DrawnFigure, number: number, level: number): Markup {
  const alone = figure.panels.length === 1;
  return html`<section class="figure">
${heading(level, 'figure-title', `Figure ${number}. ${figure.title}`)}
<p>${typeset(figure.caption)}</p>
<div class="panels${alone ? ' alone' : ''}">${figure.panels.map((panel) => panelMarkup(panel, figure.title))}</div>
</section>`;
}

function panelMarkup({ title, wide, narrow }: DrawnPanel, figureTitle: string): Markup {
  const label = title ?? figureTitle;
  const drawing = (kind: string, text: string | undefined) =>
    text === undefined ? undefined : html`<div class="${kind}" role="img" aria-label="${label}">${raw(text)}</div>`;
  return html`<div class="panel">${title ? html`<p class="label">${title}</p>` : undefined}${drawing(narrow ? 'wide' : 'both', wide)}${drawing('narrow', narrow)}</div>`;
}

export function settingsTable(settings: ReportedRun['settings']): Markup {
  return html`<table class="settings">
<thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead>
<tbody>${settings.map(({ name, value, doc }) => html`<tr><td>${name}</td><td class="value">${settingText(value)}</td><td class="doc">${doc}</td></tr>`)}</tbody>
</table>`;
}

export function environmentSection(environment: Environment, level: number): Markup {
  const { deeptheory, commit, runtime, node, platform, cpu, cores, memoryGiB, threads, device, seed } = environment;
  const rows: [string, Content][] = [
    ['deeptheory', commit ? `${deeptheory} (${commit})` : deeptheory],
    ['runtime', runtime],
    ['threads', String(threads)],
    ['device', device],
    ['first seed', seed],
    ['processor', `${cpu}, ${cores} cores, ${memoryGiB} GiB`],
    ['system', `${platform}, Node ${node}`],
  ];
  return html`${heading(level, 'section', 'Environment')}
<dl class="pairs">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

export function citation(paper: Experiment['citation']): Markup {
  const link = paper.arxiv
    ? html` <a href="https://arxiv.org/abs/${paper.arxiv}">arxiv.org/abs/${paper.arxiv}</a>`
    : undefined;
  return html`<p>${citationText(paper)}${link}</p>
<pre>${bibtex(paper)}</pre>`;
}

function footer({ environment }: ReportedRun): Markup {
  return html`<footer>Written by deeptheory ${environment.deeptheory}. The figures are drawn from the measurements in <code>measurements.json</code>, the table from <code>claims.json</code>, beside this file or in the run's folder.</footer>`;
}

export function badge(verdict: Verdict): Markup {
  return html`<span class="badge ${verdict}">${verdictText(verdict)}</span>`;
}

export function heading(level: number, kind: string, text: string): Markup {
  return html`${raw(`<h${level} class="${kind}">`)}${text}${raw(`</h${level}>`)}`;
}

export function page(title: string, body: Markup): string {
  return html`${raw('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – deeptheory</title>
<style>${raw(reportStyle)}</style>
</head>
<body>
<main>${body}
</main>
</body>
</html>
`.markup;
}
