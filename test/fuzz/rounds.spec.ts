import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from './campaign.js';
import { Dialogue, type DialogueAnswer } from './drive/dialogue.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { realTampers, tampered, type Tamper } from './generate/handle.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer('memory', { stateTtlMs: 600_000 });
});
afterAll(() => server.close());

/** What a client sends as its next round. */
type Round =
  | { readonly kind: 'right' | 'nothing' | 'wrong' | 'extra' | 'other arguments' | 'other tool' }
  /** A state of an earlier round, with the answers to it. */
  | { readonly kind: 'again'; readonly pick: number }
  | { readonly kind: 'tampered'; readonly how: Tamper; readonly at: number };

const round: fc.Arbitrary<Round> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('right' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('nothing', 'wrong', 'extra', 'other arguments', 'other tool'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), pick: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('tampered' as const), how: realTampers, at: fc.nat(999) }) },
);

const NAMES = { name: 'Alice', color: 'blue' };
const ANSWER = { action: 'accept', content: NAMES };
const CALL = { name: 'test_input_required_result_multi_round', arguments: {} };

/** The rounds of one call, and what must come of each: two questions, then the end, after which no state is good. */
class Call {
  /** States, each with the question that it asks. */
  readonly #states: { readonly state: string; readonly question: string }[] = [];
  #completed = false;

  constructor(private readonly dialogue: Dialogue) {}

  async begin(): Promise<void> {
    this.#asks(await this.dialogue.request('tools/call', CALL), 'step1');
  }

  async take(next: Round): Promise<void> {
    const latest = next.kind === 'again' ? next.pick % this.#states.length : this.#states.length - 1;
    const { state, question } = this.#states[latest] as { state: string; question: string };
    const answer = await this.dialogue.request('tools/call', { ...CALL, ...params(next, state, question) });
    if (['tampered', 'other arguments', 'other tool'].includes(next.kind) || this.#completed) {
      expect(answer.error, next.kind).toMatchObject({ code: -32602 });
      return;
    }
    const isAnswered = next.kind === 'right' || next.kind === 'extra' || next.kind === 'again';
    if (!isAnswered) this.#asks(answer, question);
    else if (question === 'step1') this.#asks(answer, 'step2');
    else {
      expect(answer.result).toMatchObject({ resultType: 'complete', content: [{ text: 'Alice likes blue.' }] });
      this.#completed = true;
    }
  }

  #asks({ result }: DialogueAnswer, question: string): void {
    expect(result).toMatchObject({ resultType: 'input_required' });
    expect(Object.keys(result?.['inputRequests'] as object)).toEqual([question]);
    this.#states.push({ state: result?.['requestState'] as string, question });
  }
}

function params(next: Round, state: string, question: string): object {
  const inputResponses = { [question]: ANSWER };
  switch (next.kind) {
    case 'tampered':
      return { requestState: tampered(state, next.how, next.at), inputResponses };
    case 'nothing':
      return { requestState: state, inputResponses: {} };
    case 'wrong':
      return {
        requestState: state,
        inputResponses: { [question]: { action: 'accept', content: { name: 1, color: 1 } } },
      };
    case 'extra':
      return { requestState: state, inputResponses: { ...inputResponses, nobody_asked: ANSWER } };
    case 'other arguments':
      return { requestState: state, inputResponses, arguments: { more: 1 } };
    case 'other tool':
      return { requestState: state, inputResponses, name: 'ask_twice' };
    default:
      return { requestState: state, inputResponses };
  }
}

describe('a call in rounds', () => {
  it('goes on for its own request alone, and ends once', { timeout: 600_000 }, async () => {
    await campaign({
      name: 'rounds',
      share: shareOf('rounds'),
      inputs: fc.array(round, { minLength: 1, maxLength: 12, size: 'max' }),
      run: async (rounds) => {
        const dialogue = new Dialogue(server.memory);
        const call = new Call(dialogue);
        await call.begin();
        for (const next of rounds) await call.take(next);
        await dialogue.close();
        expect(server.vitals.take()).toEqual([]);
        return 1 + rounds.length;
      },
    });
  });
});
