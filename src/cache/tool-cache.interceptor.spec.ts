import { describe, expect, it, vi } from 'vitest';
import { CancelledError, ToolError, type Call, type ClientChannel } from '../core/index.js';
import { cacheBench, gate, started } from './testing/cached.js';

class Hidden {
  readonly #amount: number;

  constructor(amount: number) {
    this.#amount = amount;
  }

  get double(): number {
    return this.#amount * 2;
  }
}

const talking = (heard: string[] = []): ClientChannel => ({
  progress: ({ progress }) => void heard.push(`progress ${progress}`),
  log: (level) => void heard.push(`log ${level}`),
  supports: () => (heard.push('supports'), true),
  ask: (_call, key, { kind }) => (heard.push(`ask ${kind} ${key}`), Promise.resolve({ action: 'accept', content: {} })),
  once: async (_call, key, effect) => (heard.push(`once ${key}`), effect()),
  releaseStream: () => void heard.push('release'),
  continueAsTask: () => (heard.push('task'), Promise.resolve(true)),
});

describe('a cached tool', () => {
  it('[R1] runs once for the same arguments, whatever their order, until its time is over', async () => {
    const bench = cacheBench();
    let n = 0;
    const body = (): object => ({ n: ++n });
    const tool = bench.target({ cacheTtl: 10 }, body);
    expect(await tool.call({ a: 1, b: 2 })).toEqual({ n: 1 });
    bench.pass(9_999);
    expect(await tool.call({ b: 2, a: 1 })).toEqual({ n: 1 });
    expect(await tool.call({ a: 1, b: 3 })).toEqual({ n: 2 });
    bench.pass(1);
    expect(await tool.call({ a: 1, b: 2 })).toEqual({ n: 3 });
    expect(bench.counted()).toEqual({ hit: 1, miss: 3 });
    expect(bench.cache.status()).toMatchObject({ hitRate: 0.25, available: true, backend: 'memory' });
  });

  it.each([
    ['says nothing of a cache', {}],
    ['says cacheTtl: 0', { cacheTtl: 0 }],
    ['says cacheTtl: 0 beside a cacheKey', { cacheTtl: 0, cacheKey: 'search' }],
  ])('[R1] is none that %s', async (_what, policy) => {
    const bench = cacheBench();
    expect(bench.interceptor.prepare(bench.target(policy, () => 1).target)).toBeUndefined();
  });

  it.each(['completion', 'subscription', 'task'] as const)('is never a %s', (kind) => {
    const bench = cacheBench();
    expect(bench.interceptor.prepare(bench.target({ cacheTtl: 5 }, () => 1, { kind }).target)).toBeUndefined();
  });

  it.each(['resource', 'prompt'] as const)('may be a %s', async (kind) => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 'read');
    const target = bench.target({ cacheTtl: 5 }, body, { kind });
    await target.call();
    await target.call();
    expect(body).toHaveBeenCalledOnce();
  });

  it('[R1] runs each time where the cache is switched off', async () => {
    const bench = cacheBench({ enabled: false });
    expect(bench.interceptor.prepare(bench.target({ cacheTtl: 5 }, () => 1).target)).toBeUndefined();
  });

  it('[R1] has the time of the configuration when it gives none', async () => {
    const bench = cacheBench({ defaultTtl: 2 });
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target({ cacheKey: 'search' }, body);
    await tool.call();
    bench.pass(1_999);
    await tool.call();
    expect(body).toHaveBeenCalledTimes(1);
    bench.pass(1);
    await tool.call();
    expect(body).toHaveBeenCalledTimes(2);
  });

  it.each([null, undefined, false, 0, ''])('[R1] keeps the result %s', async (value) => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => value);
    const tool = bench.target({ cacheTtl: 5 }, body);
    await tool.call();
    expect(await tool.call()).toBe(value);
    expect(body).toHaveBeenCalledOnce();
  });

  it('[R1] keeps so many results, those used last', async () => {
    const bench = cacheBench({ maxSize: 2 });
    const body = vi.fn<(call: Call) => unknown>((call) => call.input);
    const tool = bench.target({ cacheTtl: 5 }, body);
    for (const input of [1, 2, 1, 3, 1, 2]) await tool.call(input);
    expect(body.mock.calls.map(([call]) => call.input)).toEqual([1, 2, 3, 2]);
    expect(bench.cache.status()).toMatchObject({ entries: 2, maxSize: 2, evicted: 2 });
  });

  it('[R1] gives nobody what another can change', async () => {
    const bench = cacheBench();
    const kept = { list: [1] };
    const tool = bench.target({ cacheTtl: 5 }, () => kept);
    const first = (await tool.call()) as typeof kept;
    kept.list.push(2);
    expect(() => first.list.push(3)).toThrow(TypeError);
    expect(await tool.call()).toEqual({ list: [1] });
  });

  it.each<[string, () => unknown]>([
    ['a failure', () => Promise.reject(new ToolError('no'))],
    ['a result that says isError', () => ({ content: [{ type: 'text', text: 'no' }], isError: true })],
    ['bytes', () => new Uint8Array(3)],
    ['a result over cache.maxEntryBytes', () => 'x'.repeat(101)],
  ])('does not keep %s', async (_what, result) => {
    const bench = cacheBench({ maxEntryBytes: 100 });
    const body = vi.fn<() => unknown>(result);
    const tool = bench.target({ cacheTtl: 5 }, body);
    await Promise.allSettled([tool.call()]);
    await Promise.allSettled([tool.call()]);
    expect(body).toHaveBeenCalledTimes(2);
  });

  it('runs each time for arguments that may hide something', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target({ cacheTtl: 5 }, body);
    const input = { money: new Hidden(5) };
    await tool.call(input);
    await tool.call(input);
    expect(body).toHaveBeenCalledTimes(2);
    expect(bench.counted()).toEqual({ bypass: 2 });
  });
});

describe('concurrent calls for the same', () => {
  it('[R2] run the body once, for ten', async () => {
    const bench = cacheBench();
    const { body, open, calls } = gate({ answer: 42 });
    const tool = bench.target({ cacheTtl: 5 }, body);
    const ten = Array.from({ length: 10 }, () => tool.call({ a: 1 }));
    await started(calls);
    open();
    expect(await Promise.all(ten)).toEqual(Array.from({ length: 10 }, () => ({ answer: 42 })));
    expect(calls).toHaveLength(1);
    expect(bench.counted()).toEqual({ hit: 9, miss: 1 });
    await vi.waitFor(() => expect(bench.cache.status().underWay).toBe(0), { interval: 1 });
  });

  it('[R2] do not hold up a call for something else', async () => {
    const bench = cacheBench();
    const { body, open } = gate();
    const tool = bench.target({ cacheTtl: 5 }, (call) => (call.input === 'slow' ? body(call) : 'quick'));
    const slow = tool.call('slow');
    expect(await tool.call('other')).toBe('quick');
    open();
    await slow;
  });

  it('[R2] go on when the first is cancelled, and the body is not told', async () => {
    const bench = cacheBench();
    const { body, open, calls } = gate();
    const tool = bench.target({ cacheTtl: 5 }, body);
    const first = tool.newCall();
    const cancelled = tool.run(first);
    const others = Array.from({ length: 3 }, () => tool.call());
    await started(calls);
    first.abort(new CancelledError());
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(calls[0]?.signal.aborted).toBe(false);
    open();
    expect(await Promise.all(others)).toEqual(['done', 'done', 'done']);
    expect(calls).toHaveLength(1);
  });

  it('[R2] abort the body when nobody waits any more, and the next call runs anew', async () => {
    const bench = cacheBench();
    const { body, open, calls } = gate();
    const tool = bench.target({ cacheTtl: 5 }, body);
    const both = [tool.newCall(), tool.newCall()];
    const runs = both.map((call) => tool.run(call));
    await started(calls);
    const reason = new CancelledError('enough');
    both.forEach((call) => call.abort(reason));
    await Promise.allSettled(runs);
    expect(calls[0]?.signal.reason).toBe(reason);
    const again = tool.call();
    await started(calls, 2);
    open();
    expect(await again).toBe('done');
  });

  it('[R2] leave nothing behind when the only one is cancelled before its body began', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target({ cacheTtl: 5 }, body);
    const call = tool.newCall();
    call.abort(new CancelledError());
    await expect(tool.run(call)).rejects.toThrow(CancelledError);
    await vi.waitFor(() => expect(bench.cache.status().underWay).toBe(0), { interval: 1 });
    expect(body).not.toHaveBeenCalled();
    expect(await tool.call()).toBe(1);
  });

  it('[R2] all fail when the body does, and the next one runs', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => Promise.reject(new ToolError('broken')));
    const tool = bench.target({ cacheTtl: 5 }, body);
    const outcomes = await Promise.allSettled([tool.call(), tool.call(), tool.call()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(body).toHaveBeenCalledOnce();
    body.mockResolvedValue('mended');
    expect(await tool.call()).toBe('mended');
  });

  it('give the body as long as the most patient waits, and the id of the first', async () => {
    const bench = cacheBench();
    const { body, open, calls } = gate();
    const tool = bench.target({ cacheTtl: 5 }, body);
    const first = tool.newCall({}, { deadline: 1_000, remoteAddress: '10.0.0.1' });
    const all = [tool.run(first), tool.call({}, { deadline: 3_000 }), tool.call({}, { deadline: 2_000 })];
    await started(calls);
    expect(calls[0]).toMatchObject({ id: first.id, deadline: 3_000, remoteAddress: '10.0.0.1', target: tool.target });
    all.push(tool.call());
    await vi.waitFor(() => expect(calls[0]?.deadline).toBeUndefined(), { interval: 1 });
    open();
    await Promise.all(all);
  });
});

describe('a call that talks to its client', () => {
  it.each<[string, (call: Call) => unknown, string[]]>([
    [
      'asks',
      (call) => call.elicit({ message: 'Sure?', schema: { type: 'object' } }),
      ['ask elicitation elicitation_1'],
    ],
    [
      'asks by a page',
      (call) => call.elicitUrl({ message: 'Pay', url: 'https://a' }),
      ['ask elicitation elicitation_1'],
    ],
    ['asks the model', (call) => call.sample({ messages: [], maxTokens: 1, key: 'k' }), ['ask sampling k']],
    ['reports progress', (call) => call.progress(1), ['progress 1']],
    ['logs', (call) => call.log('info', 'x'), ['log info']],
    ['looks at what the client supports', (call) => call.clientSupports('sampling'), ['supports']],
    ['has an effect once', (call) => call.once('pay', () => 1), ['once pay']],
    ['becomes a task', (call) => call.continueAsTask(), ['task']],
  ])('[R2] is not cached and not shared when it %s', async (_what, talk, heard) => {
    const bench = cacheBench();
    const calls: Call[] = [];
    const { body, open } = gate();
    const tool = bench.target({ cacheTtl: 5 }, async (call) => {
      calls.push(call);
      await talk(call);
      return body(call);
    });
    const channels = [[], [], []].map((lines: string[]) => ({ lines, client: talking(lines) }));
    const three = channels.map(({ client }) => tool.call({}, { client }));
    await started(calls, 3);
    open();
    expect(await Promise.all(three)).toEqual(['done', 'done', 'done']);
    expect(channels.map(({ lines }) => lines)).toEqual([heard, heard, heard]);
    await tool.call({}, { client: talking() });
    expect(calls).toHaveLength(4);
    expect(bench.counted()).toEqual({ bypass: 4 });
  });

  it('[R2] is aborted with its caller, whatever the others do', async () => {
    const bench = cacheBench();
    const calls: Call[] = [];
    const { body, open } = gate();
    const tool = bench.target({ cacheTtl: 5 }, async (call) => {
      calls.push(call);
      call.progress(1);
      return body(call);
    });
    const first = tool.newCall();
    const cancelled = tool.run(first);
    const other = tool.call();
    await started(calls, 2);
    first.abort(new CancelledError());
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(calls.map(({ aborted }) => aborted)).toEqual([true, false]);
    open();
    expect(await other).toBe('done');
  });

  it('[R2] that speaks after its first caller left is aborted, and the others run their own', async () => {
    const bench = cacheBench();
    const calls: Call[] = [];
    const { body, open } = gate();
    const tool = bench.target({ cacheTtl: 5 }, async (call) => {
      calls.push(call);
      await body(call);
      call.progress(1);
      return calls.length;
    });
    const first = tool.newCall();
    const cancelled = tool.run(first);
    const other = tool.call();
    await started(calls);
    first.abort(new CancelledError());
    await expect(cancelled).rejects.toThrow(CancelledError);
    open();
    expect(await other).toBe(2);
    expect(calls[0]?.aborted).toBe(true);
  });
});
