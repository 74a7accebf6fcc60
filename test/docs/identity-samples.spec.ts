import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { NestFactory } from '@nestjs/core';
import { afterAll, describe, expect, it } from 'vitest';
import * as samples from '../../docs/samples/identity.examples.js';
import { AuditModule, AuthModule, OAuthClientsModule, type Principal } from '../../src/index.js';
import { createTestServer, type TestServer, type TestServerOptions } from '../../src/testing/index.js';

const folder = mkdtempSync(join(tmpdir(), 'rookery-identity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withServer(options: TestServerOptions, use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer(options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const ann = (attributes: Principal['attributes'] = {}): Principal => ({
  id: 'ann',
  roles: ['analyst'],
  permissions: [],
  attributes,
});
const textOf = (result: object): unknown => (result as { content?: { text: string }[] }).content?.[0]?.text;

describe('the samples of authentication', () => {
  const imports = [samples.DirectoryModule, AuthModule.forRoot({ strategies: [samples.DirectoryProvider] })];

  it('let in whom the directory knows, and nobody else', async () => {
    const app = await NestFactory.create(samples.ShopModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    const connect = async (credential: string): Promise<void> => {
      const client = new Client({ name: 'samples', version: '0.0.0' }, { versionNegotiation: { mode: 'auto' } });
      const requestInit = { headers: { authorization: `Bearer ${credential}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${await app.getUrl()}/mcp`), { requestInit }));
      await client.close();
    };
    await connect('ticket-of-ann');
    await expect(connect('ticket-of-eve')).rejects.toThrow(/not accepted|Unauthorized|401/);
    await app.close();
  });

  it('say who is calling, to tools and to routes', async () => {
    const providers = [samples.AccountTools];
    const controllers = [samples.AccountController];
    const credential = 'ticket-of-ann';
    await withServer({ imports, providers, controllers, transport: 'http', credential }, async ({ client, url }) => {
      expect(textOf(await client.callTool({ name: 'who_am_i' }))).toBe('ann has the roles analyst.');
      expect(textOf(await client.callTool({ name: 'opening_hours' }))).toBe('from nine to five');
      const route = new URL('/account', url);
      expect((await fetch(route)).status).toBe(401);
      const known = await fetch(route, { headers: { authorization: `Bearer ${credential}` } });
      expect(await known.json()).toEqual({ id: 'ann', roles: ['analyst'] });
    });
  });

  it('have a client for another system', async () => {
    const crm = { issuer: 'https://login.example.com', clientId: 'rookery' };
    const clients = OAuthClientsModule.forRoot({ publicUrl: 'https://mcp.example.com', clients: { crm } });
    const options = { imports: [...imports, clients], providers: [samples.CustomerTools] };
    await withServer({ ...options, principal: ann() }, async ({ client }) => {
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['list_customers']);
    });
  });
});

describe('the samples of permissions', () => {
  const change = { name: 'change_dataset', arguments: { dataset_id: 'd3' } };

  it('decide by role, by what is permitted with datasets, and by the clearance', async () => {
    const options = { imports: [samples.DatasetsModule] };
    await withServer({ ...options, principal: ann({ clearanceLevel: 3 }) }, async ({ client }) => {
      expect(textOf(await client.callTool(change))).toBe('d3 was changed.');
    });
    await withServer({ ...options, principal: ann({ clearanceLevel: 2 }) }, async ({ client }) => {
      expect((await client.callTool(change))._meta).toMatchObject({ 'rookery/code': 'forbidden' });
    });
    await withServer({ ...options, principal: { ...ann(), roles: ['viewer'] } }, async ({ client }) => {
      expect((await client.listTools()).tools).toEqual([]);
      await expect(client.callTool(change)).rejects.toMatchObject({ code: -32602 });
    });
  });

  it('are the same as keys', async () => {
    const options = { imports: [samples.DatasetsModule], providers: [samples.SameDatasetTools] };
    const alter = { ...change, name: 'alter_dataset' };
    await withServer({ ...options, principal: ann({ clearanceLevel: 3 }) }, async ({ client }) => {
      expect(textOf(await client.callTool(alter))).toBe('d3 was changed.');
    });
    await withServer({ ...options, principal: ann() }, async ({ client }) => {
      expect((await client.callTool(alter))._meta).toMatchObject({ 'rookery/code': 'forbidden' });
    });
  });

  it('decide in the course of a call', async () => {
    const options = {
      imports: [samples.DatasetsModule],
      providers: [samples.DatasetStore, samples.ArchiveTools],
    };
    const purge = { name: 'purge', arguments: { ids: ['d1'] } };
    const admin = { ...ann({ clearanceLevel: 9 }), roles: ['admin'] };
    await withServer({ ...options, principal: admin }, async ({ client }) => {
      expect(textOf(await client.callTool(purge))).toBe('1 datasets are gone.');
    });
    await withServer({ ...options, principal: ann({ clearanceLevel: 9 }) }, async ({ client }) => {
      expect(textOf(await client.callTool(purge))).toBe('You may not delete d1.');
    });
  });
});

it('the sample of audit records what it did, without what is sensitive', async () => {
  const audit = AuditModule.forRoot({ sinks: [{ type: 'file', path: join(folder, 'audit.jsonl') }] });
  await withServer({ imports: [audit], providers: [samples.RefundTools] }, async ({ client }) => {
    const refund = { name: 'refund', arguments: { order: 'A-1', iban: 'CH9300762011623852957' } };
    expect(textOf(await client.callTool(refund))).toBe('A-1 is paid back.');
  });
  const records = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(records.join('')).toContain('"operation":"refund"');
  expect(records.join('')).toContain('"arguments":{"order":"A-1","iban":"***"}');
});
