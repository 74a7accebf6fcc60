import { Body, Controller, Injectable, Post, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { CoreModule } from '../core/index.js';
import { RequirePermissions, RequireRoles, ResourcePermission } from './decorators.js';
import { PermissionsModule } from './permissions.module.js';
import { ResourcePermissionGuard } from './resource-permission.guard.js';
import { VisibilityGuard } from './visibility.guard.js';

/** Puts on the request whom the header names: with that role, and nothing else. */
@Injectable()
class HeaderIsRole implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
    const { role } = request.headers;
    if (role !== undefined) request.user = { id: 'ann', roles: [role], permissions: [], attributes: {} };
    return true;
  }
}

@Controller('datasets')
@UseGuards(HeaderIsRole, VisibilityGuard, ResourcePermissionGuard)
class DatasetsController {
  @Post('open')
  open(): string {
    return 'open';
  }

  @Post('change')
  @RequirePermissions('execute')
  @RequireRoles('analyst', 'admin')
  @ResourcePermission('datasets:update', (args: { dataset_id: string }) => args.dataset_id)
  change(@Body() { dataset_id }: { dataset_id: string }): string {
    return `changed ${dataset_id}`;
  }
}

let app: NestFastifyApplication | undefined;

async function start(controllers: readonly (new () => object)[], override?: (b: TestingModuleBuilder) => unknown) {
  const builder = Test.createTestingModule({
    imports: [
      CoreModule,
      PermissionsModule.forRoot({
        roles: { analyst: ['execute'], viewer: ['execute'], admin: ['execute'] },
        resourcePermissions: { datasets: { analyst: ['update'] } },
        resources: { datasets: { validators: ['owned'] } },
        validators: { owned: (_user, { owner }: { owner: string }) => owner === 'us' },
        loaders: { datasets: (id) => ({ owner: id === 'ours' ? 'us' : 'them' }) },
      }),
    ],
    controllers: [...controllers],
  });
  override?.(builder);
  const module = await builder.compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  return app;
}

afterEach(() => app?.close());

describe('an ordinary route', () => {
  it.each<[string | undefined, string, string, number, object | string]>([
    [undefined, 'open', 'ours', 201, 'open'],
    ['analyst', 'change', 'ours', 201, 'changed ours'],
    ['analyst', 'change', 'theirs', 403, { code: 'forbidden', message: 'This call is not permitted.' }],
    ['admin', 'change', 'ours', 403, { code: 'forbidden' }],
    ['viewer', 'change', 'ours', 404, { code: 'unknown', message: 'Unknown tool: DatasetsController.change' }],
    [undefined, 'change', 'ours', 404, { code: 'unknown' }],
  ])('[S13] asked by %s for %s of %s answers %i', async (role, route, dataset_id, status, body) => {
    const { statusCode, payload } = await (
      await start([DatasetsController])
    ).inject({
      method: 'POST',
      url: `/datasets/${route}`,
      headers: role === undefined ? {} : { role },
      payload: { dataset_id },
    });
    expect(statusCode).toBe(status);
    if (typeof body === 'string') expect(payload).toBe(body);
    else expect(JSON.parse(payload)).toMatchObject(body);
    expect(payload).not.toContain('role');
  });

  it('[S13] is without our guards where a test overrides them', async () => {
    const open = { canActivate: () => true };
    const server = await start([DatasetsController], (builder) =>
      builder.overrideGuard(VisibilityGuard).useValue(open).overrideGuard(ResourcePermissionGuard).useValue(open),
    );
    const { payload } = await server.inject({ method: 'POST', url: '/datasets/change', payload: { dataset_id: 'x' } });
    expect(payload).toBe('changed x');
  });

  it('[A8] whose role does not exist keeps the server from starting', async () => {
    @Controller('wrong')
    @RequireRoles('root')
    class WrongController {
      @Post()
      @RequireRoles('analist')
      @RequirePermissions()
      @ResourcePermission('dataset:update')
      wrong(): void {}
    }
    await expect(start([WrongController])).rejects.toThrow(
      [
        'The server cannot start; 4 permission(s) are wrong:',
        'WrongController: option "requiredRoles": there is no role "root"; the roles are: analyst, viewer, admin',
        'WrongController.wrong: option "resourcePermission": there is no type of resource "dataset"; the types are: datasets',
        'WrongController.wrong: option "requiredPermissions": must name at least one; an empty list would protect nothing: leave the option out, or name a permission',
        'WrongController.wrong: option "requiredRoles": there is no role "analist"; the roles are: analyst, viewer, admin',
      ].join('\n- '),
    );
    app = undefined;
  });
});
