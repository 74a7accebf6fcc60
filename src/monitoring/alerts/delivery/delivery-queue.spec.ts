import { describe, expect, it } from 'vitest';
import { DeliveryQueue, DeliveryRefusedError, type DeliveryResult } from './delivery-queue.js';
import { notification, type AlertNotification } from './notification.js';
import { signature } from './signature.js';

const about = (alertname: string): AlertNotification =>
  notification('test', { labels: { alertname }, annotations: {}, startedAt: 0 });

/** A queue to a receiver that does as `answers` say, one after another. */
function queueOf(
  answers: readonly ('ok' | 'fail' | 'refuse' | 'hang')[],
  { maxQueued = 10, retries = 3, timeoutMs = 1_000 } = {},
) {
  const waits: number[] = [];
  const notes: [DeliveryResult, string | undefined][] = [];
  const left = [...answers];
  const queue = new DeliveryQueue(
    {
      timeoutMs,
      retries,
      backoffMs: 100,
      async deliver() {
        await Promise.resolve();
        const answer = left.shift() ?? 'ok';
        if (answer === 'hang') await new Promise(() => undefined);
        if (answer === 'fail') throw new Error('no');
        if (answer === 'refuse') throw new DeliveryRefusedError('never');
      },
    },
    {
      maxQueued,
      random: () => 0.5,
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
        await Promise.resolve();
      },
      note: (result, { groupLabels }) => notes.push([result, groupLabels['alertname']]),
    },
  );
  return { queue, waits, notes };
}

describe('DeliveryQueue', () => {
  it('[O4] tries again, each time after a longer wait, and keeps the order', async () => {
    const { queue, waits, notes } = queueOf(['fail', 'fail', 'ok', 'ok']);
    queue.push(about('a'));
    queue.push(about('b'));
    await queue.idle();
    expect(waits).toEqual([75, 150]);
    expect(notes).toEqual([
      ['retried', 'a'],
      ['retried', 'a'],
      ['delivered', 'a'],
      ['delivered', 'b'],
    ]);
    expect(queue.length).toBe(0);
  });

  it('[O4] gives up in the end, and at once what is refused', async () => {
    const { queue, notes } = queueOf(['fail', 'fail', 'refuse', 'ok'], { retries: 1 });
    for (const name of ['a', 'b', 'c']) queue.push(about(name));
    await queue.idle();
    expect(notes).toEqual([
      ['retried', 'a'],
      ['failed', 'a'],
      ['failed', 'b'],
      ['delivered', 'c'],
    ]);
  });

  it('[O4] drops the oldest that waits when there are too many', async () => {
    const { queue, notes } = queueOf([], { maxQueued: 2 });
    for (const name of ['a', 'b', 'c']) queue.push(about(name));
    await queue.idle();
    expect(notes).toEqual([
      ['dropped', 'a'],
      ['delivered', 'b'],
      ['delivered', 'c'],
    ]);
  });

  it('gives no attempt more than its time, whether or not the action looks at the signal', async () => {
    const { queue, notes } = queueOf(['hang', 'ok'], { timeoutMs: 10 });
    queue.push(about('a'));
    await queue.idle();
    expect(notes).toEqual([
      ['retried', 'a'],
      ['delivered', 'a'],
    ]);
  });

  it('[O4] closes with one attempt for each, and drops the rest at the deadline', async () => {
    const deadline = new AbortController();
    const { queue, notes } = queueOf(['fail', 'ok', 'hang']);
    for (const name of ['a', 'b', 'c', 'd']) queue.push(about(name));
    const closed = queue.close(deadline.signal);
    while (notes.length < 2) await Promise.resolve();
    deadline.abort();
    await closed;
    queue.push(about('e'));
    expect(notes).toEqual([
      ['dropped', 'a'],
      ['delivered', 'b'],
      ['dropped', 'c'],
      ['dropped', 'd'],
      ['dropped', 'e'],
    ]);
  });
});

describe('a signature', () => {
  it('[O4] is an HMAC-SHA-256 of time and body', () => {
    // printf '1700000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
    expect(signature('0123456789abcdef', '{}', 1_700_000_000_999)).toBe(
      't=1700000000,v1=e4f8e2ecae2295b2ddb2f0b5584c8275e226c0ebe9b3b819e70156bb67122e3e',
    );
  });
});
