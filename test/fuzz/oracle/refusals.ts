import { isObject } from '../../../src/core/index.js';
import type { InMemoryTransport } from '../../../src/index.js';
import { memoryPeer } from '../drive/memory-peer.js';
import { EVERYTHING, envelopeOf } from '../generate/envelope.js';

/** The kinds of handle that a request can bring. */
export type BroughtHandle = 'cursor' | 'requestState' | 'taskId' | 'taskIds';

const MADE_UP = '6f1f2a0e-0000-4000-8000-000000000000';
const META = envelopeOf(EVERYTHING);

/** Requests with a handle that never was. */
const UNKNOWN: Readonly<Record<Exclude<BroughtHandle, 'taskIds'>, { method: string; params: object }>> = {
  cursor: { method: 'tools/list', params: { cursor: MADE_UP } },
  requestState: { method: 'tools/call', params: { name: 'ask_twice', arguments: {}, requestState: MADE_UP } },
  taskId: { method: 'tasks/get', params: { taskId: MADE_UP } },
};

/** How a server answers handles that it does not know: any other must be answered in the same words. */
export class Refusals {
  private constructor(private readonly errors: Readonly<Record<string, unknown>>) {}

  static async learn(memory: InMemoryTransport): Promise<Refusals> {
    const peer = await memoryPeer(memory);
    const { channel, heard } = peer;
    const kinds = Object.entries(UNKNOWN);
    for (const [id, { method, params }] of kinds) {
      channel.sendText(JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: META } }));
    }
    await channel.settle();
    await peer.close();
    const errorTo = (id: string): unknown => heard.find((message) => isObject(message) && message['id'] === id);
    return new Refusals(Object.fromEntries(kinds.map(([id]) => [id, withoutId(errorTo(id))])));
  }

  /** Whether an answer says what is said of a handle that never was. */
  isRefused(kind: BroughtHandle, answer: unknown): boolean {
    // What is listened to beside tasks may go on; unknown tasks are left out.
    if (kind === 'taskIds') return isObject(answer) && 'result' in answer;
    return JSON.stringify(withoutId(answer)) === JSON.stringify(this.errors[kind]);
  }
}

/** The handle that a message brings. */
export function broughtBy(message: unknown): BroughtHandle | undefined {
  const params = isObject(message) && isObject(message['params']) ? message['params'] : {};
  if (isObject(params['notifications']) && 'taskIds' in params['notifications']) return 'taskIds';
  return (['cursor', 'requestState', 'taskId'] as const).find((name) => name in params);
}

function withoutId(answer: unknown): unknown {
  return isObject(answer) ? { error: answer['error'] } : answer;
}
