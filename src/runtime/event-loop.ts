/**
 * Lets the event loop turn once: timers, messages, and what the garbage collector has to dispose of. A computation whose
 * results are there at once would otherwise go from promise to promise and keep it from doing so.
 */
export const eventLoopTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve);
  });
