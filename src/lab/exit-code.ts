/**
 * Exit codes, of a run's `exit.json` and of the program alike.
 *
 * | code | meaning |
 * | --- | --- |
 * | 0 | every claim holds; claims that do not apply in this setting are left aside |
 * | 1 | some claim fails |
 * | 2 | bad usage or input |
 * | 3 | no claim fails, but some are inconclusive, or none applies |
 * | 70 | a defect of the program |
 * | 130, 143 | interrupted by Ctrl-C, by SIGTERM |
 */
import type { Verdict } from '../results/contract.ts';

export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict === 'holds') return 0;
  return verdict === 'fails' ? 1 : 3;
}

export function exitCodeOfError(error: unknown): number {
  if (error instanceof Interruption) return error.exitCode;
  return error instanceof Error && error.name === 'UserError' ? 2 : 70;
}

/** The code over several runs: a defect outweighs bad input, that a failure, that an open question. */
export function worstExitCode(codes: readonly number[]): number {
  const byWeight = [0, 3, 1, 2, 70];
  return codes.reduce((worst, code) => (byWeight.indexOf(code) > byWeight.indexOf(worst) ? code : worst), 0);
}

/** The user or the system stopped the program; the reason an aborted run rejects with. */
export class Interruption extends Error {
  override name = 'Interruption';
  readonly exitCode: number;
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal === 'SIGINT' ? 'interrupted by Ctrl-C' : 'interrupted by SIGTERM');
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}
