/** The report of a sweep: one self-contained HTML file, as that of a run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../results/contract.ts';
import { tallyText } from './check-text.ts';
import { citationText } from './citation.ts';
import { claimsTable } from './claims-table.ts';
import { drawFigure } from './figure.ts';
import { html, type Markup } from './html.ts';
import { durationText } from './number-text.ts';
import { badge, citation, environmentSection, figureSection, heading, page, settingsTable } from './report.ts';
import { openRunFolder } from './run-folder.ts';
import { readEnvironment } from './run-record.ts';
import { settingsTable as settingRows } from './settings.ts';
import type { Sweep } from './sweep.ts';
import { sweepFigures } from './sweep-figures.ts';
import { type PointFailure, pointFolder, pointText, type SweepGroup, type SweepSummary } from './sweep-status.ts';

/** Writes `report.html`, of what there is so far. */
export function writeSweepReport(sweep: Sweep, experiment: Experiment, summary: SweepSummary): void {
  openRunFolder(sweep.folder).write('report.html', renderSweepReport(sweep, experiment, summary));
}

export function renderSweepReport(sweep: Sweep, experiment: Experiment, summary: SweepSummary): string {
  const { name, title } = experiment;
  const { groups, claims, failures } = summary;
  const figures = sweepFigures(groups).map((figure) => drawFigure(figure, name));
  const begun = sweep.config.points
    .map((point) => pointFolder(sweep, point))
    .find((path) => existsSync(join(path, 'environment.json')));
  const body = html`
<article>
${header(sweep, experiment, summary)}
${failures.length > 0 ? html`${heading(2, 'section', 'Points without a result')}${failuresTable(failures)}` : undefined}
${groups.length > 1 ? html`${heading(2, 'section', 'Verdicts over the grid')}${gridTable(groups)}` : undefined}
${figures.length > 0 ? heading(2, 'section', 'Claims over the grid') : undefined}
${figures.map((figure, i) => figureSection(figure, i + 1, 3))}
${claims.length > 0 ? html`${heading(2, 'section', groups.length > 1 ? 'Claims, over all points' : 'Claims')}${claimsTable(name, claims, badge)}` : undefined}
${groups.length > 1 ? html`${heading(2, 'section', 'Claims, by value')}${groups.map((group, i) => groupDetails(name, group, i))}` : undefined}
${heading(2, 'section', 'Settings')}
${settingsTable(settingsOf(sweep, experiment))}
${heading(2, 'section', 'Citation')}
${citation(experiment.citation)}
</article>
${begun === undefined ? undefined : environmentSection(readEnvironment(begun), 2)}
<footer>Drawn from the runs of this sweep, each in a folder of its own beside this file; the numbers are in <code>summary.json</code>.</footer>`;
  return page(`${title}: sweep`, body);
}

function header(sweep: Sweep, experiment: Experiment, summary: SweepSummary): Markup {
  const { scale, seeds, started } = sweep.config;
  const { states, seconds, verdict, claims, groups } = summary;
  const points = Object.entries(states).filter(([, n]) => n > 0);
  const total = points.reduce((sum, [, n]) => sum + n, 0);
  const when = `${started.slice(0, 10)} ${started.slice(11, 16)} UTC`;
  return html`<header>
  <p class="kicker">${experiment.name} · sweep · ${scale} scale · ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} per value · ${when} · ${durationText(seconds)} computed</p>
  ${heading(1, 'title', experiment.title)}
  <p class="lead">${experiment.summary}</p>
  <p class="meta">${citationText(experiment.citation)}</p>
  <p class="outcome">${groups.length > 0 ? badge(verdict) : undefined} <span>${total} points: ${points.map(([state, n]) => `${n} ${state}`).join(', ')}${claims.length > 0 ? `; over all of them ${tallyText(claims)}` : ''}</span></p>
</header>`;
}

function failuresTable(failures: readonly PointFailure[]): Markup {
  return html`<table class="grid">
<thead><tr><th scope="col">Point</th><th scope="col">State</th><th scope="col">Error</th><th scope="col">Run</th></tr></thead>
<tbody>${failures.map(({ point, state, error }) => html`<tr><td class="value">${pointText(point.values, point.seed)}</td><td>${state}${point.replacedBy ? ', replaced by another seed' : ''}</td><td>${error}</td><td class="value">${point.run.slice(-6)}</td></tr>`)}</tbody>
</table>`;
}

function gridTable(groups: readonly SweepGroup[]): Markup {
  const ids = [...new Set(groups.flatMap(({ claims }) => claims.map(({ id }) => id)))];
  const cell = ({ claims }: SweepGroup, id: string) => {
    const claim = claims.find((one) => one.id === id);
    return html`<td>${claim ? badge(claim.verdict) : '–'}</td>`;
  };
  return html`<table class="grid">
<thead><tr><th scope="col">Values</th><th scope="col">n</th>${ids.map((id) => html`<th scope="col">${id}</th>`)}</tr></thead>
<tbody>${groups.map((group, i) => html`<tr><td class="value"><a href="#group-${i}">${pointText(group.values)}</a></td><td>${group.n}</td>${ids.map((id) => cell(group, id))}</tr>`)}</tbody>
</table>`;
}

function groupDetails(scope: string, group: SweepGroup, index: number): Markup {
  const { values, n, claims, verdict } = group;
  return html`<details id="group-${index}"><summary>${pointText(values)}, ${n} ${n === 1 ? 'point' : 'points'} ${badge(verdict)}</summary>
${claimsTable(`${scope}-${index}`, claims, badge)}</details>`;
}

/** All values of the settings that vary, the one of the others. */
function settingsOf({ config }: Sweep, experiment: Experiment): Parameters<typeof settingsTable>[0] {
  return settingRows(experiment).map(({ name, doc }) => {
    const values = [
      ...new Map(config.points.map(({ settings }) => [JSON.stringify(settings[name]), settings[name]])).values(),
    ];
    return {
      name,
      doc,
      value: values.length === 1 ? values[0] : values.map((value) => (Array.isArray(value) ? `[${value}]` : value)),
    };
  });
}
