/** The dashboard's addresses. Every request is a reading of the run folders; nothing is written, nothing is kept but summaries. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Context, Hono } from 'hono';
import { listRuns } from '../lab/find-run.ts';
import { html } from '../lab/html.ts';
import { writeJson } from '../lab/json.ts';
import type { ResultIndex } from '../lab/task.ts';
import { assets } from './assets.ts';
import { claimsPage } from './claims-page.ts';
import { compareHelp, comparePage, mostCompared } from './compare-page.ts';
import { pageHeaders, refusal, reportHeaders } from './guard.ts';
import type { Bindings } from './listen.ts';
import { readMetricsFrom } from './metrics-tail.ts';
import { type Page, page } from './page.ts';
import { runPage } from './run-page.ts';
import { findByPath, latestRuns, ownFile, pathOf } from './runs.ts';
import { runsPage } from './runs-page.ts';

export interface DashboardOptions {
  /** Root of the run folders; need not exist yet. */
  readonly root: string;
  readonly results: ResultIndex;
  /** The port it is asked at. */
  readonly port: number;
}

export function dashboard({ root: given, results, port }: DashboardOptions): Hono<Bindings> {
  const root = resolve(given);
  const latest = latestRuns(root);
  const app = new Hono<Bindings>();

  app.use(async (context, next) => {
    const refused = refusal(context.env.incoming, port);
    if (refused) return context.text(`${refused.why}\n`, refused.status, refusedHeaders(refused.status));
    await next();
  });

  for (const [address, { type, read }] of Object.entries(assets)) {
    app.get(address, (context) =>
      context.body(read(), 200, { ...pageHeaders, 'Content-Type': `${type}; charset=utf-8` }),
    );
  }

  app.get('/', (context) => {
    const result = context.req.query('result') || undefined;
    const names = [...new Set([...Object.keys(results), ...resultFolders(root)])].sort();
    const folders = result === undefined || names.includes(result) ? listRuns(root, result) : [];
    const number = Number.parseInt(context.req.query('page') ?? '1', 10) || 1;
    return show(context, runsPage({ root, folders, results: names, result, number }));
  });

  app.get('/claims', async (context) => {
    const experiments = await Promise.all(Object.values(results).map((load) => load()));
    return show(context, claimsPage(experiments, await latest()));
  });

  app.get('/compare', (context) => {
    const paths = [...new Set(context.req.queries('run') ?? [])];
    if (paths.length < 2 || paths.length > mostCompared) return show(context, compareHelp(paths.length));
    const runs = paths.map((path) => findByPath(root, path));
    return runs.every((run) => run !== undefined) ? show(context, comparePage(runs)) : context.notFound();
  });

  app.get('/run/:result/:name', async (context) => {
    const run = findByPath(root, asked(context));
    if (run === undefined) return context.notFound();
    const load = Object.hasOwn(results, run.config.result) ? results[run.config.result] : undefined;
    return show(context, runPage(run, await load?.()));
  });

  app.get('/run/:result/:name/metrics', async (context) => {
    const run = findByPath(root, asked(context));
    if (run === undefined) return context.notFound();
    const file = ownFile(root, `${pathOf(run.folder)}/metrics.jsonl`);
    const from = Number(context.req.query('from') ?? 0);
    if (!Number.isSafeInteger(from) || from < 0) return context.text('from: a whole number from 0\n', 400, pageHeaders);
    const tail = file ? await readMetricsFrom(file, from) : { records: [], next: 0, more: false, anew: from > 0 };
    return context.body(writeJson(tail), 200, { ...pageHeaders, 'Content-Type': 'application/json' });
  });

  app.get('/run/:result/:name/report.html', (context) => {
    const run = findByPath(root, asked(context));
    const file = run && ownFile(root, `${pathOf(run.folder)}/report.html`);
    if (file === undefined) return context.notFound();
    return context.body(readFileSync(file, 'utf8'), 200, {
      ...reportHeaders,
      'Content-Type': 'text/html; charset=utf-8',
    });
  });

  app.notFound((context) => {
    const body = html`<header><h1>Not here</h1></header><p>There is no such page, or its run was removed. <a href="/">All runs</a></p>`;
    return show(context, { title: 'Not here', body }, 404);
  });

  app.onError((error, context) => {
    const body = html`<header><h1>This cannot be shown</h1></header><pre class="error">${error.message}</pre><p><a href="/">All runs</a></p>`;
    return show(context, { title: 'Error', body }, error.name === 'UserError' ? 422 : 500);
  });
  return app;
}

function show(context: Context, content: Page, status: 200 | 404 | 422 | 500 = 200): Response {
  return context.html(page(content), status, pageHeaders);
}

function asked(context: Context): string {
  return `${context.req.param('result')}/${context.req.param('name')}`;
}

function refusedHeaders(status: number): Record<string, string> {
  return status === 405 ? { ...pageHeaders, Allow: 'GET, HEAD' } : { ...pageHeaders };
}

function resultFolders(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[a-z\d][a-z\d-]*$/.test(entry.name))
    .map((entry) => entry.name);
}
