import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Injectable, UseGuards, type CanActivate } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { AuthModule, AuthProvider, McpTool, ResilienceModule, type Principal } from '../../src/index.js';
import {
  CircuitBreakers,
  InMemoryLimitStore,
  LimitStore,
  type LimitRequest,
  type LimitUsage,
  type LimitVerdict,
} from '../../src/resilience/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { toolCall } from './support/envelope.js';
import { connectTo, head } from './support/raw-http.js';

const DEADLINE_MS = 100;

/** Answers late, as one beyond a network may. */
class LateStore extends LimitStore {
  lateByMs = 4 * DEADLINE_MS;
  readonly #store = new InMemoryLimitStore();

  override async take(requests: readonly LimitRequest[]): Promise<LimitVerdict> {
    await setTimeout(this.lateByMs);
    return this.#store.take(requests);
  }

  override usage(requests: readonly LimitRequest[]): LimitUsage {
    return this.#store.usage(requests);
  }
}

/** A team's own, which asks somebody who takes his time. */
@Injectable()
class LateGuard implements CanActivate {
  async canActivate(): Promise<boolean> {
    await setTimeout(4 * DEADLINE_MS);
    return true;
  }
}

@Injectable()
class Counted {
  runs = 0;
  guarded = 0;

  @McpTool({
    description: 'Counts its runs.',
    timeoutMs: DEADLINE_MS,
    breaker: { failureThreshold: 2, timeoutSeconds: 60 },
  })
  work(): string {
    return `run ${++this.runs}`;
  }

  @McpTool({ description: 'Lets nothing else run meanwhile.', timeoutMs: DEADLINE_MS })
  hog(): string {
    block(4 * DEADLINE_MS);
    return `run ${++this.runs}`;
  }

  @McpTool({
    description: 'Counts its runs.',
    timeoutMs: DEADLINE_MS,
    breaker: { failureThreshold: 2, timeoutSeconds: 60 },
  })
  @UseGuards(LateGuard)
  closed(): string {
    return `run ${++this.guarded}`;
  }
}

/** Knows everybody, after a while. */
@Injectable()
class SlowDirectory extends AuthProvider {
  async authenticate(credential: string): Promise<Principal> {
    await setTimeout(4 * DEADLINE_MS);
    return { id: credential, roles: [], permissions: [], attributes: {} };
  }
}

/** Keeps the event loop, so that what comes meanwhile is read in one turn. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('calls whose deadline passes before they get to their tool', () => {
  let server: TestServer;
  afterEach(async () => await server.close());

  it('[R5][S12] do not run it, and are not held against it', async () => {
    const store = new LateStore();
    server = await createTestServer({
      imports: [
        ResilienceModule.forRoot({
          rateLimit: { requestsPerMinute: 1_000, burstSize: 1_000 },
          limitStore: { useFactory: () => store },
        }),
      ],
      providers: [Counted],
    });
    const call = (): Promise<unknown> => server.client.callTool({ name: 'work', arguments: {} });
    for (const answer of await Promise.all([call(), call(), call(), call()])) {
      expect(answer).toMatchObject({ isError: true, _meta: { 'rookery/code': 'timeout' } });
    }
    await setTimeout(2 * store.lateByMs);
    expect(server.app.get(Counted).runs).toBe(0);
    expect(server.app.get(CircuitBreakers).get('work').state).toBe('closed');

    store.lateByMs = 0;
    expect(await call()).toMatchObject({ content: [{ text: 'run 1' }] });
  });

  it('[R5][S12] are not run though only another call of their turn was in their way', async () => {
    server = await createTestServer({
      imports: [ResilienceModule.forRoot({})],
      providers: [Counted],
      transport: 'http',
    });
    const { headers, body } = toolCall('hog');
    const request = head({ ...headers, 'content-length': String(Buffer.byteLength(body)) }) + body;
    const sockets = await Promise.all([connectTo(server.url), connectTo(server.url)]);
    const ask = async (): Promise<readonly string[]> => {
      const answers = sockets.map((socket) => once(socket, 'data') as Promise<[Buffer]>);
      for (const socket of sockets) socket.write(request);
      block(DEADLINE_MS);
      return (await Promise.all(answers)).map(([bytes]) => bytes.toString('utf8'));
    };
    // Connections are taken in one a turn.
    await ask();
    const { runs } = server.app.get(Counted);
    expect((await ask()).filter((answer) => answer.includes('"rookery/code":"timeout"'))).toHaveLength(1);
    expect(server.app.get(Counted).runs).toBe(runs + 1);
    for (const socket of sockets) socket.destroy();
  });

  it.each(['native', 'sdk'] as const)('[R5][S12] are not run though only the door took long; %s', async (adapter) => {
    server = await createTestServer({
      imports: [AuthModule.forRoot({ strategies: [SlowDirectory] }), ResilienceModule.forRoot({})],
      providers: [Counted, SlowDirectory],
      server: { adapter },
      transport: 'http',
      era: '2025-11-25',
      credential: 'somebody',
    });
    expect(await server.client.callTool({ name: 'work', arguments: {} })).toMatchObject({
      isError: true,
      _meta: { 'rookery/code': 'timeout' },
    });
    expect(server.app.get(Counted).runs).toBe(0);
  });

  it('[R5][S12] are not let in by a guard of a team either', async () => {
    server = await createTestServer({ imports: [ResilienceModule.forRoot({})], providers: [Counted, LateGuard] });
    const call = (): Promise<unknown> => server.client.callTool({ name: 'closed', arguments: {} });
    for (const answer of await Promise.all([call(), call(), call()])) {
      expect(answer).toMatchObject({ isError: true, _meta: { 'rookery/code': 'timeout' } });
    }
    await setTimeout(8 * DEADLINE_MS);
    expect(server.app.get(Counted).guarded).toBe(0);
    expect(server.app.get(CircuitBreakers).get('closed').state).toBe('closed');
  });
});
