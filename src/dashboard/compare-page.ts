/** Runs side by side: what was asked of them, what they found, and their curves in the same axes. */
import { measuredText } from '../lab/check-text.ts';
import { type Content, html, type Markup } from '../lab/html.ts';
import { type RunRecord, readClaims } from '../lab/run-record.ts';
import { settingText } from '../lab/settings.ts';
import { typeset } from '../lab/typeset.ts';
import type { ClaimVerdict } from '../lab/verdict.ts';
import { badge, computedText, dateText, type Page, progressBar, seedsText, stateBadge, threadsText } from './page.ts';
import { curves, environmentRows } from './run-page.ts';
import { pathOf } from './runs.ts';

/** More columns than this are not read side by side. */
export const mostCompared = 6;

export function comparePage(runs: readonly RunRecord[]): Page {
  const body = html`
<header>
  <p class="kicker"><a href="/">Runs</a> › Compare</p>
  <h1>${runs.length} runs side by side</h1>
  <p class="meta">A bar marks the rows in which they differ.</p>
</header>
<div class="scroll" id="comparison" data-live><table class="compare">
<thead><tr><th scope="col"><span class="unseen">What</span></th>${runs.map(heading)}</tr></thead>
${group('Outcome', runs.length, outcomeRows(runs))}
${group('Claims', runs.length, claimRows(runs))}
${group('Settings', runs.length, settingRows(runs))}
${group('Run', runs.length, factRows(runs))}
</table></div>
<section aria-labelledby="curves-title">
<h2 class="section" id="curves-title">Curves</h2>
${curves(runs.map(({ folder }) => pathOf(folder)))}
</section>`;
  return { title: 'Compare', section: 'runs', body, curves: true };
}

/** What to do where there are not enough runs to compare, or too many. */
export function compareHelp(found: number): Page {
  const body = html`<header><h1>Compare</h1></header>
<p>${found > mostCompared ? `${found} runs do not fit side by side; choose at most ${mostCompared}` : 'Choose two or more'} in <a href="/">the list of runs</a>.</p>`;
  return { title: 'Compare', section: 'runs', body };
}

interface Row {
  readonly name: Content;
  readonly cells: readonly Content[];
  /** Whether the runs differ. */
  readonly differs: boolean;
}

function row(name: Content, texts: readonly string[], cells: readonly Content[] = texts): Row {
  return { name, cells, differs: new Set(texts).size > 1 };
}

function heading({ config, name, folder }: RunRecord): Markup {
  return html`<th scope="col"><a href="/run/${pathOf(folder)}">${config.result}</a><br><span class="name">${name}</span></th>`;
}

function group(title: string, columns: number, rows: readonly Row[]): Markup | undefined {
  if (rows.length === 0) return undefined;
  return html`<tbody><tr class="group"><th scope="rowgroup" colspan="${columns + 1}">${title}</th></tr>${rows.map(
    ({ name, cells, differs }) =>
      html`<tr${differs ? html` class="differs"` : undefined}><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody>`;
}

function outcomeRows(runs: readonly RunRecord[]): Row[] {
  const states = runs.map(({ state }) => state);
  const verdicts = runs.map(({ summary }) => summary?.verdict ?? '');
  return [
    row(
      'state',
      states,
      runs.map((run) => html`${stateBadge(run.state)}${progressBar(run)}`),
    ),
    row(
      'verdict',
      verdicts,
      runs.map(({ summary }) => (summary ? badge(summary.verdict) : undefined)),
    ),
  ];
}

/** A row per claim of any of the runs: the verdict, and each check's measured value. */
function claimRows(runs: readonly RunRecord[]): Row[] {
  const found = runs.map(({ summary, folder }) => (summary ? readClaims(folder) : []));
  // Ids are a result's own: B1 of another one is another claim.
  const key = (run: RunRecord, claim: ClaimVerdict) => `${run.config.result} ${claim.id}`;
  const claims = new Map(runs.flatMap((run, i) => found[i].map((claim) => [key(run, claim), claim] as const)));
  return [...claims].map(([wanted, { id, statement }]) => {
    const own = runs.map((run, i) => found[i].find((claim) => key(run, claim) === wanted));
    return row(
      html`<span class="id">${id}</span> ${typeset(statement)}`,
      own.map((claim) => claim?.verdict ?? ''),
      own.map((claim) => claim && html`${badge(claim.verdict)}<ul>${claim.checks.map(checkLine)}</ul>`),
    );
  });
}

function checkLine(check: ClaimVerdict['checks'][number]): Markup {
  return html`<li>${typeset(check.quantity)}: <span class="number">${typeset(measuredText(check))}</span></li>`;
}

function settingRows(runs: readonly RunRecord[]): Row[] {
  const names = new Set(runs.flatMap(({ config }) => Object.keys(config.settings)));
  const text = ({ config }: RunRecord, name: string) =>
    Object.hasOwn(config.settings, name) ? settingText(config.settings[name]) : '';
  const rows = [...names].map((name) => {
    const texts = runs.map((run) => text(run, name));
    return row(name, texts);
  });
  // The differences first: they are what one looks for.
  return [...rows.filter(({ differs }) => differs), ...rows.filter(({ differs }) => !differs)];
}

function factRows(runs: readonly RunRecord[]): Row[] {
  const environments = runs.map(({ folder }) => new Map(environmentRows(folder)));
  const names = new Set(environments.flatMap((environment) => [...environment.keys()]));
  const texts = (name: string, text: (run: RunRecord) => string) => row(name, runs.map(text));
  // When and how long differs always, and says nothing.
  const unmarked = (name: string, cells: readonly Content[]): Row => ({ name, cells, differs: false });
  return [
    texts('scale', ({ config }) => config.scale),
    texts('seeds', ({ config }) => `${seedsText(config.seeds)} from ${config.seed}`),
    texts('device', ({ config }) => `${config.device}, ${threadsText(config.threads)}`),
    unmarked(
      'begun',
      runs.map(({ config }) => dateText(config.started)),
    ),
    unmarked('computed', runs.map(computedText)),
    ...[...names].map((name) =>
      row(
        name,
        environments.map((environment) => environment.get(name) ?? ''),
      ),
    ),
  ];
}
