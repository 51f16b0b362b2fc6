/** @module Claims, verdicts and runs. */
export type {
  Assumption,
  Bound,
  Check,
  Citation,
  Claim,
  Experiment,
  Figure,
  Progress,
  RunContext,
  Scale,
  Verdict,
} from '../results/contract.ts';
export { readJson, writeJson } from './json.ts';
export { type CheckVerdict, type ClaimVerdict, judgeCheck, judgeClaim, overallVerdict } from './verdict.ts';
