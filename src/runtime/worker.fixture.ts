/** @file A thread that computes: sums of squares of matrices, by a compiled function of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import * as np from '../numpy/index.ts';
import { configure, jit } from './index.ts';

const { runtime, start, calls } = workerData as { runtime: 'node' | 'web'; start: number; calls: number };
configure({ runtime, threads: 1 });
const f = jit((x: np.NDArray) => np.sum(np.matmul(x, x)));
const found: number[] = [];
for (let i = 0; i < calls; i++) found.push(await f(np.full([16, 16], start + (i % 5))).item());
parentPort!.postMessage(found);
