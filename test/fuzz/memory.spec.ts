import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from './campaign.js';
import { memoryPeer } from './drive/memory-peer.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { answerRecipes } from './generate/answers.js';
import { recipes } from './generate/recipe.js';
import { opening, stepsOf } from './generate/conversation.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer();
});
afterAll(() => server.close());

describe('messages of both eras, in memory', () => {
  it('[S11] are answered once each, and nothing breaks', { timeout: 600_000 }, async () => {
    const conversations = fc.record({
      opening,
      steps: stepsOf(recipes(server.catalog)),
      answers: fc.array(answerRecipes, { minLength: 1, maxLength: 4 }),
    });
    await campaign({
      name: 'memory',
      share: shareOf('memory'),
      inputs: conversations,
      run: async ({ opening: first, steps, answers }) => {
        const peer = await memoryPeer(server.memory, answers);
        const { channel } = peer;
        for (const recipe of first) channel.send(recipe);
        await channel.hold(steps);
        await peer.close();
        expect([...channel.ledger.close(), ...server.vitals.take()]).toEqual([]);
        return first.length + steps.length;
      },
    });
  });
});
