import { Global, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { McpTool, ServerStatus, type Call } from '../../src/index.js';
import { createTestServer } from '../../src/testing/index.js';
import { messageOf, postModern } from './support/http-messages.js';

/** Stands for a cache or a database that a call may need until it has ended. */
@Injectable()
class Store implements OnModuleDestroy {
  open = true;

  onModuleDestroy(): void {
    this.open = false;
  }
}

@Global()
@Module({ providers: [Store], exports: [Store] })
class StoreModule {}

@Injectable()
class SlowTools {
  started = withResolvers();
  release = withResolvers();

  constructor(private readonly store: Store) {}

  @McpTool({ description: 'Ends when it is let.' })
  async slow(): Promise<string> {
    this.started.resolve();
    await this.release.promise;
    return this.store.open ? 'the store is open' : 'the store is closed';
  }

  @McpTool({ description: 'Ends when it is aborted.' })
  async endless(_input: object, call: Call): Promise<string> {
    this.started.resolve();
    await new Promise((_resolve, reject) => {
      call.signal.addEventListener('abort', () => reject(call.signal.reason as Error));
    });
    return 'never';
  }
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

describe('a server that stops', () => {
  it('finishes open calls while their stores are open, and takes no new ones', async () => {
    const server = await createTestServer({ imports: [StoreModule], providers: [SlowTools], transport: 'http' });
    const tools = server.app.get(SlowTools);
    const answer = postModern(server.url, 'tools/call', { name: 'slow', arguments: {} }).then(messageOf);
    await tools.started.promise;
    const closed = server.close();
    await expect.poll(() => server.app.get(ServerStatus).draining).toBe(true);
    const refused = await postModern(server.url, 'tools/list');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('connection')).toBe('close');
    tools.release.resolve();
    expect((await answer).result).toMatchObject({ content: [{ text: 'the store is open' }] });
    await closed;
    expect(server.app.get(Store).open).toBe(false);
  });

  it('aborts what does not end in time, and says so to its caller', async () => {
    const options = { transport: 'http', server: { shutdownGraceMs: 50 } } as const;
    const server = await createTestServer({ imports: [StoreModule], providers: [SlowTools], ...options });
    const answer = postModern(server.url, 'tools/call', { name: 'endless', arguments: {} }).then(messageOf);
    await server.app.get(SlowTools).started.promise;
    const closed = server.close();
    expect((await answer).result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'cancelled' } });
    await closed;
  });
});
