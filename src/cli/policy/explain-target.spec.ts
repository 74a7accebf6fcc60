import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AuthModule } from '../../auth/index.js';
import { TargetRegistries, type Principal } from '../../core/index.js';
import { McpPrompt, McpResource, McpTool } from '../../index.js';
import { PermissionsModule } from '../../permissions/index.js';
import { createTestServer, type TestServer } from '../../testing/index.js';
import { explainTarget } from './explain-target.js';
import { describePolicy, targetPolicies } from './target-policies.js';

const AUTH = {
  jwt: { secret: 'a-test-secret-of-more-than-32-bytes!!', issuer: 'https://id.example.com', audience: 'mcp' },
  oauth: { authorizationServers: ['https://id.example.com'], scopes: { 'docs:admin': ['docs:read'] } },
};

@Injectable()
class Documents {
  @McpResource({ uriTemplate: 'docs://{name}', description: 'A document.', requiredScopes: ['docs:read'] })
  document(): string {
    return 'text';
  }

  @McpPrompt({ description: 'A review.', requiresAuth: false })
  review(): string {
    return 'text';
  }

  @McpTool({
    description: 'Changes a document.',
    inputSchema: z.object({ action: z.string() }),
    requiredPermissions: ['write'],
    resourcePermission: ({ action }) => ({ permission: `docs:${String(action)}` }),
  })
  change(): string {
    return 'done';
  }
}

const somebody = (more: Partial<Principal>): Principal => ({
  id: 'ada',
  roles: [],
  permissions: [],
  attributes: {},
  ...more,
});

let server: TestServer;
afterEach(() => server.close());

async function start(): Promise<TargetRegistries> {
  const imports = [
    AuthModule.forRoot(AUTH),
    PermissionsModule.forRoot({
      roles: { editor: ['write'] },
      resourcePermissions: { docs: { editor: ['edit'] } },
    }),
  ];
  server = await createTestServer({ imports, providers: [Documents], principal: somebody({}) });
  return server.app.get(TargetRegistries, { strict: false });
}

async function explained(kind: 'tool' | 'resource' | 'prompt', name: string, principal: Principal | undefined) {
  const found = (await start()).find(kind, name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return await explainTarget(server.app, { found, name, principal });
}

describe('explainTarget', () => {
  it.each<[string, Partial<Principal>, boolean]>([
    ['the scope itself', { scopes: ['docs:read'] }, true],
    ['one that implies it', { scopes: ['docs:admin'] }, true],
    ['another', { scopes: ['docs:write'] }, false],
    ['no scopes, as an API key', {}, true],
  ])('[A3] judges a credential with %s', async (_, more, allowed) => {
    const explanation = await explained('resource', 'docs://terms', somebody(more));
    expect(explanation).toMatchObject({ principal: 'ada', allowed, visible: true });
    expect(explanation.rules).toContainEqual(expect.objectContaining({ rule: 'scopes docs:read', granted: allowed }));
  });

  it('[A12] names the missing credential, where one is needed', async () => {
    expect(await explained('resource', 'docs://terms', undefined)).toMatchObject({
      allowed: false,
      rules: [{ rule: 'a credential', granted: false }, { granted: false }],
    });
    await server.close();
    expect(await explained('prompt', 'review', undefined)).toMatchObject({
      allowed: true,
      rules: [{ rule: 'a credential', granted: true, by: 'none is needed' }],
    });
  });

  it('[A12] leaves open what only the arguments tell', async () => {
    expect(await explained('tool', 'change', somebody({ roles: ['editor'] }))).toMatchObject({
      allowed: undefined,
      rules: [{ granted: true }, { rule: 'permission write', granted: true }, { granted: undefined }],
    });
  });

  it('says that no id can be given where the arguments name the resource', async () => {
    const found = (await start()).find('tool', 'change');
    if (found === undefined) throw new Error('no tool');
    const request = { found, name: 'change', principal: somebody({ roles: ['editor'] }), resourceId: 'terms' };
    await expect(explainTarget(server.app, request)).rejects.toThrow('asks for no resource whose id could be given');
  });

  it('ends with the fault of a credential, whatever it may do', async () => {
    const found = (await start()).find('prompt', 'review');
    if (found === undefined) throw new Error('no prompt');
    const request = { found, name: 'review', principal: somebody({}), credentialFault: 'the key is revoked' };
    expect(await explainTarget(server.app, request)).toMatchObject({
      allowed: false,
      rules: [{ rule: 'a credential', granted: false, by: 'the key is revoked' }],
    });
  });
});

it('[A6] describes what each target asks for', async () => {
  const policies = targetPolicies(await start());
  expect(policies.map((policy) => [policy.kind, policy.uri ?? policy.name, describePolicy(policy, true)])).toEqual(
    expect.arrayContaining([
      ['resource', 'docs://{name}', 'scope docs:read'],
      ['prompt', 'review', 'public'],
      ['tool', 'change', 'permission write · resource permission named by the arguments'],
    ]),
  );
});
