import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../src/core/index.js';
import { isNestedTooDeeply } from '../../src/mcp/nesting.js';
import { campaign } from './campaign.js';
import { Dialogue } from './drive/dialogue.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { answerRecipes, answerTo, type AnswerRecipe, type Question } from './generate/answers.js';
import { spelled } from './generate/json.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer('memory', { tasks: { ttlMs: 60_000, pollIntervalMs: 10, maxTasks: 1_000_000 } });
});
afterAll(() => server.close());

/** What a client does about its task. */
type Move =
  | { readonly kind: 'get' | 'cancel' | 'listen' }
  | { readonly kind: 'update'; readonly answers: readonly AnswerRecipe[] }
  | { readonly kind: 'wait'; readonly ms: number };

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('get', 'get', 'get', 'cancel', 'listen') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      answers: fc.array(answerRecipes, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4) }) },
) as fc.Arbitrary<Move>;

const tools = fc.constantFrom(
  { name: 'brief_task', arguments: { ms: 2 } },
  { name: 'asking_task', arguments: {} },
  { name: 'confirm_delete', arguments: { filename: 'a' } },
  { name: 'multi_input', arguments: {} },
  { name: 'slow_compute', arguments: { seconds: 600 } },
  { name: 'protocol_error_job', arguments: {} },
  { name: 'faulty_task', arguments: { how: 'bigint' } },
);

const FINAL = ['completed', 'failed', 'cancelled'];
type Fields = Readonly<Record<string, unknown>>;

/** One task, as its client sees it: what is final stays, what was cancelled does not complete. */
class Watched {
  #last: Fields = {};
  #cancelled = false;
  #updated = '';

  constructor(
    private readonly dialogue: Dialogue,
    private readonly taskId: string,
  ) {}

  async make(move: Move): Promise<void> {
    switch (move.kind) {
      case 'wait':
        return delay(move.ms);
      case 'get':
        return this.look();
      case 'listen':
        this.dialogue.begin('subscriptions/listen', { notifications: { taskIds: [this.taskId] } });
        return;
      case 'cancel':
        return this.#cancel();
      case 'update':
        return this.#update(move.answers);
    }
  }

  async look(): Promise<void> {
    const { result = {} } = await this.dialogue.request('tasks/get', { taskId: this.taskId });
    const { status, lastUpdatedAt } = result;
    expect(result['taskId']).toBe(this.taskId);
    expect('inputRequests' in result).toBe(status === 'input_required');
    expect('result' in result).toBe(status === 'completed');
    expect('error' in result).toBe(status === 'failed');
    expect(String(lastUpdatedAt) >= this.#updated).toBe(true);
    if (FINAL.includes(String(this.#last['status']))) expect(result).toEqual(this.#last);
    else if (this.#cancelled) expect(FINAL).toContain(status);
    this.#last = result;
    this.#updated = String(lastUpdatedAt);
  }

  /** Notifications tell what a look would have told, and nothing follows the last. */
  checkNotified(): void {
    const statuses = this.dialogue.notified
      .filter(({ method }) => method === 'notifications/tasks')
      .map(({ params }) => (params as Fields)['status'] as string);
    const firstFinal = statuses.findIndex((status) => FINAL.includes(status));
    if (firstFinal !== -1) expect(new Set(statuses.slice(firstFinal)).size).toBe(1);
  }

  async #cancel(): Promise<void> {
    this.#acknowledged(await this.dialogue.request('tasks/cancel', { taskId: this.taskId }));
    this.#cancelled = true;
    await this.look();
  }

  async #update(answers: readonly AnswerRecipe[]): Promise<void> {
    const inputResponses = this.#responses(answers);
    const answer = await this.dialogue.request('tasks/update', { taskId: this.taskId, inputResponses });
    if (isNestedTooDeeply(inputResponses)) expect(answer.error).toMatchObject({ code: -32600 });
    else this.#acknowledged(answer);
  }

  #acknowledged({ result }: { readonly result?: Fields }): void {
    expect(result).toMatchObject({ resultType: 'complete' });
    expect(Object.keys(result ?? {}).toSorted()).toEqual(['_meta', 'resultType']);
  }

  #responses(answers: readonly AnswerRecipe[]): unknown {
    const asked = isObject(this.#last['inputRequests'])
      ? this.#last['inputRequests']
      : { nobody_asked: { method: '' } };
    const given = Object.entries(asked).map(([key, question], index) => [
      key,
      answerTo(question as Question, answers[index % answers.length] ?? { kind: 'right' }),
    ]);
    return JSON.parse(spelled(Object.fromEntries(given)));
  }
}

describe('a task', () => {
  it('[S11] comes to one end, whatever its client does meanwhile', { timeout: 600_000 }, async () => {
    await campaign({
      name: 'tasks',
      share: shareOf('tasks'),
      inputs: fc.tuple(tools, fc.array(moves, { minLength: 1, maxLength: 12, size: 'max' })),
      run: async ([tool, made]) => {
        const dialogue = new Dialogue(server.memory);
        const { result } = await dialogue.request('tools/call', tool);
        expect(result).toMatchObject({ resultType: 'task', status: 'working' });
        const watched = new Watched(dialogue, String(result?.['taskId']));
        for (const move of made) await watched.make(move);
        await watched.make({ kind: 'cancel' });
        watched.checkNotified();
        await dialogue.close();
        expect(server.vitals.take()).toEqual([]);
        return 2 + made.length;
      },
    });
  });
});
