/**
 * Settles as `answer` does, or rejects with `late()` when that takes longer than `ms`.
 *
 * The time is waited for in two halves. A process that stands still for longer than the time finds its timers due before
 * it hears what came meanwhile; the second half is what it gets to hear it in, so that it blames nobody for itself.
 */
export function answeredWithin<T>(answer: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => {
      timer = setTimeout(() => reject(late()), ms / 2);
    }, ms / 2);
    const stopped =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        settle(value);
      };
    // Not `finally`, which makes three promises more.
    answer.then(stopped(resolve), stopped(reject));
  });
}
