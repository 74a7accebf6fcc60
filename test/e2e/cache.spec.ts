import { Client } from '@modelcontextprotocol/client';
import { Injectable, UseGuards, type CanActivate } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ToolCache, ToolCacheModule } from '../../src/cache/index.js';
import { Telemetry } from '../../src/core/index.js';
import { McpPrompt, McpResource, McpTool, type Call } from '../../src/index.js';
import { createTestServer, type TestServer, type TestServerOptions } from '../../src/testing/index.js';

/** How long the cache keeps what is out of date soon. */
const SHORT_MS = 300;

@Injectable()
class Door implements CanActivate {
  open = true;

  canActivate(): boolean {
    return this.open;
  }
}

@Injectable()
class CachedTools {
  runs = 0;
  /** When `fleeting` ran, by its key, as the cache reckons time. */
  readonly times = new Map<string, number[]>();
  readonly #waiting: (() => void)[] = [];

  @McpTool({
    description: 'Says how often it ran.',
    inputSchema: z.object({ text: z.string(), unit: z.string().default('m') }),
    cacheTtl: 60,
    cacheTags: ['texts'],
  })
  @UseGuards(Door)
  count({ text }: { text: string }): object {
    return { text, runs: ++this.runs };
  }

  @McpTool({ description: 'Takes its time.', inputSchema: z.object({ key: z.string() }), cacheTtl: 60 })
  async slow({ key }: { key: string }): Promise<string> {
    this.runs++;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return key;
  }

  @McpTool({
    description: 'Is out of date soon.',
    inputSchema: z.object({ key: z.string() }),
    cacheTtl: SHORT_MS / 1000,
  })
  async fleeting({ key }: { key: string }): Promise<string> {
    this.#ran(key);
    await new Promise((resolve) => setImmediate(resolve));
    return key;
  }

  @McpTool({ description: 'Is kept for two seconds.', inputSchema: z.object({ key: z.string() }), cacheTtl: 2 })
  brief({ key }: { key: string }): string {
    return key;
  }

  @McpTool({ description: 'Asks first.', cacheTtl: 60 })
  async asks(_input: unknown, call: Call): Promise<string> {
    this.runs++;
    const answer = await call.elicit({ message: 'Who?', schema: z.object({ name: z.string() }) });
    return answer.action === 'accept' ? answer.content.name : 'nobody';
  }

  @McpResource({ description: 'Read once.', uri: 'note://one', cacheTtl: 60 })
  note(): string {
    return `read ${++this.runs}`;
  }

  @McpPrompt({ description: 'Rendered once.', cacheTtl: 60 })
  greet(): string {
    return `rendered ${++this.runs}`;
  }

  #ran(key: string): void {
    this.times.set(key, [...(this.times.get(key) ?? []), Date.now()]);
  }

  /** Lets every slow call end, those that come later too. */
  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const open: (() => Promise<void>)[] = [];
let server: TestServer;
let tools: CachedTools;

async function start(options: TestServerOptions = {}): Promise<void> {
  server = await createTestServer({
    imports: [ToolCacheModule.forRoot()],
    providers: [CachedTools, Door],
    ...options,
  });
  open.push(server.close);
  tools = server.app.get(CachedTools);
}

async function newClient(who?: Parameters<TestServer['newTransport']>[0], capabilities = {}): Promise<Client> {
  const client = new Client(
    { name: 'another', version: '0.0.0' },
    { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(server.newTransport(who));
  open.push(() => client.close());
  return client;
}

const textOf = (result: object): string =>
  ((result as { content: readonly { text: string }[] }).content[0] as { text: string }).text;

/** Calls of tools under way. */
function inFlight(): number | undefined {
  const samples = server.app.get(Telemetry).samples();
  return samples.find(({ name, labels }) => name === 'rookery_calls_in_flight' && labels['kind'] === 'tool')?.value;
}

/** Results in memory, as operators see them: those included that are over and not swept yet. */
function entries(): number | undefined {
  return server.app.get(ToolCache).status().entries;
}

beforeEach(() => open.splice(0));
afterEach(async () => {
  for (const close of open.toReversed()) await close();
});

describe('a cached tool of a server', () => {
  it('[R1] answers the same arguments from memory, defaults applied and in any order', async () => {
    await start();
    const first = await server.client.callTool({ name: 'count', arguments: { text: 'a' } });
    const second = await server.client.callTool({ name: 'count', arguments: { unit: 'm', text: 'a' } });
    expect(second.content).toEqual(first.content);
    expect(tools.runs).toBe(1);
  });

  it('[R1] is behind every guard, also on a hit', async () => {
    await start();
    await server.client.callTool({ name: 'count', arguments: { text: 'a' } });
    server.app.get(Door).open = false;
    expect(await server.client.callTool({ name: 'count', arguments: { text: 'a' } })).toMatchObject({ isError: true });
  });

  it('[R1] never answers one principal with what another got', async () => {
    await start();
    const principal = (id: string): object => ({ id, roles: [], permissions: [], attributes: {} });
    for (const id of ['ann', 'bob', 'ann']) {
      const client = await newClient(principal(id) as never);
      await client.callTool({ name: 'count', arguments: { text: 'a' } });
    }
    expect(tools.runs).toBe(2);
  });

  it('[R1] runs again once its tag is invalidated', async () => {
    await start();
    await server.client.callTool({ name: 'count', arguments: { text: 'a' } });
    await server.app.get(ToolCache).invalidate({ tags: ['texts'] });
    await server.client.callTool({ name: 'count', arguments: { text: 'a' } });
    expect(tools.runs).toBe(2);
  });

  it('[R1] has siblings: resources and prompts', async () => {
    await start();
    for (const _ of [1, 2]) {
      await server.client.readResource({ uri: 'note://one' });
      await server.client.getPrompt({ name: 'greet' });
    }
    expect(tools.runs).toBe(2);
  });

  it('[R2] runs once a key for 50 connections', async () => {
    await start({ transport: 'http' });
    const clients = await Promise.all(Array.from({ length: 50 }, () => newClient()));
    for (const key of ['a', 'b', 'c']) {
      const all = clients.map((client) => client.callTool({ name: 'slow', arguments: { key } }));
      const before = tools.runs;
      await vi.waitFor(() => expect(tools.runs).toBe(before + 1));
      const letThrough = setInterval(() => tools.release(), 20);
      const results = await Promise.all(all);
      clearInterval(letThrough);
      expect(results.map(textOf)).toEqual(clients.map(() => key));
    }
    expect(tools.runs).toBe(3);
  });

  it(
    '[R1] [R2] runs once a key and time to live for 50 connections that never stop asking',
    { timeout: 60_000 },
    async () => {
      await start({ transport: 'http' });
      const clients = await Promise.all(Array.from({ length: 50 }, () => newClient()));
      const keys = ['a', 'b'];
      const enough = (): boolean => keys.every((key) => (tools.times.get(key)?.length ?? 0) >= 4);
      let answers = 0;
      const lanes = clients.map(async (client, lane) => {
        const key = keys[lane % keys.length] as string;
        while (!enough()) {
          expect(textOf(await client.callTool({ name: 'fleeting', arguments: { key } }))).toBe(key);
          answers++;
        }
      });
      await Promise.all(lanes);
      for (const key of keys) {
        const times = tools.times.get(key) as number[];
        const lived = times.slice(1).map((time, at) => time - (times[at] as number));
        expect(lived.filter((ms) => ms < SHORT_MS)).toEqual([]);
      }
      expect(answers).toBeGreaterThanOrEqual(clients.length);
    },
  );

  it('[R1] is swept out of memory once it is over, asked for or not', async () => {
    await start({ imports: [ToolCacheModule.forRoot({ cleanupInterval: 1 })] });
    for (const key of ['a', 'b', 'c']) await server.client.callTool({ name: 'brief', arguments: { key } });
    await server.client.callTool({ name: 'count', arguments: { text: 'stays' } });
    expect(entries()).toBe(4);
    await expect.poll(entries, { timeout: 10_000 }).toBe(1);
    await server.client.callTool({ name: 'count', arguments: { text: 'stays' } });
    expect(tools.runs).toBe(1);
  });

  it('[R2] goes on for the others when the first one cancels', async () => {
    await start({ transport: 'http' });
    const [first, second] = [await newClient(), await newClient()];
    const cancelling = new AbortController();
    const call = { name: 'slow', arguments: { key: 'a' } };
    const cancelled = first.callTool(call, { signal: cancelling.signal }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(tools.runs).toBe(1));
    const other = second.callTool(call);
    await vi.waitFor(() => expect(inFlight()).toBe(2));
    await new Promise((resolve) => setImmediate(resolve));
    cancelling.abort();
    expect(await cancelled).toBeInstanceOf(Error);
    tools.release();
    expect(textOf(await other)).toBe('a');
    expect(tools.runs).toBe(1);
  });

  it('[R2] that asks is answered to whoever was asked, and to nobody else', async () => {
    await start();
    const answering = async (name: string): Promise<Client> => {
      const client = await newClient(undefined, { elicitation: { form: {} } });
      client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name } }));
      return client;
    };
    const clients = await Promise.all(['ann', 'bob', 'eve'].map(answering));
    const answers = await Promise.all(clients.map((client) => client.callTool({ name: 'asks' })));
    expect(answers.map(textOf)).toEqual(['ann', 'bob', 'eve']);
  });
});

describe('the start', () => {
  it('is refused for a tool that changes things and is cached, by class and method', async () => {
    class Writing {
      @McpTool({ description: 'Pays.', annotations: { readOnlyHint: false }, cacheTtl: 5 })
      pay(): string {
        return 'paid';
      }
    }
    await expect(start({ providers: [Writing] })).rejects.toThrow(/Writing\.pay: .*readOnlyHint.*cacheWrites: true/);
  });

  it('is refused for a negative time, by class and method', async () => {
    class Negative {
      @McpTool({ description: 'Waits.', cacheTtl: -1 })
      wait(): string {
        return '';
      }
    }
    await expect(start({ providers: [Negative] })).rejects.toThrow(/Negative\.wait: .*"cacheTtl"/);
  });
});
