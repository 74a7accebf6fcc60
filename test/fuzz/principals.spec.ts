import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from './campaign.js';
import { Meeting, type Participant } from './drive/meeting.js';
import { memoryPeer } from './drive/memory-peer.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { answerRecipes, type AnswerRecipe } from './generate/answers.js';
import { personalSteps } from './generate/personal.js';
import { Refusals } from './oracle/refusals.js';
import { shareOf } from './settings.js';

const ALICE = 'alice-5b1d';
const BOB = 'bob-c94e';

let server: FuzzServer;
let refusals: Refusals;
beforeAll(async () => {
  server = await startFuzzServer();
  refusals = await Refusals.learn(server.memory);
});
afterAll(() => server.close());

describe('two principals at once', () => {
  it(
    '[S9, S11] never see anything of each other, and cannot use what the other was given',
    { timeout: 600_000 },
    async () => {
      const meetings = fc.record({
        steps: personalSteps,
        answers: fc.array(answerRecipes, { minLength: 1, maxLength: 4 }),
      });
      let refused = 0;
      let honoured = 0;
      await campaign({
        name: 'principals',
        share: shareOf('principals'),
        inputs: meetings,
        run: async ({ steps, answers }) => {
          const participants = await Promise.all([participant(ALICE, answers), participant(BOB, answers)]);
          const meeting = new Meeting(participants, refusals);
          await meeting.hold(steps);
          await Promise.all(participants.map((one) => one.close()));
          expect([...meeting.findings(), ...server.vitals.take()]).toEqual([]);
          refused += meeting.refused;
          honoured += meeting.honoured;
          return steps.length;
        },
      });
      expect(refused, 'handles refused to others').toBeGreaterThan(0);
      expect(honoured, 'handles honoured for their owners').toBeGreaterThan(0);
    },
  );
});

async function participant(id: string, answers: readonly AnswerRecipe[]): Promise<Participant> {
  const word = `the-words-of-${id}`;
  const principal = { id, roles: [], permissions: [], attributes: {} };
  return { ...(await memoryPeer(server.memory, answers, principal, { word })), word, brought: new Map() };
}
