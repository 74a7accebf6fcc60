import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Call,
  NO_ARGUMENTS,
  TargetRegistries,
  TargetRegistry,
  type Policy,
  type Principal,
  type Target,
} from '../core/index.js';
import { Grants } from './grants.js';
import { dataAccess, modelDeploy } from './guide-validators.js';
import { PermissionManager, type PermissionManagerOptions } from './permission-manager.js';
import { permissionsOptions } from './permissions.options.js';
import { ResourceJudge } from './resource-judge.js';
import type { ValidatorFunction } from './resource-parts.js';

/** The guide's "Permission management". */
const GUIDE = permissionsOptions.parse({
  roles: {
    admin: ['read', 'write', 'execute', 'manage'],
    analyst: ['read', 'write', 'execute'],
    viewer: ['read'],
  },
  resourcePermissions: {
    datasets: {
      admin: ['create', 'read', 'update', 'delete'],
      analyst: ['read', 'update'],
      viewer: ['read'],
    },
    models: {
      admin: ['create', 'read', 'update', 'delete', 'deploy'],
      analyst: ['create', 'read', 'update'],
      viewer: ['read'],
    },
  },
  resources: { datasets: { validators: ['data_access'] }, models: { validators: ['model_deploy'] } },
});
const VALIDATORS: Readonly<Record<string, ValidatorFunction>> = { data_access: dataAccess, model_deploy: modelDeploy };

class Tools extends TargetRegistry {
  override readonly kind = 'tool';
}

class Host {
  handle(): string {
    return 'done';
  }
}

function targetOf(name: string, policy: Policy): Target {
  return {
    kind: 'tool',
    name,
    policy,
    origin: { type: Host, methodName: name, handler: () => undefined },
    input: { jsonSchema: NO_ARGUMENTS, parse: (value) => ({ ok: true, value }) },
    body: () => 'done',
  };
}

function managerOf(options: Partial<PermissionManagerOptions> = {}, targets: readonly Target[] = []) {
  const { anonymousRoles = [] } = options;
  const tools = new Tools();
  for (const target of targets) tools.add(target);
  const registries = new TargetRegistries();
  registries.add(tools);
  const parts = { loader: () => undefined, validator: (name: string) => VALIDATORS[name] };
  const judge = new ResourceJudge(GUIDE.resources, parts, () => undefined);
  const settings = { mode: 'enforce', requirePolicy: false, anonymousRoles, ...options } as const;
  return { manager: new PermissionManager(settings, new Grants(GUIDE, anonymousRoles), judge, registries), tools };
}

function someone(principal: Partial<Principal>): Principal {
  return { id: 'ann', roles: [], permissions: [], attributes: {}, ...principal };
}

const analyst = someone({ roles: ['analyst'] });
const viewer = someone({ id: 'vic', roles: ['viewer'] });

describe('PermissionManager', () => {
  it('[A7] gives a principal what its credential and its roles grant', () => {
    const { manager } = managerOf();
    const { roles, permissions } = manager.effective(someone({ roles: ['viewer', 'stranger'], permissions: ['fly'] }));
    expect([...roles]).toEqual(['viewer', 'stranger']);
    expect([...permissions].toSorted()).toEqual(['fly', 'read']);
  });

  it('computes what a principal has once', () => {
    const { manager } = managerOf();
    expect(manager.effective(analyst)).toBe(manager.effective(analyst));
  });

  it.each(['__proto__', 'constructor', 'toString'])('[A7] grants nothing to the role %s', (role) => {
    const { manager } = managerOf();
    const odd = someone({ roles: [role] });
    expect([...manager.effective(odd).permissions]).toEqual([]);
    expect(manager.allowsResource(odd, role, role).allowed).toBe(false);
  });

  it.each<[string, Partial<Principal>, Policy, string | true]>([
    [
      'everything',
      { roles: ['analyst'] },
      { requiredPermissions: ['execute'], requiredRoles: ['admin', 'analyst'] },
      true,
    ],
    ['a permission of its own', { permissions: ['execute'] }, { requiredPermissions: ['execute'] }, true],
    ['no permission', { roles: ['viewer'] }, { requiredPermissions: ['execute'] }, 'requiredPermissions'],
    [
      'one of two permissions',
      { roles: ['viewer'] },
      { requiredPermissions: ['read', 'write'] },
      'requiredPermissions',
    ],
    ['no role', { roles: ['viewer'] }, { requiredRoles: ['admin', 'analyst'] }, 'requiredRoles'],
    [
      'the permission but no role',
      { permissions: ['execute'] },
      { requiredPermissions: ['execute'], requiredRoles: ['admin'] },
      'requiredRoles',
    ],
    ['only the resource permission missing', { roles: ['viewer'] }, { resourcePermission: 'datasets:update' }, true],
  ])('[A6] decides about the list for somebody with %s', (_what, principal, policy, expected) => {
    const decision = managerOf().manager.visible(someone(principal), policy);
    expect(decision.allowed || decision.rule).toBe(expected);
  });

  it('[A12] says which rule refused, and what was missing', () => {
    const { manager } = managerOf();
    expect(manager.visible(viewer, { requiredPermissions: ['execute'] })).toEqual({
      allowed: false,
      rule: 'requiredPermissions',
      reason: 'permission "execute" is missing; it comes with the roles admin, analyst; the caller has viewer',
    });
    expect(manager.allowsResource(viewer, 'datasets', 'update')).toEqual({
      allowed: false,
      rule: 'resourcePermission',
      reason: 'may not update datasets: it takes one of the roles admin, analyst; the caller has viewer',
    });
  });

  it.each<[string, readonly string[], Policy, boolean]>([
    ['permissions', [], { requiredPermissions: ['read'] }, false],
    ['roles', [], { requiredRoles: ['viewer'] }, false],
    ['a resource permission', [], { resourcePermission: 'datasets:read' }, false],
    ['a resource permission that the arguments name', [], { resourcePermission: () => ({ permission: 'a:b' }) }, false],
    ['permissions that anonymous callers have', ['viewer'], { requiredPermissions: ['read'] }, true],
    ['a resource permission that anonymous callers have', ['viewer'], { resourcePermission: 'datasets:read' }, true],
    ['another one than anonymous callers have', ['viewer'], { resourcePermission: 'datasets:update' }, false],
    [
      'one of those that anonymous callers have',
      ['viewer'],
      { resourcePermission: () => ({ permission: 'a:b' }) },
      true,
    ],
    ['a resource permission without an action', ['viewer'], { resourcePermission: 'datasets' }, false],
    ['nothing', [], { tags: ['finance'] }, true],
  ])(
    '[A6] shows callers whom nobody knows what names %s, given the roles %j: %s',
    (_what, anonymousRoles, policy, shown) => {
      expect(managerOf({ anonymousRoles }).manager.visible(undefined, policy).allowed).toBe(shown);
    },
  );

  it.each<[string, Partial<Principal>, string, boolean]>([
    ['a role', { roles: ['analyst'] }, 'update', true],
    ['a role without the action', { roles: ['analyst'] }, 'delete', false],
    ['a permission of that name', { permissions: ['datasets:delete'] }, 'delete', true],
    ['another type’s permission', { permissions: ['models:delete'] }, 'delete', false],
  ])('[A7] grants an action on a type by %s', (_what, principal, action, allowed) => {
    expect(managerOf().manager.allowsResource(someone(principal), 'datasets', action).allowed).toBe(allowed);
  });

  it.each<[string, Principal | undefined, string, string, unknown, string | true]>([
    [
      'cleared',
      someone({ roles: ['analyst'], attributes: { clearanceLevel: 3 } }),
      'datasets',
      'update',
      { sensitivity_level: 3 },
      true,
    ],
    [
      'not cleared',
      someone({ roles: ['analyst'], attributes: { clearanceLevel: 2 } }),
      'datasets',
      'update',
      { sensitivity_level: 3 },
      'validator:data_access',
    ],
    ['without clearance', analyst, 'datasets', 'update', { sensitivity_level: 0 }, 'validator:data_access'],
    [
      'of an unmarked dataset',
      someone({ roles: ['analyst'], attributes: { clearanceLevel: 9 } }),
      'datasets',
      'update',
      {},
      'validator:data_access',
    ],
    [
      'cleared but without the role',
      someone({ attributes: { clearanceLevel: 9 } }),
      'datasets',
      'update',
      { sensitivity_level: 0 },
      'resourcePermission',
    ],
    ['of ml_ops', someone({ roles: ['admin'], attributes: { department: 'ml_ops' } }), 'models', 'deploy', {}, true],
    [
      'of another department',
      someone({ roles: ['admin'], attributes: { department: 'sales' } }),
      'models',
      'deploy',
      {},
      'validator:model_deploy',
    ],
    ['who only reads', viewer, 'models', 'read', {}, true],
    [
      'with no resource at all',
      someone({ roles: ['admin'], attributes: { department: 'ml_ops' } }),
      'models',
      'deploy',
      undefined,
      'loader:models',
    ],
    ['nobody knows', undefined, 'datasets', 'read', { sensitivity_level: 0 }, 'resourcePermission'],
  ])(
    '[A7] checks the guide’s resource permission for somebody %s',
    async (_who, principal, type, action, resource, expected) => {
      const decision = await managerOf().manager.checkResourcePermission(principal, type, action, resource);
      expect(decision.allowed || decision.rule).toBe(expected);
    },
  );

  it('[A8] has nothing for anybody that has no policy, where one is required', () => {
    const { manager } = managerOf({ requirePolicy: true });
    const open = targetOf('open', { tags: ['finance'] });
    expect(manager.restricts(open)).toBe(true);
    expect(manager.visibleTarget(analyst, open)).toMatchObject({ allowed: false, rule: 'requirePolicy' });
    expect(manager.visibleTo(analyst).sees(open)).toBe(false);
    expect(manager.explain(analyst, open)).toMatchObject({ visible: false, allowed: false });
    const said = targetOf('said', { requiredRoles: ['analyst'] });
    expect(manager.visibleTarget(analyst, said)).toEqual({ allowed: true });
  });
});

describe('a reason', () => {
  it('[A9] does not repeat what the caller may have made up', () => {
    const decision = managerOf().manager.allowsResource(analyst, 'datasets', 'token-4711');
    expect(decision).toMatchObject({ reason: 'no role may take this action; the caller has analyst' });
  });
});

describe('explain', () => {
  const policy: Policy = {
    requiredPermissions: ['execute'],
    requiredRoles: ['analyst', 'admin'],
    resourcePermission: { permission: 'datasets:update', resource: ({ dataset_id }) => dataset_id },
  };

  it('[A12] shows every rule, and what grants it', () => {
    const principal = someone({ roles: ['analyst'], permissions: ['execute'] });
    expect(managerOf().manager.explain(principal, targetOf('sensitive', policy))).toEqual({
      target: 'tool sensitive',
      principal: 'ann',
      mode: 'enforce',
      visible: true,
      allowed: undefined,
      rules: [
        { rule: 'permission execute', granted: true, by: 'the credential itself, role analyst' },
        { rule: 'any role of analyst, admin', granted: true, by: 'role analyst' },
        { rule: 'resource permission datasets:update', granted: true, by: 'role analyst' },
        {
          rule: 'validator data_access',
          granted: undefined,
          by: 'judged in each call, on the resource that its arguments name',
        },
      ],
    });
  });

  it('[A12] shows every rule that refuses, and what would grant it', () => {
    const { visible, allowed, rules } = managerOf().manager.explain(viewer, targetOf('sensitive', policy));
    expect({ visible, allowed }).toEqual({ visible: false, allowed: false });
    expect(rules.slice(0, 3)).toEqual([
      { rule: 'permission execute', granted: false, by: 'it would come with: admin, analyst' },
      { rule: 'any role of analyst, admin', granted: false, by: 'its roles: viewer' },
      { rule: 'resource permission datasets:update', granted: false, by: 'it would come with: admin, analyst' },
    ]);
  });

  it('[A12] knows callers whom nobody knows, and what only the arguments can tell', () => {
    const { manager } = managerOf({ anonymousRoles: ['viewer'] });
    const open = manager.explain(undefined, targetOf('open', {}));
    expect(open).toEqual({
      target: 'tool open',
      principal: 'anonymous',
      mode: 'enforce',
      visible: true,
      allowed: true,
      rules: [],
    });
    const dynamic = manager.explain(undefined, targetOf('any', { resourcePermission: () => ({ permission: 'a:b' }) }));
    expect(dynamic).toMatchObject({ visible: true, allowed: undefined, rules: [{ granted: undefined }] });
  });
});

const ROLES = ['admin', 'analyst', 'viewer', 'stranger'];
const PERMISSIONS = ['read', 'write', 'execute', 'fly', 'datasets:update'];
const principals = fc.option(
  fc.record({ roles: fc.subarray(ROLES), permissions: fc.subarray(PERMISSIONS) }).map((parts) => someone(parts)),
  { nil: undefined },
);
const policies: fc.Arbitrary<Policy> = fc.record(
  {
    requiredPermissions: fc.subarray(PERMISSIONS, { minLength: 1 }),
    requiredRoles: fc.subarray(ROLES, { minLength: 1 }),
    resourcePermission: fc.constantFrom('datasets:update', 'models:deploy'),
  },
  { requiredKeys: [] },
);
const settings = fc.record({
  requirePolicy: fc.boolean(),
  mode: fc.constantFrom('enforce' as const, 'report' as const),
  anonymousRoles: fc.subarray(ROLES.slice(0, 3)),
});

describe('a list', () => {
  it('[A6] is the same for two principals with the same key', () => {
    const property = fc.property(settings, fc.array(policies), principals, principals, (options, all, one, other) => {
      const targets = all.map((policy, index) => targetOf(`t${index}`, policy));
      const { manager } = managerOf(options, targets);
      const [first, second] = [manager.visibleTo(one), manager.visibleTo(other)];
      expect(first.key.length).toBeLessThanOrEqual(43);
      if (first.key !== second.key) return;
      expect(targets.filter((target) => first.sees(target))).toEqual(targets.filter((target) => second.sees(target)));
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('[A6] shows what `explain` calls visible, and nothing else', () => {
    const property = fc.property(settings, policies, principals, (options, policy, principal) => {
      const target = targetOf('t', policy);
      const { manager } = managerOf({ ...options, mode: 'enforce' }, [target]);
      const { visible, rules } = manager.explain(principal, target);
      expect(manager.visibleTo(principal).sees(target)).toBe(visible);
      const listRules = rules.filter(({ rule }) => principal === undefined || !rule.startsWith('resource permission'));
      expect(listRules.every(({ granted }) => granted === true)).toBe(visible);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('has one key for principals whose differences no policy mentions', () => {
    const { manager } = managerOf({}, [targetOf('t', { requiredPermissions: ['read'] })]);
    const keys = [analyst, viewer, someone({ permissions: ['read', 'fly'] })].map((one) => manager.visibleTo(one).key);
    expect(new Set(keys).size).toBe(1);
    expect(manager.visibleTo(someone({})).key).not.toBe(keys[0]);
  });

  it('[S8] is decided anew when a target is registered', () => {
    const { manager, tools } = managerOf({}, [targetOf('t', { requiredPermissions: ['read'] })]);
    expect(manager.visibleTo(analyst)).toBe(manager.visibleTo(analyst));
    expect(manager.visibleTo(analyst).key).toBe(manager.visibleTo(viewer).key);
    tools.add(targetOf('u', { requiredRoles: ['analyst'] }));
    expect(manager.visibleTo(analyst).key).not.toBe(manager.visibleTo(viewer).key);
  });

  it('[A12] shows everything in report mode, under one key', () => {
    const secret = targetOf('t', { requiredRoles: ['admin'] });
    const { manager } = managerOf({ mode: 'report' }, [secret]);
    expect(manager.visibleTo(viewer).sees(secret)).toBe(true);
    expect(manager.visibleTo(undefined).key).toBe(manager.visibleTo(viewer).key);
    expect(manager.visible(viewer, secret.policy).allowed).toBe(false);
  });
});

describe('checkResource', () => {
  it('[A7] judges roles alone where no resource is named', async () => {
    const call = new Call({ kind: 'tool', name: 't', input: {}, principal: analyst });
    const { manager } = managerOf();
    expect(await manager.checkResource(call, { type: 'datasets', action: 'update' })).toEqual({ allowed: true });
    const refusal = await manager.checkResource(call, { type: 'datasets', action: 'delete' }, 'd1');
    expect(refusal).toMatchObject({ rule: 'resourcePermission' });
  });
});
