import { Injectable, type LoggerService } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { McpTool, type Policy } from '../../src/index.js';
import {
  PermissionsModule,
  RequirePermissions,
  RequireRoles,
  type PermissionsModuleOptions,
} from '../../src/permissions/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const OPTIONS = {
  roles: { admin: ['manage'], analyst: ['read', 'models:read'] },
  resourcePermissions: { datasets: { analyst: ['read', 'update'] } },
} as const satisfies PermissionsModuleOptions;

function toolsWith(...policies: readonly Policy[]): new () => object {
  @Injectable()
  class Tools {}
  for (const [index, policy] of policies.entries()) {
    const name = `tool${index}`;
    Object.defineProperty(Tools.prototype, name, { value: () => 'done', configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(Tools.prototype, name) as PropertyDescriptor;
    McpTool({ description: 'A tool.', ...policy })(Tools.prototype, name, descriptor);
  }
  return Tools;
}

let server: TestServer | undefined;
const lines: { readonly msg: string; readonly targets: readonly string[] }[] = [];
const silent = (): undefined => undefined;
const logger: LoggerService = {
  log: silent,
  error: silent,
  warn: (line: (typeof lines)[number]) => lines.push(line),
};

async function start(policies: readonly Policy[], options: PermissionsModuleOptions = {}): Promise<TestServer> {
  lines.length = 0;
  const imports = [PermissionsModule.forRoot({ ...OPTIONS, ...options })];
  server = await createTestServer({ imports, providers: [toolsWith(...policies)], logger });
  return server;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('a policy', () => {
  it.each<[string, unknown, RegExp]>([
    ['empty permissions', { requiredPermissions: [] }, /"requiredPermissions": must name at least one/],
    ['empty roles', { requiredRoles: [] }, /"requiredRoles": must name at least one/],
    ['an unknown role', { requiredRoles: ['admin', 'root'] }, /no role "root"; the roles are: admin, analyst/],
    [
      'an unknown type',
      { resourcePermission: 'dataset:read' },
      /no type of resource "dataset"; the types are: datasets, models/,
    ],
    [
      'an unknown action',
      { resourcePermission: 'datasets:drop' },
      /may "drop" datasets; the actions are: read, update/,
    ],
    ['no action', { resourcePermission: 'datasets' }, /must be "type:action"/],
    ['a number', { resourcePermission: 7 }, /must be "type:action"/],
    ['no function', { resourcePermission: { permission: 'datasets:read', resource: 'id' } }, /must be "type:action"/],
    [
      'a resource that nothing loads',
      { resourcePermission: { permission: 'datasets:read', resource: () => 'id' } },
      /nothing loads datasets: declare a class with @ResourceLoader\("datasets"\)/,
    ],
  ])('[A8] with %s stops the start, and a registration while serving', async (_what, policy, message) => {
    await expect(start([policy as Policy])).rejects.toThrow(message);
    const { server: running, client } = await start([]);
    const late = { name: 'late', description: 'Late.', ...(policy as Policy) };
    await expect(running.registerTool(late, () => 'done')).rejects.toThrow(message);
    expect((await client.listTools()).tools).toEqual([]);
  });

  it('[S2] that is wrong is named with all the others', async () => {
    const options = { resources: { datasets: { validators: ['data_access'] } } };
    const wrong = [{ requiredRoles: ['root'] }, { requiredPermissions: [] }, { requiredRoles: ['admin'] }];
    const error: unknown = await start(wrong, options).catch((thrown: unknown) => thrown);
    expect((error as Error).message.split('\n- ').slice(1)).toEqual([
      expect.stringMatching(/^permissions\.resources\.datasets\.validators: there is no @PermissionValidator/),
      expect.stringMatching(/^Tools\.tool0: option "requiredRoles": there is no role "root"/),
      expect.stringMatching(/^Tools\.tool1: option "requiredPermissions": must name at least one/),
    ]);
  });

  it('that names what exists lets the server start', async () => {
    const policies: readonly Policy[] = [
      { requiredRoles: ['admin'] },
      { requiredPermissions: ['whatever a credential carries'] },
      { resourcePermission: 'models:read' },
      { resourcePermission: () => ({ permission: 'datasets:read' }) },
    ];
    const { server: running } = await start(policies);
    expect(running.tools).toHaveLength(4);
  });
});

describe('a policy from decorators', () => {
  @Injectable()
  @RequireRoles('admin')
  class Team {
    @McpTool({ description: 'For admins.' })
    manage(): string {
      return 'managed';
    }

    @RequireRoles('analyst')
    @McpTool({ description: 'For analysts.' })
    analyse(): string {
      return 'analysed';
    }

    @McpTool({ description: 'For who may read, too.' })
    @RequirePermissions('read')
    both(): string {
      return 'both';
    }
  }

  it('is the class’s, with the method’s over it, wherever it stands', async () => {
    const imports = [PermissionsModule.forRoot(OPTIONS)];
    server = await createTestServer({ imports, providers: [Team] });
    expect(server.server.tools.map(({ name, policy }) => [name, policy])).toEqual([
      ['analyse', { requiredRoles: ['analyst'] }],
      ['both', { requiredPermissions: ['read'], requiredRoles: ['admin'] }],
      ['manage', { requiredRoles: ['admin'] }],
    ]);
  });

  it('[A8] counts where a policy is required', async () => {
    lines.length = 0;
    const imports = [PermissionsModule.forRoot({ ...OPTIONS, authRequired: true, requirePolicy: true })];
    server = await createTestServer({ imports, providers: [Team], logger });
    expect(lines).toEqual([]);
  });
});

describe('a target without a policy', () => {
  it('[A8] is reported at the start, and when it comes later', async () => {
    const { server: running } = await start([{}, { requiredRoles: ['admin'] }, { requiredPermissions: ['read'] }], {
      authRequired: true,
    });
    expect(lines).toEqual([expect.objectContaining({ targets: ['Tools.tool0'] })]);
    await running.registerTool({ name: 'late', description: 'Late.' }, () => 'done');
    await running.registerTool({ name: 'fine', description: 'Fine.', requiredRoles: ['admin'] }, () => 'done');
    await vi.waitFor(() => expect(lines).toHaveLength(2));
    expect(lines[1]?.targets).toEqual(['RookeryServer.late']);
  });

  it('[A8] stops the start where a policy is required', async () => {
    const start1 = start([{}, { requiredRoles: ['admin'] }], { authRequired: true, requirePolicy: true });
    await expect(start1).rejects.toThrow(/1 permission\(s\) are wrong:\n- Tools\.tool0: does not say who may call it/);
  });

  it('is fine while authentication is off', async () => {
    await start([{}], { requirePolicy: true });
    expect(lines).toEqual([]);
  });
});

describe('a target that nobody can reach while authentication is off', () => {
  const policies: readonly Policy[] = [{ requiredRoles: ['admin'] }, { requiredPermissions: ['read'] }, {}];

  it('[A8] is reported at the start', async () => {
    await start(policies);
    expect(lines).toEqual([expect.objectContaining({ targets: ['Tools.tool0', 'Tools.tool1'] })]);
  });

  it('is not, where anonymous callers have what it takes, or nothing is refused', async () => {
    await start(policies, { anonymousRoles: ['analyst'] });
    expect(lines).toEqual([expect.objectContaining({ targets: ['Tools.tool0'] })]);
    await server?.close();
    await start(policies, { mode: 'report' });
    expect(lines).toEqual([]);
  });
});
