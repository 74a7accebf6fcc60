import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from './campaign.js';
import { inProcess, overLoopback } from './drive/connections.js';
import { HttpPeer } from './drive/http-peer.js';
import { rawExchange } from './drive/raw-exchange.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { answerRecipes } from './generate/answers.js';
import { capabilities } from './generate/envelope.js';
import { httpSteps } from './generate/http.js';
import { rawRequests } from './generate/raw-http.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer('http');
});
afterAll(() => server.close());

describe('requests over HTTP', () => {
  it.each([
    ['http', (): (() => Duplex) => inProcess(server.http)],
    ['sockets', (): (() => Duplex) => overLoopback(server.http)],
  ] as const)(
    '[S11] are answered once each, or with a documented status: %s',
    { timeout: 600_000 },
    async (name, via) => {
      const connect = via();
      const conversations = fc.record({
        version: fc.constantFrom('2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'),
        declared: capabilities,
        steps: fc.array(httpSteps(server.catalog), { minLength: 1, maxLength: 40, size: 'max' }),
        answers: fc.array(answerRecipes, { minLength: 1, maxLength: 4 }),
      });
      await campaign({
        name,
        share: shareOf(name),
        inputs: conversations,
        run: async ({ version, declared, steps, answers }) => {
          const peer = new HttpPeer(connect, answers);
          await peer.begin(version, declared);
          await peer.take(steps);
          peer.close();
          expect([...peer.findings, ...server.vitals.take()]).toEqual([]);
          return 1 + steps.length;
        },
      });
    },
  );

  it('are refused when they are none, whatever is written', { timeout: 600_000 }, async () => {
    const connect = overLoopback(server.http);
    await campaign({
      name: 'raw',
      share: shareOf('raw'),
      inputs: fc.array(rawRequests, { minLength: 1, maxLength: 16, size: 'max' }),
      run: async (connections) => {
        const found = await Promise.all(connections.map((bytes) => rawExchange(connect, bytes)));
        expect([...found.flat(), ...server.vitals.take()]).toEqual([]);
        return connections.length;
      },
    });
  });
});
