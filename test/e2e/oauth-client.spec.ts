import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UnauthenticatedError } from '../../src/core/index.js';
import {
  AuthorizationServerError,
  CallbackRefusedError,
  ConsentRequiredError,
} from '../../src/auth/oauth/oauth-errors.js';
import {
  ClientBench,
  person,
  REDIRECT_URI,
  startAuthorizationServer,
  type TestAuthorizationServer,
} from '../support/oidc/index.js';

const ALICE = person('alice');
const BOB = person('bob');
const HOUR_MS = 3_600_000;

let server: TestAuthorizationServer;

beforeAll(async () => {
  server = await startAuthorizationServer();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  server.tokenRequests.length = 0;
  Object.assign(server.behaviour, { account: 'alice', refuses: false, accessTokenTtl: 3600 });
  server.behaviour.nextTokenAnswers.length = 0;
  server.memory.refreshGraceMs = 0;
});

const refreshes = () => server.tokenRequests.filter(({ grant }) => grant === 'refresh_token');

describe('OAuth2Client: consent', () => {
  it('[A4] gets a token for the resource by authorization code, with PKCE S256 and state', async () => {
    const bench = new ClientBench(server);
    const url = new URL(await bench.client.authorizationUrl({ principal: ALICE }));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      code_challenge_method: 'S256',
      scope: 'contacts:read',
      resource: 'https://crm.example.com/',
    });
    expect(url.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    const granted = await bench.client.callback(await bench.answerOf(url.href));
    expect(granted).toEqual({ principalId: 'alice', scopes: ['contacts:read'] });
    const token = await bench.client.accessToken({ principal: ALICE });
    expect(decodeJwt(token)).toMatchObject({ aud: 'https://crm.example.com/', sub: 'alice', scope: 'contacts:read' });
    expect(await bench.client.accessToken({ principal: ALICE })).toBe(token);
    expect(server.tokenRequests).toEqual([{ grant: 'authorization_code', ok: true }]);
  });

  it('[A4] says where to consent when there is no token, and gives nobody the token of another', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    const refused = await bench.client.accessToken({ principal: BOB }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConsentRequiredError);
    expect((refused as ConsentRequiredError).message).toContain((refused as ConsentRequiredError).url);
    await bench.client.callback(await bench.answerOf((refused as ConsentRequiredError).url));
    const [hers, his] = await Promise.all([ALICE, BOB].map((principal) => bench.client.accessToken({ principal })));
    expect(his).not.toBe(hers);
  });

  it('tells people of the same id apart by issuer and tenant', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    for (const other of [
      { ...ALICE, issuer: 'https://other.example.com' },
      { ...ALICE, tenant: 'acme' },
    ]) {
      await expect(bench.client.accessToken({ principal: other })).rejects.toThrow(ConsentRequiredError);
    }
  });

  it('refuses to hold a token for nobody, who would be everybody', async () => {
    const bench = new ClientBench(server);
    await expect(bench.client.accessToken({ principal: undefined })).rejects.toThrow(UnauthenticatedError);
    await expect(bench.client.authorizationUrl({ principal: undefined })).rejects.toThrow(UnauthenticatedError);
  });

  it('asks for more scopes together with those that were granted', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    const more = { principal: ALICE, scopes: ['contacts:write'] };
    const refused = (await bench.client.accessToken(more).catch((error: unknown) => error)) as ConsentRequiredError;
    expect(new URL(refused.url).searchParams.get('scope')).toBe('contacts:write contacts:read');
    await bench.client.callback(await bench.answerOf(refused.url));
    expect(decodeJwt(await bench.client.accessToken(more))['scope']).toBe('contacts:write contacts:read');
    await expect(bench.client.accessToken({ principal: ALICE })).resolves.toBe(await bench.client.accessToken(more));
  });

  it('[A4] refuses a state that is unknown, missing, sent twice or another client’s', async () => {
    const bench = new ClientBench(server);
    const answer = await bench.answerOf(await bench.client.authorizationUrl({ principal: ALICE }));
    const changed = (change: (parameters: URLSearchParams) => void) => {
      const parameters = new URLSearchParams(answer);
      change(parameters);
      return bench.client.callback(parameters);
    };
    await expect(changed((parameters) => parameters.set('state', 'x'.repeat(43)))).rejects.toThrow(
      CallbackRefusedError,
    );
    await expect(changed((parameters) => parameters.delete('state'))).rejects.toThrow(CallbackRefusedError);
    await expect(changed((parameters) => parameters.append('state', 'second'))).rejects.toThrow(CallbackRefusedError);
    await expect(new ClientBench(server).client.callback(answer)).rejects.toThrow(CallbackRefusedError);
    expect(server.tokenRequests).toEqual([]);
    await expect(bench.client.callback(answer)).resolves.toMatchObject({ principalId: 'alice' });
  });

  it('[A4] takes an answer once, and the server a code once', async () => {
    const bench = new ClientBench(server);
    const answer = await bench.answerOf(await bench.client.authorizationUrl({ principal: ALICE }));
    const both = await Promise.allSettled([bench.client.callback(answer), bench.client.callback(answer)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(bench.client.callback(answer)).rejects.toThrow(CallbackRefusedError);
    const replayed = new URLSearchParams(answer);
    replayed.set(
      'state',
      new URL(await bench.client.authorizationUrl({ principal: BOB })).searchParams.get('state') ?? '',
    );
    await expect(bench.client.callback(replayed)).rejects.toMatchObject({
      fault: 'refused',
      oauthError: 'invalid_grant',
    });
    await expect(bench.client.accessToken({ principal: BOB })).rejects.toThrow(ConsentRequiredError);
  });

  it('refuses a state that is too old', async () => {
    const bench = new ClientBench(server, { options: { consentTtlMs: 60_000 } });
    const answer = await bench.answerOf(await bench.client.authorizationUrl({ principal: ALICE }));
    bench.ahead = 60_001;
    await expect(bench.client.callback(answer)).rejects.toThrow(CallbackRefusedError);
  });

  it('refuses the answer to somebody else’s question where it is known who came back', async () => {
    const bench = new ClientBench(server);
    const answer = await bench.answerOf(await bench.client.authorizationUrl({ principal: ALICE }));
    await expect(bench.client.callback(answer, BOB)).rejects.toThrow('belongs to somebody else');
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toThrow(ConsentRequiredError);
  });

  it('[A4] refuses an answer that names another issuer, or none (RFC 9207)', async () => {
    const bench = new ClientBench(server);
    for (const issuer of ['https://evil.example.com', undefined]) {
      const answer = await bench.answerOf(await bench.client.authorizationUrl({ principal: ALICE }));
      expect(answer.get('iss')).toBe(server.issuer);
      if (issuer === undefined) answer.delete('iss');
      else answer.set('iss', issuer);
      await expect(bench.client.callback(answer)).rejects.toThrow('does not come from the server that was asked');
    }
    expect(server.tokenRequests).toEqual([]);
  });

  it('works from URLs alone, as the guide has it', async () => {
    const urls = { issuer: undefined, authorizationUrl: `${server.issuer}/auth`, tokenUrl: `${server.issuer}/token` };
    const bench = new ClientBench(server, { options: urls });
    await bench.consent(ALICE);
    expect(decodeJwt(await bench.client.accessToken({ principal: ALICE })).sub).toBe('alice');
  });

  it('says that access was not granted when a person refuses', async () => {
    const bench = new ClientBench(server);
    server.behaviour.refuses = true;
    const answer = await bench.answerOf(await bench.client.authorizationUrl({ principal: ALICE }));
    await expect(bench.client.callback(answer)).rejects.toThrow('Access was not granted.');
  });
});

describe('OAuth2Client: refresh', () => {
  it('[A4] asks for one refresh, however many callers', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    const before = await bench.client.accessToken({ principal: ALICE });
    bench.ahead = HOUR_MS;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => bench.client.accessToken({ principal: ALICE })));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expect(refreshes()).toEqual([{ grant: 'refresh_token', ok: true }]);
  });

  it('[A4] asks for one refresh, however many processes', async () => {
    const keys = ['a key of this test, of thirty-two characters'];
    const benches = [new ClientBench(server, { keys })];
    const [first] = benches as [ClientBench];
    for (let count = 0; count < 3; count++) benches.push(new ClientBench(server, { keys, store: first.store }));
    await first.consent(ALICE);
    for (const bench of benches) bench.ahead = HOUR_MS;
    const tokens = await Promise.all(
      benches.flatMap(({ client }) => Array.from({ length: 5 }, () => client.accessToken({ principal: ALICE }))),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes()).toEqual([{ grant: 'refresh_token', ok: true }]);
  });

  it('[A4] follows the rotation of refresh tokens', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    const tokens = new Set<string>();
    for (let hours = 1; hours <= 3; hours++) {
      bench.ahead = hours * HOUR_MS;
      tokens.add(await bench.client.accessToken({ principal: ALICE }));
    }
    expect(tokens.size).toBe(3);
    expect(refreshes().map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  it('[A4] asks with the old refresh token again when the answer was lost, and a server with a grace gives new ones', async () => {
    const bench = new ClientBench(server);
    server.memory.refreshGraceMs = 30_000;
    await bench.consent(ALICE);
    bench.ahead = HOUR_MS;
    server.behaviour.nextTokenAnswers.push('lost');
    expect(decodeJwt(await bench.client.accessToken({ principal: ALICE })).sub).toBe('alice');
    expect(refreshes().map(({ ok }) => ok)).toEqual([true, true]);
    bench.ahead = 2 * HOUR_MS;
    await expect(bench.client.accessToken({ principal: ALICE })).resolves.toEqual(expect.any(String));
  });

  it('[A4] keeps the old refresh token for the next caller when the answer did not come in time', async () => {
    const bench = new ClientBench(server, { options: { timeoutMs: 1_000 } });
    server.memory.refreshGraceMs = 30_000;
    await bench.consent(ALICE);
    bench.ahead = HOUR_MS;
    server.behaviour.nextTokenAnswers.push('stalled');
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toMatchObject({ fault: 'unreachable' });
    await expect(bench.client.accessToken({ principal: ALICE })).resolves.toEqual(expect.any(String));
    expect(refreshes().map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('asks for consent again when a server without a grace lost its answer', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    bench.ahead = HOUR_MS;
    server.behaviour.nextTokenAnswers.push('lost');
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toThrow(ConsentRequiredError);
    expect(refreshes().map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('[A4] drops the token and asks for consent when it was taken back', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    server.memory.revokeConsents();
    bench.ahead = HOUR_MS;
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toThrow(ConsentRequiredError);
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toThrow(ConsentRequiredError);
    expect(refreshes()).toEqual([{ grant: 'refresh_token', ok: false }]);
    await bench.consent(ALICE);
    await expect(bench.client.accessToken({ principal: ALICE })).resolves.toEqual(expect.any(String));
  });

  it('uses a token that is near its end while the server cannot be reached', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    const token = await bench.client.accessToken({ principal: ALICE });
    bench.ahead = HOUR_MS - 30_000;
    server.behaviour.nextTokenAnswers.push('unavailable', 'unavailable');
    expect(await bench.client.accessToken({ principal: ALICE })).toBe(token);
    expect(bench.counted('rookery_oauth_requests_total', { grant: 'refresh_token', outcome: 'unreachable' })).toBe(2);
    expect(await bench.client.accessToken({ principal: ALICE })).not.toBe(token);
  });

  it('[A4] says within its time that the server is down, and recovers with it', async () => {
    const bench = new ClientBench(server, { options: { timeoutMs: 500 } });
    await bench.consent(ALICE);
    bench.ahead = HOUR_MS;
    await server.stop();
    const startedAt = performance.now();
    const failed = await bench.client.accessToken({ principal: ALICE }).catch((error: unknown) => error);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect((failed as Error).message).toBe('The authorization server of "crm" cannot be reached. Try again later.');
    await server.start();
    await expect(bench.client.accessToken({ principal: ALICE })).resolves.toEqual(expect.any(String));
  });

  it('does not hand out again what the protected system refused', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    const accessToken = await bench.client.accessToken({ principal: ALICE });
    await bench.client.discard({ principal: ALICE, accessToken: 'another one' });
    expect(await bench.client.accessToken({ principal: ALICE })).toBe(accessToken);
    await bench.client.discard({ principal: ALICE, accessToken });
    expect(await bench.client.accessToken({ principal: ALICE })).not.toBe(accessToken);
  });

  it('forgets a person’s tokens, and ends them at the server', async () => {
    const bench = new ClientBench(server);
    await bench.consent(ALICE);
    expect(await bench.client.forget(ALICE)).toBe(true);
    expect(await bench.client.forget(ALICE)).toBe(false);
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toThrow(ConsentRequiredError);
    expect(bench.counted('rookery_oauth_requests_total', { grant: 'revocation', outcome: 'ok' })).toBe(1);
  });

  it('does not refresh where that is turned off', async () => {
    const bench = new ClientBench(server, { options: { refreshTokenEnabled: false } });
    await bench.consent(ALICE);
    bench.ahead = HOUR_MS;
    await expect(bench.client.accessToken({ principal: ALICE })).rejects.toThrow(ConsentRequiredError);
    expect(refreshes()).toEqual([]);
  });
});

describe('OAuth2Client: client credentials', () => {
  it('[A4] asks once for however many callers, until shortly before the end', async () => {
    const bench = new ClientBench(server);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => bench.client.clientCredentials()));
    expect(new Set(tokens).size).toBe(1);
    expect(decodeJwt(tokens[0] ?? '')).toMatchObject({ aud: 'https://crm.example.com/', client_id: 'rookery' });
    expect(await bench.client.clientCredentials()).toBe(tokens[0]);
    expect(server.tokenRequests.length).toBe(1);
    bench.ahead = HOUR_MS - 59_000;
    expect(await bench.client.clientCredentials()).not.toBe(tokens[0]);
    expect(server.tokenRequests.length).toBe(2);
  });

  it('asks for each set of scopes, and again for what was refused', async () => {
    const bench = new ClientBench(server);
    const accessToken = await bench.client.clientCredentials({ scopes: ['contacts:write', 'contacts:read'] });
    expect(await bench.client.clientCredentials({ scopes: ['contacts:read', 'contacts:write'] })).toBe(accessToken);
    expect(await bench.client.clientCredentials()).not.toBe(accessToken);
    await bench.client.discard({ accessToken });
    expect(await bench.client.clientCredentials({ scopes: ['contacts:write', 'contacts:read'] })).not.toBe(accessToken);
  });

  it('says what the server refused, and never a secret', async () => {
    const bench = new ClientBench(server, { options: { clientSecret: 'a wrong secret, never to be shown' } });
    const failed = (await bench.client
      .clientCredentials()
      .catch((error: unknown) => error)) as AuthorizationServerError;
    expect(failed).toBeInstanceOf(AuthorizationServerError);
    expect(failed.fault).toBe('refused');
    expect(failed.message).toContain('should check auth.oauthClients.crm');
    expect(JSON.stringify([failed.message, failed.details, String(failed.cause)])).not.toContain('never to be shown');
  });
});

describe('OAuth2Client: tokens at rest', () => {
  const OLD = 'an old key of thirty-two characters or more';
  const NEW = 'a new key of thirty-two characters or more!';

  it('[A4] keeps nothing in the store that can be read', async () => {
    const bench = new ClientBench(server, { keys: [OLD] });
    const written: string[] = [];
    const put = bench.store.put.bind(bench.store);
    bench.store.put = (key, record, version) => {
      written.push(key, Buffer.from(record.sealed).toString('latin1'));
      return put(key, record, version);
    };
    await bench.consent(ALICE);
    const token = await bench.client.accessToken({ principal: ALICE });
    expect(written.length).toBe(4);
    for (const text of written) {
      for (const secret of [token, token.slice(20, 60), 'alice', 'accessToken', 'codeVerifier']) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it('[A4] rotates keys: the new one seals, both open, and what only the old one opens is asked for again', async () => {
    const before = new ClientBench(server, { keys: [OLD] });
    const { store } = before;
    await before.consent(ALICE);
    await before.consent(BOB);
    const during = new ClientBench(server, { store, keys: [NEW, OLD] });
    expect(await during.client.accessToken({ principal: ALICE })).toBe(
      await before.client.accessToken({ principal: ALICE }),
    );
    during.ahead = HOUR_MS;
    const renewed = await during.client.accessToken({ principal: ALICE });
    const after = new ClientBench(server, { store, keys: [NEW] });
    expect(await after.client.accessToken({ principal: ALICE })).toBe(renewed);
    await expect(after.client.accessToken({ principal: BOB })).rejects.toThrow(ConsentRequiredError);
  });
});
