/** A run's report from what its folder holds: drawn when the run ends, and again whenever one asks for it. */
import { join } from 'node:path';
import { UserError } from '../array/errors.ts';
import type { Experiment } from '../results/contract.ts';
import { readMeasurements } from './array-files.ts';
import { drawFigure } from './figure.ts';
import { type ReportedRun, renderReport } from './report.ts';
import { openRunFolder } from './run-folder.ts';
import { readClaims, readEnvironment, readRun } from './run-record.ts';
import { settingsTable } from './settings.ts';

export interface StoredReport extends ReportedRun {
  readonly folder: string;
  /** Path of `report.html`. */
  readonly report: string;
}

/**
 * Writes `report.html` and returns what is in it: the claims as they were judged, the figures drawn from the measurements.
 * @throws UserError where the run has not come so far
 */
export function writeReport(
  folder: string,
  experiment: Experiment,
  measurements: unknown = readMeasurements(folder),
): StoredReport {
  const { summary, folder: path, name } = readRun(folder);
  if (summary === undefined)
    throw new UserError(`run ${name} has no results yet; go on with "deeptheory resume ${name}"`);
  const { settings, scale, seeds, verdict, started, seconds } = summary;
  const run: StoredReport = {
    experiment: {
      name: experiment.name,
      title: experiment.title,
      summary: experiment.summary,
      citation: experiment.citation,
    },
    scale,
    seeds,
    settings: settingsTable(experiment).map(({ name: key, doc }) => ({ name: key, doc, value: settings[key] })),
    claims: readClaims(path),
    verdict,
    figures: experiment.figures(settings, measurements).map((figure) => drawFigure(figure, experiment.name)),
    environment: readEnvironment(path),
    started,
    seconds,
    folder: path,
    report: join(path, 'report.html'),
  };
  openRunFolder(path).write('report.html', renderReport(run));
  return run;
}
