import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { BreakerSharing } from './breaker-sharing.js';
import type { BreakerPermit } from './breaker.js';
import { InMemorySharedBreakers } from './in-memory-shared-breakers.js';
import { Bench, Line, Process, SETTINGS, settled } from './testing-processes.js';

beforeAll(() => Logger.overrideLogger(false));

describe('SharedCircuitBreaker', () => {
  it('opens in all processes by faults in a row of all, for the same time', async () => {
    const { a, b } = new Bench();
    b.breaker.onChange(({ from, to }) => expect([from, to]).toEqual(['closed', 'open']));
    await a.calls('failed', 'failed');
    expect([a.state, b.state, b.breaker.faults]).toEqual(['closed', 'closed', 2]);
    await b.calls('failed');
    expect([a.state, b.state]).toEqual(['open', 'open']);
    expect([a.breaker.enter(), b.breaker.enter()]).toEqual([undefined, undefined]);
    expect([a.breaker.retryAfterMs, b.breaker.retryAfterMs]).toEqual([1_000, 1_000]);
  });

  it('refuses at once after the last fault of a row, without an answer', async () => {
    const { a, b } = new Bench();
    await b.calls('failed');
    await a.calls('failed');
    a.breaker.failed(await a.enter());
    expect([a.state, a.breaker.enter(), a.breaker.retryAfterMs]).toEqual(['open', undefined, SETTINGS.timeoutMs]);
    await settled();
    expect([a.state, b.state]).toEqual(['open', 'open']);
  });

  it('lets calls pass again when the answer is that another process has had a success', async () => {
    const { a, b } = new Bench();
    await a.calls('failed', 'failed');
    a.line.deaf = true;
    await b.calls('succeeded');
    a.breaker.failed(await a.enter());
    expect(a.state).toBe('open');
    await settled();
    expect([a.state, a.breaker.faults]).toEqual(['closed', 1]);
  });

  it('stays open when there is no answer after the last fault of a row', async () => {
    const { a } = new Bench();
    await a.calls('failed', 'failed');
    a.breaker.failed(await a.enter());
    a.line.cut();
    await settled();
    expect([a.state, a.failures]).toEqual(['open', { fault: 1 }]);
  });

  it('ends the row by a success of another process', async () => {
    const { a, b } = new Bench();
    await a.calls('failed', 'failed');
    await b.calls('succeeded');
    await a.calls('failed', 'failed');
    expect([a.state, b.state]).toEqual(['closed', 'closed']);
  });

  it('tells nobody of calls while nothing fails, and of the first success only after a fault', async () => {
    const { a, b } = new Bench();
    await a.calls('succeeded', 'ignored', 'succeeded');
    await b.calls('succeeded');
    expect([a.line.reports, b.line.reports]).toEqual([[], []]);
    await a.calls('failed', 'succeeded', 'succeeded', 'succeeded');
    await b.calls('succeeded', 'succeeded');
    expect(a.line.reports.map(({ event }) => event.kind)).toEqual(['fault', 'success']);
    expect(b.line.reports).toEqual([]);
  });

  it('lets a call pass and end without a promise while it is closed', () => {
    const { a } = new Bench();
    const permit = a.breaker.enter();
    expect(typeof permit).toBe('number');
    expect(a.breaker.succeeded(permit as number)).toBeUndefined();
  });

  it('admits so many trials at once over all processes, and closes in all when one succeeds', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    const permits = await Promise.all([a, b, a, b].map(async ({ breaker }) => await breaker.enter()));
    const admitted = permits.filter((permit) => permit !== undefined);
    expect([admitted.length, a.state, b.state]).toEqual([1, 'half-open', 'half-open']);
    a.breaker.succeeded(admitted[0] as BreakerPermit);
    await settled();
    expect([a.state, b.state]).toEqual(['closed', 'closed']);
  });

  it('opens again in all processes when a trial fails', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    await b.calls('failed');
    expect([a.state, b.state, a.breaker.retryAfterMs]).toEqual(['open', 'open', SETTINGS.timeoutMs]);
  });

  it('gives the place of a trial that says nothing to another process', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    await a.calls('ignored');
    expect(await b.breaker.enter()).toBeDefined();
    expect(await a.breaker.enter()).toBeUndefined();
  });

  it('takes no notice of what comes back from an earlier period', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    const [lateFault, lateSuccess] = [await b.enter(), await b.enter()];
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    const trial = await a.enter();
    b.breaker.succeeded(lateSuccess);
    await settled();
    expect([a.state, b.state]).toEqual(['half-open', 'half-open']);
    a.breaker.succeeded(trial);
    await settled();
    b.breaker.failed(lateFault);
    a.breaker.failed(trial);
    await settled();
    expect([b.state, b.breaker.faults, a.breaker.faults]).toEqual(['closed', 0, 0]);
  });

  it('takes no notice of what comes back from before the others opened and closed it, unheard', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    await b.calls('ignored');
    await a.calls('failed', 'succeeded');
    const late = [await b.enter(), await b.enter(), await b.enter()];
    b.line.cut();
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    await a.calls('succeeded');
    b.line.mend();
    for (const permit of late) {
      b.breaker.failed(permit);
      await settled();
    }
    expect([a.state, a.breaker.faults, b.state, b.breaker.faults]).toEqual(['closed', 0, 'closed', 0]);
  });

  it('takes no notice of old news', async () => {
    const { a, b } = new Bench();
    await a.calls('failed');
    await b.calls('failed', 'failed');
    a.sharing.changed({ name: 'tool', version: 1, period: 1, state: 'closed', faults: 1, remainingMs: 0 });
    expect([a.state, b.state]).toEqual(['open', 'open']);
  });

  it('asks for no more places at once than there are', async () => {
    const bench = new Bench();
    const { a } = bench;
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    const asked = Array.from({ length: 10 }, () => a.breaker.enter());
    expect(asked.filter((permit) => permit instanceof Promise)).toHaveLength(1);
    await settled();
    expect(a.line.reports.filter(({ event }) => event.kind === 'trial')).toHaveLength(1);
  });

  it('closes in all processes by hand in one', async () => {
    const { a, b } = new Bench();
    await a.calls('failed', 'failed', 'failed');
    b.breaker.reset();
    expect(b.state).toBe('closed');
    await settled();
    expect(a.state).toBe('closed');
  });

  it('is open in a process that comes later before its first call, with what is left of the time', async () => {
    const bench = new Bench();
    await bench.a.calls('failed', 'failed', 'failed');
    bench.now += 400;
    const late = new Process(bench);
    bench.now += 100;
    expect([late.breaker.enter(), late.breaker.retryAfterMs]).toEqual([undefined, 500]);
  });

  it('is open where its name is first asked for after it was heard of, and closed when it has closed since', async () => {
    const { a, b } = new Bench();
    await a.calls('failed', 'failed', 'failed');
    a.breaker.reset();
    await settled();
    expect([b.state, b.breaker.faults]).toEqual(['closed', 0]);
  });
});

describe('SharedCircuitBreaker out of touch', () => {
  it('goes on as a breaker of one process, and counts what only that knows', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    a.line.cut();
    await a.calls('failed', 'failed');
    await a.calls('succeeded', 'failed', 'failed', 'failed');
    expect([a.state, a.breaker.enter(), b.state]).toEqual(['open', undefined, 'closed']);
    bench.now += SETTINGS.timeoutMs;
    const permit = a.breaker.enter();
    expect([typeof permit, a.breaker.enter(), a.state]).toEqual(['number', undefined, 'half-open']);
    a.breaker.succeeded(permit as number);
    expect(a.state).toBe('closed');
    expect(a.failures).toMatchObject({ fault: 5, trial: 1 });
  });

  it('goes on from the faults that it has heard of, and from those that got no answer', async () => {
    const { a, b } = new Bench();
    await b.calls('failed');
    for (const permit of [await a.enter(), await a.enter()]) a.breaker.failed(permit);
    a.line.cut();
    await settled();
    expect([a.state, a.failures]).toEqual(['open', { fault: 2 }]);
  });

  it('tries alone when nobody answers who asks for a place', async () => {
    const bench = new Bench();
    const { a } = bench;
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    const asked = a.breaker.enter();
    a.line.cut();
    const permit = await asked;
    expect(permit).toBeDefined();
    a.breaker.succeeded(permit as BreakerPermit);
    expect([a.state, a.failures]).toMatchObject(['closed', { trial: 1 }]);
  });

  it('judges a trial by itself whose end nobody hears', async () => {
    const bench = new Bench();
    const { a } = bench;
    await a.calls('failed', 'failed', 'failed');
    bench.now += SETTINGS.timeoutMs;
    const permit = await a.enter();
    a.line.cut();
    a.breaker.failed(permit);
    expect([a.state, a.breaker.retryAfterMs]).toEqual(['open', SETTINGS.timeoutMs]);
  });

  it('opens in the others when it is back, if it has opened alone', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    await b.calls('failed');
    a.line.cut();
    await b.calls('succeeded');
    await a.calls('failed', 'failed');
    bench.now += 300;
    a.line.mend();
    await settled();
    expect([a.state, b.state, b.breaker.retryAfterMs]).toEqual(['open', 'open', 700]);
    bench.now += 700;
    await b.calls('succeeded');
    expect([a.state, b.state]).toEqual(['closed', 'closed']);
  });

  it('opens in the others also when it hears them say that it is closed before it has told them', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    a.line.cut();
    await a.calls('failed', 'failed', 'failed');
    await b.calls('failed', 'succeeded');
    a.sharing.changed({ name: 'tool', version: 2, period: 1, state: 'closed', faults: 0, remainingMs: 0 });
    expect(a.state).toBe('open');
    a.line.mend();
    await settled();
    expect([a.state, b.state]).toEqual(['open', 'open']);
  });

  it('opens when it is back, if the others have opened meanwhile', async () => {
    const { a, b } = new Bench();
    await a.calls('failed', 'succeeded');
    a.line.cut();
    await b.calls('failed', 'failed', 'failed');
    expect(a.state).toBe('closed');
    a.line.mend();
    await settled();
    expect([a.state, a.breaker.enter()]).toEqual(['open', undefined]);
  });

  it('closes in the others when it is back, if it was closed by hand and nobody knows better', async () => {
    const { a, b } = new Bench();
    await a.calls('failed', 'failed', 'failed');
    a.line.cut();
    a.breaker.reset();
    expect(a.failures).toEqual({ reset: 1 });
    a.line.mend();
    await settled();
    expect([a.state, b.state]).toEqual(['closed', 'closed']);
  });

  it('stays open in all when what they share has forgotten it', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    await a.calls('failed', 'failed', 'failed');
    const empty = new InMemorySharedBreakers(() => bench.now);
    for (const { line } of [a, b]) line.cut();
    for (const { line } of [a, b]) line.mend(empty);
    await settled();
    expect([a.state, b.state]).toEqual(['open', 'open']);
    const late = new Line(empty);
    expect(new BreakerSharing(late, new InMemoryTelemetry(), () => bench.now).make('tool', SETTINGS).state).toBe(
      'open',
    );
  });

  it('shares on when an event is lost but nobody has gone away', async () => {
    const bench = new Bench();
    const { a, b } = bench;
    a.line.losing = 1;
    await a.calls('failed');
    expect([b.breaker.faults, a.failures]).toEqual([1, { fault: 1 }]);
    await b.calls('failed', 'failed');
    expect([a.state, b.state]).toEqual(['open', 'open']);
    bench.now += SETTINGS.timeoutMs;
    a.line.losing = 1;
    await a.calls('failed');
    expect([a.state, b.state, b.breaker.retryAfterMs]).toEqual(['open', 'open', SETTINGS.timeoutMs]);
    expect(a.failures).toEqual({ fault: 2, trial: 1 });
  });

  it('shares again once it is back', async () => {
    const { a, b } = new Bench();
    a.line.cut();
    await a.calls('failed');
    a.line.mend();
    await settled();
    await b.calls('failed', 'failed');
    expect([a.state, b.state]).toEqual(['open', 'open']);
  });
});
