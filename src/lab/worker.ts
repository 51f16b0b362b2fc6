/** The thread that measures. */
import { results } from '../results/index.ts';
import { configure } from '../runtime/index.ts';
import { answerTasks } from './answer-tasks.ts';
import { measure, type Task } from './task.ts';

answerTasks<Task>((task, progress, stopping) => {
  configure({ threads: task.threads, device: task.device });
  return measure(results, task, progress, stopping);
});
