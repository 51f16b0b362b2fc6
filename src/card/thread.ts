/** Making a card while the calling thread stays free. */
import { Stopped } from '../lab/run-context.ts';
import type { Interrupts } from '../lab/task.ts';
import { inThreadOf } from '../lab/thread.ts';
import type { Progress } from '../results/contract.ts';
import { type Card, type CardRequest, makeCard } from './card.ts';

/** Makes a card; rejects with the signal's reason when it was stopped. */
export type Analyze = (request: CardRequest, progress: Progress, interrupts: Interrupts) => Promise<Card>;

/** Compiled code only, as `inThread` of the laboratory. */
export const cardInThread: Analyze = (request, progress, interrupts) => {
  const about = { name: request.model, log: () => {} };
  const script = new URL('./worker.js', import.meta.url);
  return inThreadOf<CardRequest>(script)(request, progress, interrupts, about) as Promise<Card>;
};

/** In the calling thread, which is busy meanwhile. */
export const cardInThisThread: Analyze = async (request, progress, { signal, urgent }) => {
  try {
    return await makeCard(request, progress, () => (signal.aborted || urgent.aborted ? 'now' : 'no'));
  } catch (error) {
    throw error instanceof Stopped ? signal.reason : error;
  }
};
