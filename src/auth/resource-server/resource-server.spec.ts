import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { CoreModule, ServerStatus, TargetRegistries, TargetRegistry, type Target } from '../../core/index.js';
import { AuthModule, type AuthModuleOptions } from '../auth.module.js';
import { Challenges } from './challenges.js';
import { metadataUrl } from './protected-resource.js';
import { ResourceLocation } from './resource-location.js';

const URL_OF_SERVER = 'https://mcp.example.com/mcp';
const OAUTH = {
  authorizationServers: ['https://id.example.com'],
  scopes: { write: ['read'] },
  resourceName: 'Analytics',
  resourceDocumentation: 'https://docs.example.com',
};
const JWT = { issuer: 'https://id.example.com', jwksUrl: 'https://id.example.com/keys' };

@Module({})
class Ports {}

class Tools extends TargetRegistry {
  readonly kind = 'tool';
}

let app: NestFastifyApplication | undefined;
afterEach(() => app?.close());

async function serve(options: AuthModuleOptions, url = URL_OF_SERVER) {
  const location = { provide: ResourceLocation, useValue: { url: () => url } };
  const ports = { module: Ports, global: true, providers: [location], exports: [ResourceLocation] };
  const module = await Test.createTestingModule({
    imports: [CoreModule, ports, AuthModule.forRoot(options)],
  }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  const tools = new Tools();
  tools.add({ name: 'run', policy: { requiredScopes: ['execute', 'read'] } } as unknown as Target);
  app.get(TargetRegistries).add(tools);
  return app;
}

describe('[A3] metadata of the protected resource (RFC 9728)', () => {
  it.each(['', '/mcp'])('is at /.well-known/oauth-protected-resource%s, for pages in a browser too', async (path) => {
    const server = await serve({ oauth: OAUTH, jwt: JWT });
    const answer = await server.inject({ method: 'GET', url: `/.well-known/oauth-protected-resource${path}` });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.json()).toEqual({
      resource: URL_OF_SERVER,
      authorization_servers: ['https://id.example.com'],
      bearer_methods_supported: ['header'],
      scopes_supported: ['execute', 'read', 'write'],
      resource_name: 'Analytics',
      resource_documentation: 'https://docs.example.com',
    });
  });

  it('lets a browser ask for leave', async () => {
    const server = await serve({ oauth: OAUTH, jwt: JWT });
    const answer = await server.inject({ method: 'OPTIONS', url: '/.well-known/oauth-protected-resource/mcp' });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' });
  });

  it('is not there without OAuth', async () => {
    const server = await serve({ apiKeys: { a: { secret: 'x' } } });
    expect((await server.inject({ url: '/.well-known/oauth-protected-resource' })).statusCode).toBe(404);
  });

  it('names where the server listens, when nobody says more', async () => {
    const status = new ServerStatus({ name: 'test', version: '1' });
    status.listens('http', 'http://127.0.0.1:3000/mcp');
    const ports = {
      module: Ports,
      global: true,
      providers: [{ provide: ServerStatus, useValue: status }],
      exports: [ServerStatus],
    };
    const module = await Test.createTestingModule({
      imports: [CoreModule, ports, AuthModule.forRoot({ oauth: OAUTH, jwt: JWT })],
    }).compile();
    expect(module.get(Challenges).anonymous()).toContain(
      'resource_metadata="http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp"',
    );
    await module.close();
  });
});

describe('[A3] challenges (RFC 6750)', () => {
  const METADATA = 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"';

  it('name no error when no token came', async () => {
    const challenges = (await serve({ oauth: OAUTH, jwt: JWT })).get(Challenges);
    expect(challenges.anonymous()).toBe(`Bearer realm="mcp", ${METADATA}`);
    expect(challenges.anonymous(['read', 'call'])).toBe(`Bearer realm="mcp", scope="read call", ${METADATA}`);
  });

  it('name every scope of the operation in a step-up', async () => {
    const challenges = (await serve({ oauth: OAUTH, jwt: JWT })).get(Challenges);
    expect(challenges.insufficientScope(['read', 'execute'])).toBe(
      `Bearer realm="mcp", error="insufficient_scope", scope="read execute", ${METADATA}`,
    );
  });

  it('cannot be broken out of', async () => {
    const challenges = (await serve({ apiKeys: { a: { secret: 'x' } } })).get(Challenges);
    expect(challenges.invalidRequest('a "quoted" \\ text\r\nSet-Cookie: x=ü')).toBe(
      'Bearer realm="mcp", error="invalid_request", error_description="a \\"quoted\\" \\\\ textSet-Cookie: x="',
    );
  });
});

describe('metadataUrl', () => {
  it.each([
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'],
    ['https://example.com/team/mcp', 'https://example.com/.well-known/oauth-protected-resource/team/mcp'],
    ['https://example.com', 'https://example.com/.well-known/oauth-protected-resource'],
  ])('of %s', (resource, expected) => {
    expect(metadataUrl(resource)).toBe(expected);
  });
});
