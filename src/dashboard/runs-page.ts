/** The list of runs, the newest first. */
import { basename } from 'node:path';
import { tallyText } from '../lab/check-text.ts';
import { html, type Markup } from '../lab/html.ts';
import { type RunRecord, readRun } from '../lab/run-record.ts';
import type { Verdict } from '../results/contract.ts';
import { badge, computedText, dateText, type Page, progressBar, seedsText, stateBadge } from './page.ts';
import { pathOf } from './runs.ts';

export const runsPerPage = 50;

export interface RunsRequest {
  readonly root: string;
  /** Folders of all runs that are listed, on this page and others. */
  readonly folders: readonly string[];
  /** Names there may be runs of. */
  readonly results: readonly string[];
  /** The result whose runs are listed; all where undefined. */
  readonly result?: string;
  /** From 1. */
  readonly number: number;
}

export function runsPage({ root, folders, results, result, number }: RunsRequest): Page {
  const pages = Math.max(1, Math.ceil(folders.length / runsPerPage));
  const current = Math.min(Math.max(1, number), pages);
  const shown = folders.slice((current - 1) * runsPerPage, current * runsPerPage);
  const body = html`
<header>
  <h1>Runs</h1>
  <p class="meta">${folders.length} ${folders.length === 1 ? 'run' : 'runs'}${result ? ` of ${result}` : ''} in <code>${root}</code>, the newest first. This page follows them as they run.</p>
</header>
<form class="filter" action="/" method="get">
  <label>Result <select name="result"><option value="">all</option>${results.map((name) => option(name, result))}</select></label>
  <button>Show</button>
</form>
${shown.length === 0 ? nothing(result) : table(shown)}
${pages > 1 ? pageLinks(current, pages, result) : undefined}`;
  return { title: 'Runs', section: 'runs', body };
}

function option(name: string, chosen: string | undefined): Markup {
  return name === chosen
    ? html`<option value="${name}" selected>${name}</option>`
    : html`<option value="${name}">${name}</option>`;
}

function nothing(result: string | undefined): Markup {
  return html`<div id="runs" data-live><p>There are no runs here yet. Begin one in a terminal:</p>
<pre>deeptheory run ${result ?? 'spectral-bias'}</pre></div>`;
}

function table(folders: readonly string[]): Markup {
  return html`<form action="/compare" method="get">
<div class="scroll" id="runs" data-live><table class="runs">
<thead><tr><th scope="col"><span class="unseen">Compare</span></th><th scope="col">Run</th><th scope="col">State</th><th scope="col">Outcome</th><th scope="col">Scale</th><th scope="col">Begun</th><th scope="col">Computed</th></tr></thead>
<tbody>${folders.map(row)}</tbody>
</table></div>
<p class="actions"><button>Compare the chosen runs</button> <span class="meta">Choose two or more.</span></p>
</form>`;
}

function row(folder: string): Markup {
  const path = pathOf(folder);
  const name = basename(folder);
  let run: RunRecord;
  try {
    run = readRun(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return html`<tr id="row-${name}"><td></td><th scope="row"><span class="name">${path}</span></th><td><span class="badge broken">broken</span></td><td colspan="4">${why}</td></tr>`;
  }
  const { config, state } = run;
  return html`<tr id="row-${name}"><td><input type="checkbox" name="run" value="${path}" aria-label="Compare ${path}"></td><th scope="row"><a href="/run/${path}">${config.result}</a><br><span class="name">${name}</span></th><td>${stateBadge(state)}</td><td class="outcome-cell">${outcome(run)}</td><td>${config.scale}<br><span class="meta">${seedsText(config.seeds)}</span></td><td class="number">${dateText(config.started)}</td><td class="number">${computedText(run)}</td></tr>`;
}

/** Where it stands, why it failed, or what it found. */
function outcome(run: RunRecord): Markup | undefined {
  const { summary, state, exit } = run;
  if (state === 'finished' && summary) {
    const claims = Object.entries(summary.claims).map(([id, verdict]: [string, Verdict]) => ({ id, verdict }));
    return html`${badge(summary.verdict)} <span class="meta">${tallyText(claims)}</span>`;
  }
  if (state === 'failed' && exit?.message) return html`<span class="error">${exit.message.split('\n', 1)[0]}</span>`;
  return progressBar(run);
}

function pageLinks(current: number, pages: number, result: string | undefined): Markup {
  const address = (number: number) => {
    const query = new URLSearchParams({ ...(result ? { result } : {}), page: String(number) });
    return `/?${query}`;
  };
  const link = (number: number, text: string) =>
    number < 1 || number > pages ? html`<span>${text}</span>` : html`<a href="${address(number)}">${text}</a>`;
  return html`<nav class="pages" aria-label="Pages">${link(current - 1, '← Newer')} <span>Page ${current} of ${pages}</span> ${link(current + 1, 'Older →')}</nav>`;
}
