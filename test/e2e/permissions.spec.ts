import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CallObserver, CallObservers, McpTool, type Call, type Outcome } from '../../src/index.js';
import { DenialReason } from '../../src/core/index.js';
import {
  PermissionsModule,
  RequireRoles,
  ResourcePermission,
  ResourcePermissionGuard,
  VisibilityGuard,
  dataAccess,
} from '../../src/permissions/index.js';
import { createTestServer, type TestEra, type TestServer } from '../../src/testing/index.js';

@Injectable()
class DatasetTools {
  @RequireRoles('analyst', 'admin')
  @ResourcePermission('datasets:update', (args: { dataset_id: string }) => args.dataset_id)
  @McpTool({ description: 'Changes a dataset.', inputSchema: z.object({ dataset_id: z.string() }) })
  changeDataset({ dataset_id }: { dataset_id: string }): string {
    return `changed ${dataset_id}`;
  }
}

@Injectable()
class Denials extends CallObserver {
  readonly seen: unknown[] = [];

  constructor(observers: CallObservers) {
    super();
    observers.add(this);
  }

  override end({ name, principal }: Call, outcome: Outcome): void {
    const cause = 'error' in outcome ? outcome.error.cause : undefined;
    const rule = cause instanceof DenialReason ? cause.rule : undefined;
    this.seen.push({ name, who: principal?.id, outcome: outcome.code, rule });
  }
}

let running: TestServer | undefined;

async function start(role: string, clearanceLevel: number, era: TestEra): Promise<TestServer> {
  running = await createTestServer({
    era,
    principal: { id: 'ann', roles: [role], permissions: [], attributes: { clearanceLevel } },
    imports: [
      PermissionsModule.forRoot({
        roles: { admin: [], analyst: [], viewer: [] },
        resourcePermissions: { datasets: { analyst: ['update'] } },
        resources: { datasets: { validators: ['data_access'] } },
        validators: { data_access: dataAccess },
        loaders: { datasets: () => ({ sensitivity_level: 3 }) },
      }),
    ],
    providers: [DatasetTools, Denials],
    server: { guards: [VisibilityGuard, ResourcePermissionGuard] },
  });
  return running;
}

afterEach(() => running?.close());

describe.each<TestEra>(['2026-07-28', '2025-11-25'])('a tool with a policy, for a client of %s', (era) => {
  const change = { name: 'change_dataset', arguments: { dataset_id: 'd1' } };
  const lastOf = ({ app }: TestServer): unknown => app.get(Denials).seen.at(-1);

  it('[A7] runs for who has the role and is cleared for the resource', async () => {
    const { client } = await start('analyst', 3, era);
    expect((await client.callTool(change)).content).toEqual([{ type: 'text', text: 'changed d1' }]);
  });

  it.each<[string, string, number, string]>([
    ['is not cleared', 'analyst', 2, 'validator:data_access'],
    ['has no resource permission', 'admin', 9, 'resourcePermission'],
  ])('[A6] is listed for who %s, and forbidden; only the audit knows why', async (_who, role, clearance, rule) => {
    const server = await start(role, clearance, era);
    expect((await server.client.listTools()).tools.map(({ name }) => name)).toEqual(['change_dataset']);
    const { isError, content } = await server.client.callTool(change);
    expect({ isError, content }).toEqual({
      isError: true,
      content: [{ type: 'text', text: 'This call is not permitted.' }],
    });
    expect(lastOf(server)).toEqual({ name: 'change_dataset', who: 'ann', outcome: 'forbidden', rule });
  });

  it('[A6] answers who lacks the role exactly as if it did not exist; only the audit knows better', async () => {
    const server = await start('viewer', 9, era);
    expect((await server.client.listTools()).tools).toEqual([]);
    const errorOf = async (name: string): Promise<object> => {
      const error: unknown = await server.client.callTool({ ...change, name }).catch((thrown: unknown) => thrown);
      const { code, message, data } = error as { code: number; message: string; data?: unknown };
      return { code, message: message.replace(name, '?'), data };
    };
    const hidden = await errorOf('change_dataset');
    expect(lastOf(server)).toEqual({ name: 'change_dataset', who: 'ann', outcome: 'unknown', rule: 'requiredRoles' });
    expect(hidden).toMatchObject({ code: -32602 });
    expect(hidden).toEqual(await errorOf('change_weather'));
  });
});
