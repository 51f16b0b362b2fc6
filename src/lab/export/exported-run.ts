/** What is exported of a run: everything but its measurements. */
import type { Environment } from '../environment.ts';
import {
  type MetricsRecord,
  type RunRecord,
  readClaims,
  readEnvironment,
  readMetrics,
  readRun,
  stored,
} from '../run-record.ts';
import type { ClaimVerdict } from '../verdict.ts';

export interface ExportedRun extends RunRecord {
  readonly environment?: Environment;
  readonly metrics: readonly MetricsRecord[];
  /** None where the run has not come so far. */
  readonly claims: readonly ClaimVerdict[];
}

/** @throws UserError for a folder that is not a run's, or a file of it that is damaged. */
export function readExportedRun(folder: string): ExportedRun {
  return {
    ...readRun(folder),
    ...(stored(folder, 'environment.json') ? { environment: readEnvironment(folder) } : {}),
    metrics: readMetrics(folder),
    claims: stored(folder, 'claims.json') ? readClaims(folder) : [],
  };
}
