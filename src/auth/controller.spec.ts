import 'reflect-metadata';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { CoreModule, type Principal } from '../core/index.js';
import { AuthModule } from './auth.module.js';
import { CurrentPrincipal, Public } from './decorators.js';
import { McpAuthGuard } from './mcp-auth.guard.js';

const KEY = 'a-key-of-the-reports-service';

let app: NestFastifyApplication | undefined;
afterEach(() => app?.close());

@Controller('profile')
@UseGuards(McpAuthGuard)
class ProfileController {
  @Get()
  mine(@CurrentPrincipal() principal: Principal): string {
    return principal.id;
  }

  @Get('public')
  @Public()
  anybody(@CurrentPrincipal() principal: Principal | undefined): string {
    return principal?.id ?? 'nobody';
  }
}

describe('McpAuthGuard on an ordinary controller', () => {
  async function serve() {
    const module = await Test.createTestingModule({
      // A team's own Passport with another default must not take over.
      imports: [
        CoreModule,
        AuthModule.forRoot({ apiKeys: { reports: { secret: KEY } }, attempts: { maxPerMinute: 2 } }),
        PassportModule.register({ defaultStrategy: 'of-the-team' }),
      ],
      controllers: [ProfileController],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
    const served = app;
    return (url: string, headers: Record<string, string> = {}) => served.inject({ method: 'GET', url, headers });
  }

  it('[S13] lets in whoever has a credential, and says who it is', async () => {
    const get = await serve();
    const answer = await get('/profile', { authorization: `Bearer ${KEY}` });
    expect([answer.statusCode, answer.body]).toEqual([200, 'reports']);
  });

  it('[A3] challenges who has none', async () => {
    const get = await serve();
    const answer = await get('/profile');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="mcp"');
    expect(answer.json()).toEqual({ statusCode: 401, code: 'unauthenticated', message: 'Authentication is required.' });
  });

  it('lets everybody call a public route, though not with a wrong credential', async () => {
    const get = await serve();
    expect((await get('/profile/public')).body).toBe('nobody');
    expect((await get('/profile/public', { 'x-api-key': KEY })).body).toBe('reports');
    expect((await get('/profile/public', { 'x-api-key': 'wrong' })).statusCode).toBe(401);
  });

  it('limits wrong credentials by address', async () => {
    const get = await serve();
    for (const wrong of ['one', 'two']) await get('/profile', { 'x-api-key': wrong });
    const answer = await get('/profile', { 'x-api-key': KEY });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '60']);
  });
});
