/** @module Claims, verdicts and runs: what a run's folder holds is in docs/runs.md. */
export type {
  Assumption,
  Bound,
  Check,
  Citation,
  Claim,
  Evidence,
  Experiment,
  Figure,
  FollowedLoop,
  Progress,
  RunContext,
  Scale,
  Verdict,
} from '../results/contract.ts';
export { readMeasurements } from './array-files.ts';
export { type BrokenRun, type CatalogueEntry, type ListedRun, readCatalogue } from './catalogue.ts';
export { type Comparison, compareRuns } from './compare-runs.ts';
export { type ExportFormat, exportRuns } from './export/export.ts';
export { findRun, listRuns } from './find-run.ts';
export { readJson, writeJson } from './json.ts';
export { beginRun, carryOut, type FinishedRun, type RunRequest, type RunWork } from './run.ts';
export { plainContext } from './run-context.ts';
export { type RunQuery, selectRuns } from './run-query.ts';
export {
  type ExitRecord,
  type Heartbeat,
  type MetricsRecord,
  type RunConfig,
  type RunRecord,
  type RunState,
  type RunSummary,
  readClaims,
  readMetrics,
  readRun,
  runState,
} from './run-record.ts';
export { type Execute, type Interrupts, inThisThread, type ResultIndex } from './task.ts';
export {
  type CheckVerdict,
  type ClaimVerdict,
  judgeCheck,
  judgeClaim,
  judgeClaims,
  overallVerdict,
} from './verdict.ts';
