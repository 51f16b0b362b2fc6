/** One run: measure, judge, and write everything into the run's folder, what matters first. */
import { join } from 'node:path';
import type { Experiment, Progress, Scale } from '../results/contract.ts';
import type { Device, Threads } from '../runtime/index.ts';
import { claimsMarkdown } from './claims-markdown.ts';
import { describeEnvironment } from './environment.ts';
import { exitCodeOfError, exitCodeOfVerdict } from './exit-code.ts';
import { drawFigure } from './figure.ts';
import { writeJson } from './json.ts';
import { type ReportedRun, renderReport } from './report.ts';
import { createRunFolder, type RunFolder } from './run-folder.ts';
import { settingsTable } from './settings.ts';
import type { Execute } from './task.ts';
import { judgeClaim, overallVerdict } from './verdict.ts';

export interface RunRequest {
  readonly experiment: Experiment;
  readonly scale: Scale;
  /** From `resolveSettings`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seeds: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly device: Device;
  /** Root of the run folders. */
  readonly out: string;
  readonly execute: Execute;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface FinishedRun extends ReportedRun {
  readonly folder: string;
  /** Path of `report.html`. */
  readonly report: string;
  readonly exitCode: number;
}

/**
 * Carries out the run and leaves its folder: `config.json`, `environment.json`, `metrics.jsonl`, `measurements.json`,
 * `claims.json`, `claims.md`, `summary.json`, `report.html` and, last and always, `exit.json`.
 * @throws UserError for bad settings or an unwritable folder; the signal's reason when aborted.
 */
export async function runExperiment(request: RunRequest): Promise<FinishedRun> {
  const started = new Date();
  const folder = createRunFolder(request.out, request.experiment.name, started);
  const seconds = () => (Date.now() - started.getTime()) / 1000;
  const writeExit = (outcome: Readonly<Record<string, unknown>>) =>
    folder.write('exit.json', writeJson({ ...outcome, finished: new Date().toISOString(), seconds: seconds() }, 2));
  try {
    const run = await measureAndJudge(request, folder, started, seconds);
    writeExit({ state: 'finished', code: run.exitCode });
    return run;
  } catch (error) {
    const interrupted = request.signal.aborted && error === request.signal.reason;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    recordFailure(() =>
      writeExit({ state: interrupted ? 'interrupted' : 'failed', code: exitCodeOfError(error), message, stack }),
    );
    throw error;
  }
}

async function measureAndJudge(
  request: RunRequest,
  folder: RunFolder,
  started: Date,
  seconds: () => number,
): Promise<FinishedRun> {
  const { experiment, scale, settings, seeds, seed, threads, device } = request;
  const { name } = experiment;
  const config = { result: name, scale, settings, seeds, seed, threads, device, started: started.toISOString() };
  folder.write('config.json', writeJson(config, 2));
  const environment = await describeEnvironment(threads, device, seed);
  folder.write('environment.json', writeJson(environment, 2));

  const measurements = await measured(request, folder, seconds);
  folder.write('measurements.json', writeJson(measurements));

  const claims = experiment.claims(settings, measurements).map(judgeClaim);
  const verdict = overallVerdict(claims);
  const exitCode = exitCodeOfVerdict(verdict);
  folder.write('claims.json', writeJson(claims, 2));
  folder.write('claims.md', claimsMarkdown(claims));
  const verdicts = Object.fromEntries(claims.map((claim) => [claim.id, claim.verdict]));
  folder.write('summary.json', writeJson({ ...config, verdict, exitCode, claims: verdicts, seconds: seconds() }, 2));

  const reported: ReportedRun = {
    experiment: { name, title: experiment.title, summary: experiment.summary, citation: experiment.citation },
    scale,
    seeds,
    settings: settingsTable(experiment).map(({ name: key, doc }) => ({ name: key, doc, value: settings[key] })),
    claims,
    verdict,
    figures: experiment.figures(settings, measurements).map((figure) => drawFigure(figure, name)),
    environment,
    started: config.started,
    seconds: seconds(),
  };
  folder.write('report.html', renderReport(reported));
  return { ...reported, folder: folder.path, report: join(folder.path, 'report.html'), exitCode };
}

/** Measures, appending to `metrics.jsonl` what is reported on the way. */
async function measured(request: RunRequest, folder: RunFolder, seconds: () => number): Promise<unknown> {
  const { experiment, settings, seeds, seed, threads, device } = request;
  const broken = new AbortController();
  const progress: Progress = (update) => {
    request.progress(update);
    try {
      folder.append('metrics.jsonl', writeJson({ seconds: seconds(), ...update }));
    } catch (error) {
      broken.abort(error); // a full disk ends the run; thrown here it would only end the message handler
    }
  };
  const task = { result: experiment.name, settings, seeds, seed, threads, device };
  return request.execute(task, progress, AbortSignal.any([request.signal, broken.signal]));
}

/** The failure itself is what the user must see, not that it could not be written down either. */
function recordFailure(write: () => void): void {
  try {
    write();
  } catch {
    // e.g. the disk is full, which is then also the failure being reported
  }
}
