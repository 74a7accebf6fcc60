import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from './campaign.js';
import { StdioPeer } from './drive/stdio-peer.js';
import { MAX_MESSAGE_SIZE, startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { answerRecipes } from './generate/answers.js';
import { opening } from './generate/conversation.js';
import { lines, manners } from './generate/lines.js';
import { recipes } from './generate/recipe.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer();
});
afterAll(() => server.close());

describe('lines on a pipe', () => {
  it('[S11] are answered once each, however they arrive, until the client has gone', { timeout: 600_000 }, async () => {
    const conversations = fc.record({
      first: opening,
      written: fc.array(lines(recipes(server.catalog)), { minLength: 1, maxLength: 40, size: 'max' }),
      answers: fc.array(answerRecipes, { minLength: 1, maxLength: 4 }),
      how: manners,
    });
    await campaign({
      name: 'stdio',
      share: shareOf('stdio'),
      inputs: conversations,
      run: async ({ first, written, answers, how }) => {
        const peer = new StdioPeer(server.stdio, how, answers, MAX_MESSAGE_SIZE);
        for (const recipe of first) peer.channel.send(recipe);
        for (const line of written) peer.writeLine(line);
        await peer.leave();
        expect([...peer.channel.ledger.close(), ...server.vitals.take()]).toEqual([]);
        return first.length + written.length;
      },
    });
  });
});
