import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NodeTools, NodesModule } from '../../src/index.js';
import { NodeCatalogue } from '../../src/nodes/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const TOKEN = 'token-that-nobody-may-see';
const CUSTOMERS = Array.from({ length: 25 }, (_, index) => ({ id: index + 1 }));

/** An API as there are many: lists in pages of every kind, GraphQL, and answers that go wrong. */
function answer(request: IncomingMessage, body: string, response: ServerResponse, origin: string): void {
  const url = new URL(request.url ?? '/', origin);
  const json = (value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'set-cookie': 'session=1' });
    response.end(JSON.stringify(value));
  };
  const number = (name: string, fallback: number): number => Number(url.searchParams.get(name) ?? fallback);
  const slice = (from: number, size: number) => CUSTOMERS.slice(from, from + size);
  switch (url.pathname) {
    case '/echo':
      return json({ method: request.method, query: url.search, headers: request.headers, body });
    case '/pages':
      return json(slice((number('page', 1) - 1) * 10, number('size', 10)));
    case '/offsets':
      return json({ data: { items: slice(number('offset', 0), number('limit', 10)) } });
    case '/cursors': {
      const from = number('cursor', 0);
      return json({ items: slice(from, 10), meta: from + 10 < CUSTOMERS.length ? { next: String(from + 10) } : {} });
    }
    case '/links': {
      const from = number('from', 0);
      const next = `</other>; rel="prev", <${origin}/links?from=${from + 10}>; title="x"; rel="next"`;
      if (from + 10 < CUSTOMERS.length) response.setHeader('link', next);
      return json(slice(from, 10));
    }
    case '/circle':
      return json({ items: [1], next_cursor: 'always' });
    case '/graphql': {
      const { query, variables } = JSON.parse(body) as { query: string; variables: unknown };
      if (query.includes('broken')) return json({ errors: [{ message: 'no such field' }], data: null });
      return json({ data: { variables } });
    }
    case '/elsewhere':
      return void response.writeHead(302, { location: `${origin.replace('127.0.0.1', 'localhost')}/echo` }).end();
    case '/missing':
      return json({ error: `no such thing for ${TOKEN}` }, 404);
    case '/binary':
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      return void response.end(Buffer.from([0, 255, 1]));
    case '/out':
      return void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
    case '/large':
      return void response.end('x'.repeat(200_000));
    default:
      return;
  }
}

let api: Server;
let origin = '';
let running: TestServer;

beforeAll(async () => {
  api = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, body, response, origin));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  running = await createTestServer({
    imports: [
      NodesModule.forRoot({
        secrets: {
          crm: { value: TOKEN, origins: [origin] },
          unbound: { value: TOKEN },
          erp: { value: TOKEN, origins: ['https://erp.example.com'] },
        },
        api: {
          allow: [origin, origin.replace('127.0.0.1', 'localhost')],
          privateRanges: ['127.0.0.1', '::1'],
          timeoutMs: 1_000,
          maxResponseBytes: 100_000,
          maxPages: 5,
        },
      }),
    ],
  });
  const catalogue = running.app.get(NodeCatalogue);
  for (const type of ['HTTPRequestNode', 'RESTClientNode', 'GraphQLClientNode']) {
    await running.app.get(NodeTools).registerNodeTool(catalogue.get(type).nodeClass, type);
  }
});

afterAll(async () => {
  await running.close();
  api.closeAllConnections();
  api.close();
});

async function call(name: string, args: Record<string, unknown>) {
  const { content, isError, structuredContent } = await running.client.callTool({ name, arguments: args });
  const text = content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
  return { text, isError: isError === true, value: structuredContent as Record<string, unknown> };
}

describe('HTTPRequestNode', () => {
  it('sends method, query, headers, JSON and a secret by reference, which no output shows', async () => {
    const { text, value } = await call('HTTPRequestNode', {
      url: `${origin}/echo?a=1`,
      method: 'POST',
      query: { b: 2 },
      headers: { 'x-mine': 'yes' },
      json: { n: 1 },
      auth: { type: 'bearer', token_ref: 'crm' },
    });
    expect(value).toMatchObject({
      status: 200,
      ok: true,
      body: {
        method: 'POST',
        query: '?a=1&b=2',
        body: '{"n":1}',
        headers: { 'x-mine': 'yes', authorization: 'Bearer ***', 'content-type': 'application/json' },
      },
    });
    expect(text).not.toContain(TOKEN);
    expect(value['headers']).not.toHaveProperty('set-cookie');
  });

  it('sends no credential to where it is redirected, in whatever header it stood', async () => {
    const auth = { type: 'header', name: 'x-auth-token', value_ref: 'crm' };
    const { text, value } = await call('HTTPRequestNode', { url: `${origin}/elsewhere`, auth });
    expect(value).toMatchObject({ status: 200, url: expect.stringContaining('localhost') as string });
    expect(text).not.toContain('x-auth-token');
  });

  it('masks what was sent in every form that comes back', async () => {
    const auth = { type: 'basic', username: 'ann', password_ref: 'crm' };
    const sent = Buffer.from(`ann:${TOKEN}`).toString('base64');
    for (const response_type of ['json', 'text', 'base64']) {
      const { text } = await call('HTTPRequestNode', { url: `${origin}/echo`, auth, response_type });
      const shown = response_type === 'base64' ? Buffer.from(text, 'base64').toString() + text : text;
      expect(shown).not.toContain(TOKEN);
      expect(shown).not.toContain(sent);
    }
  });

  it('tells an error status, masked, and returns it when asked to', async () => {
    const request = { url: `${origin}/missing`, auth: { type: 'header', name: 'x-token', value_ref: 'crm' } };
    const refused = await call('HTTPRequestNode', request);
    expect(refused).toMatchObject({ isError: true });
    expect(refused.text).toContain('404');
    expect(refused.text).not.toContain(TOKEN);
    expect((await call('HTTPRequestNode', { ...request, fail_on_error_status: false })).value).toMatchObject({
      status: 404,
      ok: false,
    });
  });

  it('returns what is no text as base64', async () => {
    expect((await call('HTTPRequestNode', { url: `${origin}/binary` })).value).toMatchObject({ body: 'AP8B' });
  });

  it.each([
    ['as the token', { type: 'bearer', token: TOKEN }, 'auth.token_ref'],
    ['as the token, without a type', { token: TOKEN }, 'auth.token_ref'],
    ['as the password', { type: 'basic', username: 'ann', password: TOKEN }, 'auth.password_ref'],
    ['as the value of a header', { type: 'header', name: 'x-token', value: TOKEN }, 'auth.value_ref'],
  ])('refuses a secret %s, and says where it belongs', async (_what, auth, reference) => {
    const { isError, text } = await call('HTTPRequestNode', { url: `${origin}/echo`, auth });
    expect(isError).toBe(true);
    expect(text).toContain(`takes no secret: name one of nodes.secrets in \`${reference}\``);
    expect(text).not.toContain(TOKEN);
  });

  it('repeats no reference that is not configured, and tells nobody but the log what there is', async () => {
    const warned = vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    try {
      const pasted = `sk-${'a1B2'.repeat(15)}`;
      for (const token_ref of ['crn', pasted]) {
        const { isError, text } = await call('HTTPRequestNode', {
          url: `${origin}/echo`,
          auth: { type: 'bearer', token_ref },
        });
        expect(isError).toBe(true);
        expect(text).toContain('an operator configures it under nodes.secrets');
        expect(text).not.toContain(token_ref);
        expect(text).not.toMatch(/crm|erp|unbound/);
      }
      const logged = JSON.stringify(warned.mock.calls);
      expect(logged).toContain('"nearest":"crm"');
      expect(logged).not.toContain(pasted);
      expect(logged).not.toContain('crn');
    } finally {
      warned.mockRestore();
    }
  });

  it.each([
    ['another origin', { url: 'https://example.com/' }, 'nodes.api.allow'],
    ['a redirect into the cloud', { url: 'ORIGIN/out' }, 'nodes.api.allow'],
    ['another scheme', { url: 'file:///etc/passwd' }, 'Only http and https'],
    ['credentials by hand', { url: 'ORIGIN/echo', headers: { Authorization: 'Bearer x' } }, 'names a secret'],
    ['headers of the connection', { url: 'ORIGIN/echo', headers: { Host: 'x' } }, 'is not set by hand'],
    ['a header with a line break', { url: 'ORIGIN/echo', headers: { 'x-a': 'b\r\nc: d' } }, 'control characters'],
    [
      'a secret that is not there',
      { url: 'ORIGIN/echo', auth: { type: 'bearer', token_ref: 'crn' } },
      'There is no secret of that name.',
    ],
    [
      'a secret that is bound to nobody, where there are two',
      { url: 'ORIGIN/echo', auth: { type: 'bearer', token_ref: 'unbound' } },
      'The secret "unbound" is not sent to',
    ],
    [
      'a secret that belongs elsewhere',
      { url: 'ORIGIN/echo', auth: { type: 'bearer', token_ref: 'erp' } },
      'The secret "erp" is not sent to',
    ],
    ['two bodies', { url: 'ORIGIN/echo', method: 'POST', json: 1, body: 'x' }, 'both `json` and `body`'],
    ['an answer that is too large', { url: 'ORIGIN/large' }, '100000 bytes'],
    ['an answer that never comes', { url: 'ORIGIN/hang' }, 'within 1 seconds'],
    ['an answer that is no JSON', { url: 'ORIGIN/binary', response_type: 'json' }, 'is not JSON'],
  ])('refuses %s', async (_what, args, reason) => {
    const { isError, text } = await call('HTTPRequestNode', { ...args, url: args.url.replace('ORIGIN', origin) });
    expect(isError).toBe(true);
    expect(text).toContain(reason);
  });
});

describe('RESTClientNode', () => {
  it.each([
    ['pages', { pagination: { type: 'page', size_param: 'size', page_size: 10 } }, 3],
    ['pages', { pagination: { type: 'page' } }, 4],
    ['offsets', { items_path: 'data.items', pagination: { type: 'offset', page_size: 10 } }, 3],
    ['cursors', { items_path: 'items', pagination: { type: 'cursor', next_path: 'meta.next' } }, 3],
    ['links', { pagination: { type: 'link' } }, 3],
  ])('reads %s to the end: %j', async (resource, args, pages) => {
    const { value } = await call('RESTClientNode', { base_url: `${origin}/`, resource, ...args });
    expect(value).toEqual({ items: CUSTOMERS, pages, truncated: false });
  });

  it('says when there is more than it returns', async () => {
    const cursors = {
      base_url: origin,
      resource: 'cursors',
      items_path: 'items',
      pagination: { type: 'cursor', next_path: 'meta.next' },
    };
    expect((await call('RESTClientNode', { ...cursors, max_items: 12 })).value).toMatchObject({
      pages: 2,
      truncated: true,
    });
    expect((await call('RESTClientNode', { ...cursors, max_pages: 1 })).value).toMatchObject({
      pages: 1,
      truncated: true,
    });
  });

  it('does not go in a circle, and names a list that is not there', async () => {
    const circle = { base_url: origin, resource: 'circle', items_path: 'items', pagination: { type: 'cursor' } };
    expect((await call('RESTClientNode', circle)).text).toContain('fetched already');
    expect((await call('RESTClientNode', { ...circle, items_path: 'nope' })).text).toContain('no list at "nope"');
  });
});

describe('GraphQLClientNode', () => {
  it('sends variables beside the document, and hands on errors', async () => {
    const ask = { endpoint: `${origin}/graphql`, query: 'query($id: ID) { x }', variables: { id: '" }' } };
    expect((await call('GraphQLClientNode', ask)).value).toEqual({ data: { variables: { id: '" }' } }, errors: [] });
    const broken = { ...ask, query: '{ broken }' };
    expect((await call('GraphQLClientNode', broken)).text).toContain('no such field');
    expect((await call('GraphQLClientNode', { ...broken, allow_errors: true })).value).toMatchObject({
      errors: [{ message: 'no such field' }],
    });
  });
});
