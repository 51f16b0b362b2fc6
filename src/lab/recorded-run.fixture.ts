/** A finished run of the made-up experiment, with metrics. */
import type { Experiment } from '../results/contract.ts';
import { experiment } from './fake-experiment.fixture.ts';
import { beginRun, carryOut, type RunRequest } from './run.ts';
import { resolveSettings } from './settings.ts';
import { inThisThread } from './task.ts';

const never = new AbortController().signal;

/** Ten steps of a loss that halves, and of one that is lost on the way. */
const recording: Experiment = {
  ...(experiment as unknown as Experiment),
  run: async (settings, context) => {
    for (let done = 0; done < 10; done++) {
      const metrics = { loss: 2 ** -done, error: done < 9 ? 0.1 * done : Number.NaN };
      context.progress({ stage: 'training', done, total: 9, metrics });
    }
    return (experiment as unknown as Experiment).run(settings, context);
  },
};

/** @param overrides `key=value` */
export async function recordedRun(
  out: string,
  overrides: readonly string[] = [],
  changes: Partial<RunRequest> = {},
): Promise<string> {
  const settings = resolveSettings(experiment, 'smoke', ['steps=40', ...overrides]);
  const common = { experiment, scale: 'smoke', seeds: 5, seed: 7, threads: 1, device: 'cpu' } as const;
  const folder = beginRun({ ...common, settings, out, ...changes });
  await carryOut(folder, {
    experiment: recording,
    execute: inThisThread({ 'fake-decay': async () => recording }),
    progress: () => {},
    interrupts: { signal: never, urgent: never },
    warn: () => {},
  });
  return folder;
}
