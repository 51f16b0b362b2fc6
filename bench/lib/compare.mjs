// The two things done with contestants: check that they do the same work, and time them in turn.

/** Steps of one call of the compiled loop in deeptheory.mjs. */
const stepsOfLoop = 50;
const tolerance = 1e-3; // float32 sums in different orders, carried through some tens of steps
const secondsOfRound = 0.35;
const secondsOfBlock = 0.07;
const secondsOfWarmUp = 0.5;
const secondsOfChecks = 60;
const secondsOfRounds = 30;
/** Whoever takes longer for a step is timed by that one step. */
const secondsOfSlowStep = 5;
const restBetweenTurns = 30; // milliseconds, so that threads that spin after their last work fall asleep

/**
 * Runs each contestant for the given numbers of steps from the same initial state. Returns a complaint for each that
 * fails or whose value differs from the median of all. A value is a number or a list of numbers and of functions on
 * a grid (lists of numbers); a function must be right to the tolerance times its largest value.
 */
export async function findDisagreements(contestants, stepCounts) {
  const complaints = new Map();
  for (const contestant of contestants) {
    contestant.values = new Map();
    let spent = 0;
    try {
      for (const steps of stepCounts) {
        if (contestant.secondsPerStep * steps > secondsOfChecks - spent) break;
        const { value, seconds } = await contestant.run(steps);
        contestant.values.set(steps, value);
        contestant.secondsPerStep = seconds / steps;
        spent += seconds;
      }
    } catch (error) {
      complaints.set(contestant, error.message);
    }
  }
  for (const steps of stepCounts) {
    const answered = contestants.filter((c) => !complaints.has(c) && c.values.has(steps));
    const lists = (contestant) => [contestant.values.get(steps)].flat().map((list) => [list].flat());
    const all = answered.map(lists);
    const expected = all[0]?.map((list, i) => list.map((_, k) => median(all.map((own) => own[i]?.[k]))));
    for (const contestant of answered) {
      const problem = difference(lists(contestant), expected);
      if (problem) complaints.set(contestant, `does other work: ${problem} after ${steps} steps`);
    }
  }
  return complaints;
}

/** What is wrong with a value, as text; null where it is as expected. */
function difference(lists, expected) {
  for (const [i, list] of expected.entries()) {
    const largest = Math.max(...list.map(Math.abs));
    for (const [k, number] of list.entries()) {
      if (Math.abs(lists[i]?.[k] - number) <= tolerance * largest) continue;
      return `${lists[i]?.[k]} where the others have ${number}`;
    }
  }
  return null;
}

/**
 * Times all contestants in turn, round after round, so that a disturbance hits all alike. Leaves with each the
 * milliseconds of a step in every round: the median of the round's blocks. Returns a complaint for each that fails.
 *
 * @param firstCalls times the first step of a fresh process instead, in every round
 */
export async function timeInTurn(contestants, rounds, firstCalls = false) {
  const complaints = new Map();
  const attempt = (contestant, work) => work(contestant).catch((error) => complaints.set(contestant, error.message));
  for (const contestant of contestants) {
    const { secondsPerStep } = contestant;
    contestant.isSlow = secondsPerStep > secondsOfSlowStep;
    contestant.roundMilliseconds = contestant.isSlow ? [1000 * secondsPerStep] : [];
    contestant.spent = 0;
    if (!contestant.isSlow && !firstCalls) await attempt(contestant, warmUp);
  }
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const { isSlow, spent } = contestant;
      if (complaints.has(contestant) || isSlow || spent > secondsOfRounds) continue;
      await rest();
      await attempt(contestant, firstCalls ? timeFirstCall : timeRound);
    }
  }
  return complaints;
}

/** The best round of a contestant. */
export const bestMilliseconds = (contestant) => Math.min(...contestant.roundMilliseconds);

async function warmUp(contestant) {
  for (let spent = 0; spent < secondsOfWarmUp; ) spent += (await timeBlock(contestant)).seconds;
}

async function timeRound(contestant) {
  const blocks = [];
  for (let spent = 0; spent < secondsOfRound; ) {
    const { seconds, steps } = await timeBlock(contestant);
    blocks.push(seconds / steps);
    spent += seconds;
    contestant.spent += seconds;
  }
  contestant.roundMilliseconds.push(1000 * median(blocks));
}

async function timeFirstCall(contestant) {
  await contestant.start();
  const { seconds } = await contestant.run(1);
  contestant.spent += seconds;
  contestant.roundMilliseconds.push(1000 * seconds);
}

async function timeBlock(contestant) {
  // Whole calls of a compiled loop for everyone; a step too slow for that is timed alone.
  const wanted = Math.max(1, Math.ceil(secondsOfBlock / contestant.secondsPerStep));
  const steps = wanted < stepsOfLoop / 5 ? wanted : Math.ceil(wanted / stepsOfLoop) * stepsOfLoop;
  const { seconds } = await contestant.run(steps);
  contestant.secondsPerStep = seconds / steps;
  return { seconds, steps };
}

const rest = () => new Promise((resolve) => setTimeout(resolve, restBetweenTurns));

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
