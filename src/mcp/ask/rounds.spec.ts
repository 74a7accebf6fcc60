import { describe, expect, it } from 'vitest';
import {
  Call,
  InMemorySingleUseMarks,
  InMemoryTelemetry,
  RookeryError,
  ServerStatus,
  type SingleUseMarks,
} from '../../core/index.js';
import type { McpOptions } from '../mcp.options.js';
import { ReplayAsker } from './replay-asker.js';
import { Rounds } from './rounds.js';

const KEYS = ['a secret of more than thirty-two characters'];
const PARAMS = { arguments: { a: 1 } };
const options = { stateKeys: KEYS, stateTtlMs: 60_000 } as McpOptions;
const away: SingleUseMarks = {
  claim: () => Promise.reject(new Error('Connection is closed.')),
  release: () => Promise.reject(new Error('Connection is closed.')),
};

/** One process of a server. */
function processWith(marks: SingleUseMarks): { readonly rounds: Rounds; readonly telemetry: InMemoryTelemetry } {
  const telemetry = new InMemoryTelemetry();
  const rounds = new Rounds(options, marks, new ServerStatus({ name: 'test', version: '1' }), telemetry);
  return { rounds, telemetry };
}

const call = (): Call => new Call({ kind: 'tool', name: 'ask', input: {} });
const failuresOf = (telemetry: InMemoryTelemetry): object[] =>
  telemetry.samples().map(({ name, labels, value }) => ({ name, ...labels, value }));

describe('rounds of a call', () => {
  it('[R9] go on in another process, once', async () => {
    const marks = new InMemorySingleUseMarks();
    const [a, b] = [processWith(marks), processWith(marks)];
    const state = a.rounds.begin(call(), PARAMS);
    const sealed = a.rounds.seal(state);
    expect(await b.rounds.resume(sealed, call(), PARAMS)).toMatchObject({ chain: state.chain });
    await expect(a.rounds.resume(sealed, call(), PARAMS)).rejects.toMatchObject({ code: -32602 });
    await b.rounds.release(state);
    expect(await a.rounds.resume(sealed, call(), PARAMS)).toMatchObject({ chain: state.chain });
  });

  it('[R9] are refused while the marks are away, with the seconds to wait, and counted', async () => {
    const { rounds, telemetry } = processWith(away);
    const sealed = rounds.seal(rounds.begin(call(), PARAMS));
    await expect(rounds.resume(sealed, call(), PARAMS)).rejects.toMatchObject({
      code: 503,
      data: { code: 'overloaded', retry_after: 1 },
    });
    expect(failuresOf(telemetry)).toEqual([
      { name: 'rookery_round_marks_failures_total', operation: 'claim', value: 1 },
    ]);
  });

  it('[R9] end without a question that could not be answered, when the mark cannot be freed', async () => {
    const { rounds, telemetry } = processWith(away);
    const release = rounds.release(rounds.begin(call(), PARAMS));
    await expect(release).rejects.toBeInstanceOf(RookeryError);
    await expect(release).rejects.toMatchObject({ code: 'overloaded', details: { retryAfter: 1 } });
    expect(failuresOf(telemetry)).toEqual([
      { name: 'rookery_round_marks_failures_total', operation: 'release', value: 1 },
    ]);
  });

  it('[R9] tell their caller so in place of the question', async () => {
    const { rounds } = processWith(away);
    const asking = call();
    const state = rounds.begin(asking, PARAMS);
    const asker = new ReplayAsker({ rounds, state, resumed: true, answers: {}, capabilities: {} });
    const asked = { code: 'input_required', value: { inputRequests: {} }, durationMs: 1 } as const;
    expect(await asker.ended(asking, asked)).toMatchObject({ code: 'overloaded', error: { code: 'overloaded' } });
  });
});
