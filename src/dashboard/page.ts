/** What all pages share: the frame, and the small parts that show a run. */
import { verdictText } from '../lab/check-text.ts';
import { type Content, html, type Markup, raw } from '../lab/html.ts';
import { durationText } from '../lab/number-text.ts';
import type { RunRecord, RunState } from '../lab/run-record.ts';
import type { Verdict } from '../results/contract.ts';

export interface Page {
  readonly title: string;
  /** The entry of the navigation that is lit. */
  readonly section?: 'runs' | 'claims';
  readonly body: Content;
  /** Draws curves: loads what they need. */
  readonly curves?: boolean;
}

export function page({ title, section, body, curves }: Page): string {
  const entry = (name: string, address: string, text: string) =>
    html`<a href="${address}"${name === section ? raw(' aria-current="page"') : undefined}>${text}</a>`;
  return html`${raw('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} – deeptheory</title>
${curves ? html`<link rel="stylesheet" href="/uplot.css">` : undefined}
<link rel="stylesheet" href="/style.css">
${curves ? html`<script src="/uplot.js" defer></script>` : undefined}
<script src="/client.js" type="module"></script>
</head>
<body class="dashboard">
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Main"><span class="brand">deeptheory</span> ${entry('runs', '/', 'Runs')} ${entry('claims', '/claims', 'Claims')} <span id="connection" role="status"></span></nav>
<main id="content">${body}
</main>
</body>
</html>
`.markup;
}

export function badge(verdict: Verdict): Markup {
  return html`<span class="badge ${verdict}">${verdictText(verdict)}</span>`;
}

/** A state is told in a word; what came out of a finished run is told by its verdict. */
export function stateBadge(state: RunState): Markup {
  return html`<span class="badge state-${state}">${state}</span>`;
}

/** A bar, and where it stands or stood; nothing before the first step, nor when all is done. */
export function progressBar({ heartbeat, state }: RunRecord): Markup | undefined {
  const progress = heartbeat?.progress;
  if (progress === undefined || state === 'finished') return undefined;
  const { stage, done, total, headline } = progress;
  const share = total > 0 ? Math.floor((100 * done) / total) : 0;
  return html`<div class="progress"><progress value="${done}" max="${Math.max(total, 1)}" aria-label="${stage}"></progress> <span class="count">${share} % of this stage</span>
<div class="stage">${stage}: ${done} of ${total}${headline ? html` · <span class="headline">${headline}</span>` : undefined}</div></div>`;
}

/** A date in the machine's zone, as the names of the runs have it. */
export function dateText(iso: string): Markup {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return html`${iso}`;
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return html`<time datetime="${iso}">${day} ${two(date.getHours())}:${two(date.getMinutes())}</time>`;
}

/** What the run has computed so far. */
export function computedText({ summary, heartbeat }: RunRecord): string {
  const seconds = summary?.seconds ?? heartbeat?.seconds;
  return seconds === undefined ? '' : durationText(seconds);
}

export function threadsText(threads: number): string {
  return `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

export function seedsText(seeds: number): string {
  return `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
}
