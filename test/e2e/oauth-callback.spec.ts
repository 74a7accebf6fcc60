import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/client';
import { Injectable, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InjectOAuth2Client } from '../../src/auth/oauth/inject-oauth2-client.js';
import { OAuth2Client } from '../../src/auth/oauth/oauth2-client.js';
import { OAuth2Clients } from '../../src/auth/oauth/oauth2-clients.js';
import { OAuthClientsModule } from '../../src/auth/oauth/oauth-clients.module.js';
import { CoreModule } from '../../src/core/index.js';
import { McpTool, type Call } from '../../src/index.js';
import { createTestServer, type TestEra, type TestServer } from '../../src/testing/index.js';
import { person, startAuthorizationServer, TestBrowser, type TestAuthorizationServer } from '../support/oidc/index.js';

const ALICE = person('<b>alice</b>');
const PUBLIC_URL = 'https://mcp.example.com';
const CALLBACK = '/oauth/callback/crm';

let server: TestAuthorizationServer;

beforeAll(async () => {
  server = await startAuthorizationServer();
  server.memory.addClient({
    client_id: 'rookery',
    redirect_uris: [`${PUBLIC_URL}${CALLBACK}`, `${PUBLIC_URL}/back/from/erp`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  });
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  server.behaviour.refuses = false;
  server.behaviour.nextTokenAnswers.length = 0;
  server.tokenRequests.length = 0;
});

function clientsModule(consentWaitMs = 5_000) {
  const client = { issuer: server.issuer, clientId: 'rookery', resource: 'https://crm.example.com/', consentWaitMs };
  return OAuthClientsModule.forRoot({
    publicUrl: PUBLIC_URL,
    clients: {
      crm: { ...client, scopes: ['contacts:read'] },
      erp: { ...client, scopes: ['read'], redirectPath: '/back/from/erp' },
    },
  });
}

/** The query with which a browser comes back from the page of consent. */
async function answerOf(url: string): Promise<string> {
  return (await new TestBrowser().visitUntil(url, PUBLIC_URL)).search;
}

/** A team's own way to know whom a browser belongs to. */
function signIn(request: { headers: Record<string, string>; user?: unknown }): boolean {
  const { visitor } = request.headers;
  if (visitor !== undefined) request.user = person(visitor);
  return true;
}

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('[A4] the page where browsers come back to, on %s', (_name, adapter) => {
  let app: INestApplication;
  let origin: string;
  let crm: OAuth2Client;

  beforeAll(async () => {
    @Module({ imports: [CoreModule, clientsModule()] })
    class PageModule {}
    app = await NestFactory.create(PageModule, adapter(), { logger: false });
    app.useGlobalGuards({ canActivate: (context) => signIn(context.switchToHttp().getRequest()) });
    await app.listen(0, '127.0.0.1');
    origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    crm = app.get(OAuth2Clients).get('crm');
  });

  afterAll(async () => {
    await app.close();
  });

  it('keeps the tokens and says whose they are, with nothing on it that could be clicked, framed or kept', async () => {
    const answer = await answerOf(await crm.authorizationUrl({ principal: ALICE }));
    const response = await fetch(origin + CALLBACK + answer);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('&lt;b&gt;alice&lt;/b&gt; can now use crm here.');
    expect(page).not.toMatch(/<b>|<script|<form|<a |eyJ/);
    const token = await crm.accessToken({ principal: ALICE });
    for (const secret of [token, ...new URLSearchParams(answer).values()]) expect(page).not.toContain(secret);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
    });
  });

  it('answers 400 to what is unknown, used, or another client’s', async () => {
    const answer = await answerOf(await crm.authorizationUrl({ principal: ALICE }));
    expect((await fetch(`${origin}/back/from/erp${answer}`)).status).toBe(400);
    expect((await fetch(origin + CALLBACK + answer)).status).toBe(200);
    const used = await fetch(origin + CALLBACK + answer);
    expect([used.status, used.headers.get('cache-control')]).toEqual([400, 'no-store']);
    const strange = await fetch(
      `${origin}${CALLBACK}?state=%3Cscript%3E&error=%3Cscript%3E&error_description=%3Cscript%3E`,
    );
    expect(strange.status).toBe(400);
    expect(await strange.text()).not.toContain('<script');
    expect((await fetch(origin + CALLBACK)).status).toBe(400);
    expect((await fetch(`${origin}/oauth/callback/unknown${answer}`)).status).toBe(404);
  });

  it('answers 400 where the browser is known to belong to somebody else', async () => {
    const visit = async (visitor: string): Promise<number> => {
      const answer = await answerOf(await crm.authorizationUrl({ principal: ALICE }));
      return (await fetch(origin + CALLBACK + answer, { headers: { visitor } })).status;
    };
    expect(await visit('mallory')).toBe(400);
    expect(await visit(ALICE.id)).toBe(200);
  });

  it('answers 400 where access was not granted', async () => {
    server.behaviour.refuses = true;
    const response = await fetch(
      origin + CALLBACK + (await answerOf(await crm.authorizationUrl({ principal: ALICE }))),
    );
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Access was not granted.');
  });

  it('answers 502 where the authorization server fails', async () => {
    const answer = await answerOf(await crm.authorizationUrl({ principal: ALICE }));
    server.behaviour.nextTokenAnswers.push('unavailable');
    expect((await fetch(origin + CALLBACK + answer)).status).toBe(502);
  });
});

/** A tool that calls a protected system, twice, as far as the token. */
@Injectable()
class ContactsTools {
  effects = 0;

  constructor(@InjectOAuth2Client('crm') private readonly crm: OAuth2Client) {}

  @McpTool({ description: 'Says for whom it got a token.' })
  async whose(_input: object, call: Call): Promise<string> {
    await call.once('effect', () => void this.effects++);
    const token = await this.crm.accessToken({ principal: call.principal, call });
    const again = await this.crm.accessToken({ principal: call.principal, call });
    return `${decodeJwt(token).sub} ${token === again}`;
  }
}

describe.each<TestEra>(['2026-07-28', '2025-11-25'])(
  '[A4] consent in the course of a call, with a client of %s',
  (era) => {
    const open: { close(): Promise<unknown> }[] = [];
    let host: TestServer;
    let asked: string[];

    afterEach(async () => {
      for (const part of open.splice(0)) await part.close();
    });

    /** What a person does with the page; resolves when they say that they opened it. */
    async function connect(
      onPage: ((url: string) => Promise<void>) | undefined,
      consentWaitMs?: number,
    ): Promise<Client> {
      asked = [];
      host = await createTestServer({
        imports: [clientsModule(consentWaitMs)],
        providers: [ContactsTools],
        era,
        principal: ALICE,
      });
      const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
      const capabilities = onPage === undefined ? {} : { elicitation: { form: {}, url: {} } };
      const client = new Client({ name: 'consenting', version: '1' }, { capabilities, versionNegotiation: { mode } });
      if (onPage !== undefined) {
        client.setRequestHandler('elicitation/create', async ({ params }) => {
          if (!('url' in params)) throw new Error('expected a page');
          asked.push(params.url);
          await onPage(params.url);
          return { action: server.behaviour.refuses ? ('decline' as const) : ('accept' as const) };
        });
      }
      await client.connect(host.newTransport(ALICE));
      open.push(client, host);
      return client;
    }

    async function finish(url: string): Promise<void> {
      const app: NestFastifyApplication = host.app;
      const response = await app.inject({ url: CALLBACK + (await answerOf(url)) });
      expect(response.statusCode).toBe(200);
    }

    const text = async (client: Client): Promise<string> => {
      const { content } = await client.callTool({ name: 'whose' });
      return (content as { text: string }[])[0]?.text ?? '';
    };

    it('asks the person once, and goes on with the token', async () => {
      const client = await connect(finish);
      expect(await text(client)).toBe('alice true');
      expect(await text(client)).toBe('alice true');
      expect(asked.length).toBe(1);
      expect(host.app.get(ContactsTools).effects).toBe(2);
      expect(server.tokenRequests).toEqual([{ grant: 'authorization_code', ok: true }]);
    });

    it('waits for a person who has opened the page and not finished yet', async () => {
      let finished: Promise<void> | undefined;
      const client = await connect(async (url) => {
        finished = finish(url);
      });
      expect(await text(client)).toBe('alice true');
      await finished;
    });

    it('tells where to consent when the person does not finish in time', async () => {
      const client = await connect(() => Promise.resolve(), 0);
      expect(await text(client)).toContain(
        `The consent has not been finished. To let this server use "crm" for you, open`,
      );
      await finish(asked[0] ?? '');
      expect(await text(client)).toBe('alice true');
      expect(asked.length).toBe(1);
    });

    it('says so when the person declines', async () => {
      server.behaviour.refuses = true;
      expect(await text(await connect(() => Promise.resolve()))).toBe('Access to "crm" was not granted.');
    });

    it('tells a client that cannot show a page where to consent', async () => {
      const client = await connect(undefined);
      const told = /open this page, then call again: (\S+)/.exec(await text(client))?.[1] ?? '';
      await finish(told);
      expect(await text(client)).toBe('alice true');
    });
  },
);
