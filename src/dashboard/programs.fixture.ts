/** Results for the dashboard's tests: one that is over at once, and one that takes its time and meets a NaN. */

/** Source of the index of results; see `compileProgram`. */
export const results = `
import { experiment } from '../lab/fake-experiment.fixture.js';
const slow = async ({ steps, rate }, { progress, seed }) => {
  for (let step = 1; step <= steps; step++) {
    const loss = Math.exp(-2 * rate * step) + 1e-4 * (1.5 + Math.sin(step + seed));
    const metrics = { loss, 'gradient norm': step === 20 ? NaN : 0.5 + 0.3 * Math.cos(step / 9) };
    progress({ stage: step > steps / 2 ? 'second half' : 'first half', done: step, total: steps, headline: 'loss ' + loss.toFixed(4), metrics });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {};
};
const run = async (settings, context) => {
  if (settings.kernel === 'interval') throw new Error('the interval has no spectrum here');
  return experiment.run(settings, { ...context, progress: (update) => context.progress({ ...update, metrics: { residual: 0.999 ** update.done } }) });
};
export const results = {
  'fake-decay': async () => ({ ...experiment, run }),
  'fake-slow': async () => ({ ...experiment, name: 'fake-slow', title: 'Slow, and once not finite', run: slow, claims: [], figures: () => [] }),
  'fake-never': async () => ({ ...experiment, name: 'fake-never', title: 'A result that nobody has run' }),
};`;
