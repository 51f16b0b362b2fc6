/** Runs one task after the other; one that fails does not stop the next. */
export type Turns = <R>(task: () => Promise<R>) => Promise<R>;

export function takeTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
