/** The claims matrix: what the latest finished run of every result found, scale by scale. */
import { verdictText } from '../lab/check-text.ts';
import { html, type Markup } from '../lab/html.ts';
import type { Experiment, Scale, Verdict } from '../results/contract.ts';
import { badge, dateText, type Page, seedsText } from './page.ts';
import type { LatestRun, LatestRuns } from './runs.ts';

const scales: readonly Scale[] = ['smoke', 'small', 'paper'];

/** Beside the colour, for those who do not see it. */
const signs: Readonly<Record<Verdict, string>> = { holds: '✓', fails: '✗', inconclusive: '?', 'not-applicable': '–' };

export type ListedExperiment = Pick<Experiment, 'name' | 'title' | 'claims'>;

export function claimsPage(experiments: readonly ListedExperiment[], latest: LatestRuns): Page {
  const known = new Set(experiments.map(({ name }) => name));
  const others = [...latest.keys()].filter((name) => !known.has(name));
  const rows = [
    ...experiments.map((experiment) => matrixRow(experiment, latest.get(experiment.name) ?? {})),
    ...others.map((name) => matrixRow({ name, title: name, claims: [] }, latest.get(name) ?? {})),
  ];
  const body = html`
<header>
  <h1>Claims</h1>
  <p class="meta">What the latest finished run of each result found at each scale. A claim opens the measurement behind it.</p>
</header>
<div id="matrix" data-live>
<p class="tally">${tally(latest)}</p>
<div class="scroll"><table class="matrix">
<thead><tr><th scope="col">Result</th>${scales.map((scale) => html`<th scope="col">${scale}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div></div>
<dl class="key">${(Object.keys(signs) as Verdict[]).map((verdict) => html`<dt><span class="chip ${verdict}">${signs[verdict]}</span></dt><dd>${meanings[verdict]}</dd>`)}</dl>`;
  return { title: 'Claims', section: 'claims', body };
}

const meanings: Readonly<Record<Verdict, string>> = {
  holds: 'holds: every check is within its bound, and the control behaves as it must',
  fails: 'fails: a check lies outside its bound',
  inconclusive: 'inconclusive: the interval over seeds straddles the bound, or the control went astray',
  'not-applicable': 'not applicable: an assumption of the theorem is not met in this setting',
};

function matrixRow(experiment: ListedExperiment, runs: Partial<Record<Scale, LatestRun>>): Markup {
  const { name, title } = experiment;
  const heading = title === name ? undefined : html`${title}<br>`;
  return html`<tr><th scope="row">${heading}<a class="name" href="/?result=${name}">${name}</a></th>${scales.map((scale) => cell(experiment, scale, runs[scale]))}</tr>`;
}

function cell({ name, claims }: ListedExperiment, scale: Scale, run: LatestRun | undefined): Markup {
  if (run === undefined) return html`<td data-label="${scale}"><span class="meta">not run</span></td>`;
  const { summary, path } = run;
  const chips = Object.entries(summary.claims).map(([id, verdict]) => {
    const statement = claims.find((claim) => claim.id === id)?.statement ?? '';
    return html`<a class="chip ${verdict}" href="/run/${path}#${name}-${id}" title="${statement}" aria-label="${id} ${verdict}">${id} ${signs[verdict]}</a> `;
  });
  return html`<td data-label="${scale}"><a href="/run/${path}">${badge(summary.verdict)}</a> <span class="meta">${seedsText(summary.seeds)}, ${dateText(summary.started)}</span><div class="chips">${chips}</div></td>`;
}

const plurals: Partial<Record<Verdict, string>> = { holds: 'hold', fails: 'fail' };

/** `12 hold`, `1 fails`, over all results and scales. */
function tally(latest: LatestRuns): Markup | string {
  const runs = [...latest.values()].flatMap((row) => Object.values(row));
  if (runs.length === 0) return 'No run has finished yet.';
  const verdicts = runs.flatMap(({ summary }) => Object.values(summary.claims));
  const count = (verdict: Verdict) => verdicts.filter((other) => other === verdict).length;
  const parts = (Object.keys(signs) as Verdict[])
    .filter((verdict) => count(verdict) > 0)
    .map(
      (verdict) =>
        html`<span class="chip ${verdict}">${count(verdict)} ${count(verdict) === 1 ? verdictText(verdict) : (plurals[verdict] ?? verdictText(verdict))}</span> `,
    );
  return html`${parts} <span class="meta">from ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} of ${latest.size} ${latest.size === 1 ? 'result' : 'results'}</span>`;
}
