/** Who carries out the points of a sweep: one interface over this machine's cores and over a cluster. */
import type { Sweep } from './sweep.ts';

export interface Executor {
  /** Milliseconds between two looks at how it gets on: a queue that many share is not asked all the time. */
  readonly interval: number;
  /** Begins to work on points, given by their place in the sweep; they are under way, or queued, when it resolves. */
  readonly start: (points: readonly number[]) => Promise<void>;
  /** The points it still has to do with. None: it is done. */
  readonly open: () => Promise<ReadonlySet<number>>;
  /** Why points ended whose runs do not say so themselves (killed, out of memory), as far as it knows. */
  readonly explain: () => Promise<ReadonlyMap<number, string>>;
  /** Starts no other point and lets those that run stop at their next checkpoint; urgently: now. */
  readonly stop: (urgent: boolean) => Promise<void>;
}

export type MakeExecutor = (sweep: Sweep) => Executor;

/** What the parent of a point worker tells it. */
export type PointOrder = { readonly point: number } | { readonly stop: 'at a checkpoint' | 'now' };
/** What it answers when it has done with the point. */
export interface PointReport {
  readonly done: number;
}
