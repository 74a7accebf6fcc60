import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import type { RequestId } from '../../src/mcp/wire.js';
import { campaign } from './campaign.js';
import { Dialogue } from './drive/dialogue.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer();
});
afterAll(() => server.close());

const NOWHERE = 'nowhere://at-all';
const URIS = ['test://watched-resource', 'test://static-text', 'test://template/1/data', NOWHERE];

type Fields = Readonly<Record<string, unknown>>;
type Step =
  | { readonly kind: 'listen'; readonly uris: readonly string[]; readonly tools: boolean; readonly prompts: boolean }
  | { readonly kind: 'stop'; readonly pick: number }
  | { readonly kind: 'touch'; readonly uri: string }
  | { readonly kind: 'change'; readonly list: 'tool' | 'prompt' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('listen' as const),
      uris: fc.subarray(URIS),
      tools: fc.boolean(),
      prompts: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop' as const), pick: fc.nat(5) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('touch' as const), uri: fc.constantFrom(...URIS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('change' as const), list: fc.constantFrom('tool' as const, 'prompt') }),
  },
);

/** Somebody who listens, and what must have been heard. */
interface Listener {
  readonly id: RequestId;
  readonly wish: Step & { kind: 'listen' };
  /** Resources that it was promised to hear of. */
  readonly uris: readonly string[];
  readonly updates: string[];
  lists: number;
  stopped: boolean;
}

/** A client with several subscriptions, some given up meanwhile. */
class Audience {
  readonly #listeners: Listener[] = [];

  constructor(private readonly dialogue: Dialogue) {}

  async take(step: Step): Promise<void> {
    if (step.kind === 'listen') return this.#listen(step);
    const open = this.#listeners.filter(({ stopped }) => !stopped);
    if (step.kind === 'stop') {
      const listener = open[step.pick % open.length];
      if (listener === undefined) return;
      listener.stopped = true;
      this.dialogue.notify('notifications/cancelled', { requestId: listener.id });
    } else if (step.kind === 'touch') {
      for (const { uris, updates } of open) if (uris.includes(step.uri)) updates.push(step.uri);
      await this.dialogue.request('tools/call', { name: 'touch', arguments: { uri: step.uri } });
    } else {
      for (const listener of open)
        listener.lists += Number(step.list === 'tool' ? listener.wish.tools : listener.wish.prompts);
      await this.dialogue.request('tools/call', { name: `test_trigger_${step.list}_change` });
      await turn();
      await turn();
    }
  }

  /** Each has heard what it was promised while it listened, in order and under its own id, and nothing else. */
  check(): void {
    for (const { id, wish, updates, lists } of this.#listeners) {
      const [first, ...rest] = this.dialogue.notified.filter((message) => subscriptionOf(message) === id);
      expect(first).toMatchObject({ method: 'notifications/subscriptions/acknowledged' });
      const touched = rest.filter(({ method }) => method === 'notifications/resources/updated');
      expect(touched.map(({ params }) => (params as Fields)['uri'])).toEqual(updates);
      const changed = rest.filter(({ method }) => String(method).endsWith('/list_changed'));
      expect(changed.length).toBeGreaterThanOrEqual(lists);
      expect(touched.length + changed.length).toBe(rest.length);
      const methods = changed.map(({ method }) => method);
      if (!wish.tools) expect(methods).not.toContain('notifications/tools/list_changed');
      if (!wish.prompts) expect(methods).not.toContain('notifications/prompts/list_changed');
    }
  }

  async #listen(wish: Step & { kind: 'listen' }): Promise<void> {
    const notifications = {
      resourceSubscriptions: wish.uris,
      toolsListChanged: wish.tools,
      promptsListChanged: wish.prompts,
    };
    const { id } = this.dialogue.begin('subscriptions/listen', { notifications });
    // Whoever listens to nothing is answered at once; the others have begun when they are acknowledged.
    let acknowledged: Fields | undefined;
    while (acknowledged === undefined) {
      await turn();
      acknowledged = this.dialogue.notified.find((message) => subscriptionOf(message) === id);
    }
    const uris = promised(acknowledged);
    // Whether a server promises to tell of what does not exist is its own affair.
    expect(uris.filter((uri) => uri !== NOWHERE)).toEqual(wish.uris.filter((uri) => uri !== NOWHERE));
    expect(wish.uris).toEqual(expect.arrayContaining([...uris]));
    this.#listeners.push({ id, wish, uris, updates: [], lists: 0, stopped: false });
  }
}

function promised({ params }: Fields): readonly string[] {
  const { notifications } = params as { readonly notifications: { readonly resourceSubscriptions?: string[] } };
  return notifications.resourceSubscriptions ?? [];
}

function subscriptionOf({ params }: Fields): unknown {
  const { _meta: meta } = (params ?? {}) as { readonly _meta?: Fields };
  return meta?.[SUBSCRIPTION_ID_META_KEY];
}

describe('those who listen', () => {
  it('[S11] hear what they asked for, until they stop', { timeout: 600_000 }, async () => {
    await campaign({
      name: 'subscriptions',
      share: shareOf('subscriptions'),
      inputs: fc.array(steps, { minLength: 1, maxLength: 20, size: 'max' }),
      run: async (taken) => {
        const dialogue = new Dialogue(server.memory);
        const audience = new Audience(dialogue);
        for (const step of taken) await audience.take(step);
        await turn();
        await turn();
        audience.check();
        await dialogue.close();
        expect(server.vitals.take()).toEqual([]);
        return taken.length;
      },
    });
  });
});
