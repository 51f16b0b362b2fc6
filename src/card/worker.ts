/** The thread that makes a card. */
import { answerTasks } from '../lab/answer-tasks.ts';
import { configure } from '../runtime/index.ts';
import { type CardRequest, makeCard } from './card.ts';

answerTasks<CardRequest>((request, progress, stopping) => {
  configure({ threads: request.threads, device: request.device });
  return makeCard(request, progress, stopping);
});
