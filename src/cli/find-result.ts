/** From a name on the command line to an experiment. */
import { UserError } from '../array/errors.ts';
import { didYouMean } from '../lab/suggest.ts';
import type { Experiment } from '../results/contract.ts';
import type { Shell } from './shell.ts';

/** @throws UserError naming the results there are. */
export async function findResult(shell: Shell, name: string): Promise<Experiment> {
  const names = Object.keys(shell.results);
  if (!Object.hasOwn(shell.results, name)) {
    const hint = didYouMean(name, names);
    throw new UserError(`there is no result "${name}"${hint}; "deeptheory list" shows all ${names.length}`);
  }
  return shell.results[name]();
}
