import { CancelledError, RookeryError, type Call } from '../../index.js';

/** What a caller is told whose statement took too long. */
export function tookTooLong(limitMs: number, cause?: unknown): RookeryError {
  const message = `The statement took longer than ${limitMs} ms; narrow it by conditions, or ask for fewer rows.`;
  return new RookeryError('timeout', message, {}, { cause });
}

/**
 * Settles as `work` does, or rejects when its time is over or the caller went away: for reads, whose end nobody needs to
 * wait for.
 *
 * @throws RookeryError `timeout`; the reason of the call's abort
 */
export async function withinTime<T>(limitMs: number, { signal }: Pick<Call, 'signal'>, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let left: (() => void) | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tookTooLong(limitMs)), limitMs);
    left = (): void => reject(signal.reason instanceof Error ? signal.reason : new CancelledError());
    if (signal.aborted) left();
    else signal.addEventListener('abort', left, { once: true });
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    if (left !== undefined) signal.removeEventListener('abort', left);
  }
}
