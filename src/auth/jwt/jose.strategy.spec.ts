import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { AcceptedCredential } from '../door/accepted.js';
import { CredentialRefusal, CredentialsUnavailableError } from '../door/refusal-reason.js';
import { JoseStrategy } from './jose.strategy.js';
import { jwtOptions, jwtSettings } from './jwt.options.js';
import { verificationKey } from './token-keys.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** An issuer over real HTTP, whose keys, status and number of requests a test sees and sets. */
async function issuer() {
  const state = { keys: [] as object[], status: 200, requests: 0 };
  const server = createServer((_request, response) => {
    state.requests++;
    response.writeHead(state.status, { location: '/elsewhere' }).end(JSON.stringify({ keys: state.keys }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const publish = (kid: string, { publicKey }: { publicKey: KeyObject }) =>
    void state.keys.push({ ...publicKey.export({ format: 'jwk' }), kid });
  return { state, url, publish, server };
}

function strategyFor(url: string, options: object = {}) {
  const settings = jwtSettings(jwtOptions.parse({ jwksUrl: url, issuer: 'i', audience: 'a', ...options }));
  return new JoseStrategy('test', verificationKey(settings), { ...settings, audiences: () => settings.audiences });
}

/** Runs a strategy as Passport does, on an object derived from it. */
function run(strategy: JoseStrategy, secret: string): Promise<unknown> {
  return new Promise((resolve) => {
    const attempt = Object.assign(Object.create(strategy) as JoseStrategy, {
      success: (user: { readonly id: string }, info: object) => resolve(info instanceof AcceptedCredential && user.id),
      fail: (info?: object) => resolve(info instanceof CredentialRefusal ? info.reason : 'not mine'),
      error: (error: unknown) => resolve(error),
    });
    attempt.authenticate({ headers: {}, credential: { scheme: 'bearer', secret }, ip: undefined });
  });
}

const tokenOf = (alg: string, { privateKey }: { privateKey: KeyObject }, kid?: string) =>
  new SignJWT({})
    .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
    .setIssuer('i')
    .setAudience('a')
    .setSubject('ada')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(privateKey);

const ed = () => generateKeyPairSync('ed25519');

describe('[A2] keys that an issuer publishes', () => {
  it('are asked for once, and kept', async () => {
    const { state, url, publish } = await issuer();
    const pair = ed();
    publish('one', pair);
    const strategy = strategyFor(url);
    for (let round = 0; round < 3; round++) {
      expect(await run(strategy, await tokenOf('EdDSA', pair, 'one'))).toBe('ada');
    }
    expect(state.requests).toBe(1);
  });

  it('may be rotated: a new name makes the server look again', async () => {
    const { state, url, publish } = await issuer();
    const [old, fresh] = [ed(), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
    publish('old', old);
    const strategy = strategyFor(url, { jwksCooldownSeconds: 0 });
    expect(await run(strategy, await tokenOf('EdDSA', old, 'old'))).toBe('ada');
    state.keys.length = 0;
    publish('fresh', fresh);
    expect(await run(strategy, await tokenOf('ES256', fresh, 'fresh'))).toBe('ada');
    expect(await run(strategy, await tokenOf('EdDSA', old, 'old'))).toBe('unknown_key');
  });

  it('are not asked for by every made-up name', async () => {
    const { state, url, publish } = await issuer();
    publish('one', ed());
    const strategy = strategyFor(url);
    const forger = ed();
    for (let index = 0; index < 20; index++) {
      expect(await run(strategy, await tokenOf('EdDSA', forger, `made-up-${index}`))).toBe('unknown_key');
    }
    expect(state.requests).toBe(1);
  });

  it('are not followed to another place, and without them nobody is let in', async () => {
    const { state, url, publish } = await issuer();
    const pair = ed();
    publish('one', pair);
    const strategy = strategyFor(url);
    for (const status of [302, 404, 500]) {
      state.status = status;
      expect(await run(strategy, await tokenOf('EdDSA', pair, 'one'))).toBeInstanceOf(CredentialsUnavailableError);
    }
    state.status = 200;
    expect(await run(strategy, await tokenOf('EdDSA', pair, 'one'))).toBe('ada');
  });

  it('cannot be had from a server that is gone: unavailable', async () => {
    const { url, server } = await issuer();
    await new Promise((resolve) => server.close(resolve));
    expect(await run(strategyFor(url), await tokenOf('EdDSA', ed()))).toBeInstanceOf(CredentialsUnavailableError);
  });

  it('of another kind than tokens are left to other strategies', async () => {
    const { url } = await issuer();
    expect(await run(strategyFor(url), 'rk_a_key')).toBe('not mine');
  });
});
