import { Injectable, Logger, Module, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Call,
  CallNotes,
  CoreModule,
  DenialReason,
  ForbiddenError,
  NO_ARGUMENTS,
  Telemetry,
  UnknownTargetError,
  type Policy,
  type Principal,
  type Target,
} from '../core/index.js';
import { PermissionValidator, ResourceLoader } from './decorators.js';
import { dataAccess, type SensitiveResource } from './guide-validators.js';
import { PermissionManager } from './permission-manager.js';
import type { PermissionsModuleOptions } from './permissions-context.js';
import { PermissionsModule } from './permissions.module.js';
import { ResourcePermissionGuard } from './resource-permission.guard.js';
import type { ResourceSource, ResourceValidator } from './resource-parts.js';
import { VisibilityGuard } from './visibility.guard.js';

interface Dataset extends SensitiveResource {
  readonly id: string;
}

@Injectable()
class Store {
  readonly rows: ReadonlyMap<string, Dataset> = new Map([
    ['open', { id: 'open', sensitivity_level: 0 }],
    ['secret', { id: 'secret', sensitivity_level: 5 }],
  ]);
}

@Injectable()
@ResourceLoader('datasets')
class Datasets implements ResourceSource<Dataset> {
  constructor(private readonly store: Store) {}

  async load(id: string): Promise<Dataset | undefined> {
    return this.store.rows.get(id);
  }
}

@Injectable()
@PermissionValidator('data_access')
class DataAccess implements ResourceValidator<Dataset> {
  constructor(private readonly store: Store) {}

  validate(principal: Principal, dataset: Dataset): boolean {
    return this.store.rows.has(dataset.id) && dataAccess(principal, dataset);
  }
}

const OPTIONS = {
  roles: { analyst: ['read', 'execute'], viewer: ['read'] },
  resourcePermissions: { datasets: { analyst: ['read', 'update'], viewer: ['read'] } },
  resources: { datasets: { validators: ['data_access'] } },
} as const satisfies PermissionsModuleOptions;

async function permissionsOf(options: PermissionsModuleOptions = OPTIONS) {
  @Module({ providers: [Store, Datasets, DataAccess] })
  class Team {}
  const module = await Test.createTestingModule({
    imports: [CoreModule, PermissionsModule.forRoot(options), Team],
  }).compile();
  await module.init();
  return module;
}

function callOf(
  policy: Policy,
  principal: Partial<Principal> | undefined,
  input: unknown = {},
  kind: Target['kind'] = 'tool',
): Call {
  const target: Target = {
    kind,
    name: 'change',
    policy,
    origin: { type: Store, methodName: 'change', handler: () => undefined },
    input: { jsonSchema: NO_ARGUMENTS, parse: (value) => ({ ok: true, value }) },
    body: () => 'done',
  };
  const whole = principal && { id: 'ann', roles: [], permissions: [], attributes: {}, ...principal };
  const call = new Call({ kind, name: 'change', input, principal: whole });
  call.bind(target, input);
  return call;
}

/** What comes of a call at a guard; `undefined` when it passes. */
async function refusalOf(guard: VisibilityGuard | ResourcePermissionGuard, call: Call): Promise<unknown> {
  try {
    await guard.prepare(call.target)?.(call);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

const byId: Policy = { resourcePermission: { permission: 'datasets:update', resource: (args) => args['dataset_id'] } };
const analyst = { roles: ['analyst'], attributes: { clearanceLevel: 3 } };

beforeEach(() => Logger.overrideLogger(false));

describe('VisibilityGuard', () => {
  it('costs nothing where there is nothing to check', async () => {
    const guard = (await permissionsOf()).get(VisibilityGuard);
    expect(guard.prepare(callOf({ tags: ['finance'] }, undefined).target)).toBeUndefined();
  });

  it('[A6] answers what is hidden like what does not exist; the true reason is in the cause', async () => {
    const guard = (await permissionsOf()).get(VisibilityGuard);
    const refusal = await refusalOf(guard, callOf({ requiredRoles: ['analyst'] }, { roles: ['viewer'] }));
    const unknown = new UnknownTargetError('tool', 'change');
    expect(refusal).toBeInstanceOf(UnknownTargetError);
    expect(refusal).toMatchObject({ code: unknown.code, message: unknown.message, details: unknown.details });
    const { cause } = refusal as Error;
    expect(cause).toBeInstanceOf(DenialReason);
    expect(cause).toMatchObject({
      rule: 'requiredRoles',
      reason: 'one of the roles analyst is needed; the caller has viewer',
    });
  });

  it('[A8] refuses a target without a policy that came after the start, where one is required', async () => {
    const options = { ...OPTIONS, authRequired: true, requirePolicy: true };
    const guard = (await permissionsOf(options)).get(VisibilityGuard);
    expect(await refusalOf(guard, callOf({}, analyst))).toBeInstanceOf(UnknownTargetError);
    expect(await refusalOf(guard, callOf({ requiredRoles: ['analyst'] }, analyst))).toBeUndefined();
  });
});

describe('ResourcePermissionGuard', () => {
  it.each<[string, Policy, Partial<Principal> | undefined, unknown, string | undefined]>([
    ['nothing to check', { requiredRoles: ['viewer'] }, undefined, {}, undefined],
    ['the role', { resourcePermission: 'datasets:update' }, analyst, {}, undefined],
    ['no role', { resourcePermission: 'datasets:update' }, { roles: ['viewer'] }, {}, 'resourcePermission'],
    ['nobody calling', { resourcePermission: 'datasets:update' }, undefined, {}, 'resourcePermission'],
    ['a resource one is cleared for', byId, analyst, { dataset_id: 'open' }, undefined],
    ['a resource one is not cleared for', byId, analyst, { dataset_id: 'secret' }, 'validator:data_access'],
    ['a resource that does not exist', byId, analyst, { dataset_id: 'none' }, 'loader:datasets'],
    ['no role, whatever the resource', byId, { roles: ['viewer'] }, { dataset_id: 'open' }, 'resourcePermission'],
    ['no id', byId, analyst, {}, 'resourcePermission'],
    ['an empty id', byId, analyst, { dataset_id: '' }, 'resourcePermission'],
    ['an object for an id', byId, analyst, { dataset_id: { $ne: 1 } }, 'resourcePermission'],
    ['no arguments at all', byId, analyst, undefined, 'resourcePermission'],
    ['an action that the arguments name', byArguments(), analyst, { operation: 'update', id: 'open' }, undefined],
    ['another action', byArguments(), analyst, { operation: 'delete', id: 'open' }, 'resourcePermission'],
    ['an action without an id', byArguments(), analyst, { operation: 'update' }, 'resourcePermission'],
    ['something that is no action', byArguments(), analyst, { operation: 'a:b', id: 'open' }, 'resourcePermission'],
  ])('[A7] with %s', async (_what, policy, principal, input, rule) => {
    const guard = (await permissionsOf()).get(ResourcePermissionGuard);
    const refusal = await refusalOf(guard, callOf(policy, principal, input));
    expect((refusal as Error | undefined)?.cause).toEqual(
      rule === undefined ? undefined : expect.objectContaining({ rule }),
    );
    if (rule !== undefined) {
      expect(refusal).toBeInstanceOf(ForbiddenError);
      expect(refusal).toMatchObject({ message: 'This call is not permitted.', details: {} });
    }
  });

  function byArguments(): Policy {
    return {
      resourcePermission: ({ operation, id }) => ({ permission: `datasets:${String(operation)}`, id: id as string }),
    };
  }

  it.each<[string, Policy, readonly string[], boolean]>([
    ['the role', byId, ['analyst'], true],
    ['no role', byId, ['viewer'], false],
    ['some action', byArguments(), ['viewer'], true],
    ['no action at all', byArguments(), ['stranger'], false],
  ])('[A6] decides about completions by role alone, with %s', async (_what, policy, roles, passes) => {
    const guard = (await permissionsOf()).get(ResourcePermissionGuard);
    const input = { value: 'o', arguments: {} };
    const refusal = await refusalOf(guard, callOf(policy, { roles }, input, 'completion'));
    expect(refusal === undefined).toBe(passes);
  });

  it('counts what went wrong, by its kind, and keeps the cause', async () => {
    const broken = new Error('no such column');
    const failing = (): never => {
      throw broken;
    };
    const options = {
      ...OPTIONS,
      resources: { datasets: { validators: ['data_access', 'failing'] } },
      validators: { failing },
    };
    const module = await permissionsOf(options);
    const guard = module.get(ResourcePermissionGuard);
    const refusal = await refusalOf(guard, callOf(byId, analyst, { dataset_id: 'open' }));
    expect(((refusal as Error).cause as Error).cause).toBe(broken);
    await refusalOf(guard, callOf(byId, analyst, {}));
    expect(faultsOf(module.get(Telemetry))).toEqual({ validator_failed: 1, resource_id: 1 });
  });
});

function faultsOf(telemetry: Telemetry): Readonly<Record<string, number>> {
  const samples = telemetry.samples().filter(({ name }) => name === 'rookery_permission_faults_total');
  return Object.fromEntries(samples.map(({ labels, value }) => [labels['kind'], value]));
}

describe('report mode', () => {
  it('[A12] lets through, counts, and notes for the audit what would be refused', async () => {
    const module = await permissionsOf({ ...OPTIONS, mode: 'report' });
    const hidden = callOf({ requiredRoles: ['analyst'] }, { roles: ['viewer'] });
    const guarded = callOf(byId, analyst, { dataset_id: 'secret' });
    const fine = callOf(byId, analyst, { dataset_id: 'open' });
    expect(await refusalOf(module.get(VisibilityGuard), hidden)).toBeUndefined();
    expect(await refusalOf(module.get(ResourcePermissionGuard), guarded)).toBeUndefined();
    expect(await refusalOf(module.get(ResourcePermissionGuard), fine)).toBeUndefined();
    const notes = module.get(CallNotes);
    expect(notes.of(hidden)).toEqual([expect.objectContaining({ kind: 'would_refuse', rule: 'requiredRoles' })]);
    expect(notes.of(guarded)).toEqual([expect.objectContaining({ rule: 'validator:data_access' })]);
    expect(notes.of(fine)).toEqual([]);
    const counted = module
      .get(Telemetry)
      .samples()
      .filter(({ name }) => name === 'rookery_permission_would_refuse_total');
    expect(counted.map(({ labels, value }) => [labels['rule'], value])).toEqual([
      ['requiredRoles', 1],
      ['validator:data_access', 1],
    ]);
  });

  it('[A12] says it in the log once for each rule and target', async () => {
    const lines: unknown[] = [];
    const module = await permissionsOf({ ...OPTIONS, mode: 'report' });
    const silent = (): undefined => undefined;
    module.useLogger({ log: silent, error: silent, warn: (line: unknown) => lines.push(line) });
    const guard = module.get(VisibilityGuard);
    const call = callOf({ requiredRoles: ['analyst'] }, { roles: ['viewer'] });
    await refusalOf(guard, call);
    await refusalOf(guard, call);
    expect(lines).toEqual([expect.objectContaining({ target: 'change', principal: 'ann', rule: 'requiredRoles' })]);
  });
});

describe('lists and calls', () => {
  it('[A6] are decided alike, whoever calls whatever, in every mode', async () => {
    const roles = ['analyst', 'viewer'];
    const permissions = ['read', 'execute', 'datasets:update'];
    const principals = fc.option(
      fc.record({ roles: fc.subarray([...roles, 'stranger']), permissions: fc.subarray(permissions) }),
      { nil: undefined },
    );
    const policies: fc.Arbitrary<Policy> = fc.record(
      {
        requiredPermissions: fc.subarray(permissions, { minLength: 1 }),
        requiredRoles: fc.subarray(roles, { minLength: 1 }),
        resourcePermission: fc.constantFrom('datasets:update', 'datasets:read'),
      },
      { requiredKeys: [] },
    );
    const modules = await Promise.all(
      (['enforce', 'report'] as const).flatMap((mode) =>
        [false, true].flatMap((requirePolicy) =>
          [[], ['viewer']].map((anonymousRoles) =>
            permissionsOf({ ...OPTIONS, mode, authRequired: requirePolicy, requirePolicy, anonymousRoles }),
          ),
        ),
      ),
    );
    const property = fc.asyncProperty(
      fc.constantFrom(...modules),
      principals,
      policies,
      async (module, who, policy) => {
        const call = callOf(policy, who);
        const listed = module.get(PermissionManager).visibleTo(call.principal).sees(call.target);
        expect((await refusalOf(module.get(VisibilityGuard), call)) === undefined).toBe(listed);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });
});

describe('loaders and validators', () => {
  it('[S2] that do not exist, or could not be used, stop the start, all at once', async () => {
    @Injectable({ scope: Scope.REQUEST })
    @PermissionValidator('scoped')
    class Scoped {
      validate(): boolean {
        return true;
      }
    }
    @PermissionValidator('data_access')
    class Again {
      validate(): boolean {
        return true;
      }
    }
    @ResourceLoader('models')
    class Empty {}
    const start = async (): Promise<unknown> => {
      const options: PermissionsModuleOptions = {
        ...OPTIONS,
        resources: { datasets: { loader: 'database', validators: ['data_access', 'scoped', 'clearance'] } },
        anonymousRoles: ['guest'],
      };
      const module = await Test.createTestingModule({
        imports: [CoreModule, PermissionsModule.forRoot(options)],
        providers: [Store, Datasets, DataAccess, Scoped, Again, Empty],
      }).compile();
      return module.init();
    };
    const error: unknown = await start().catch((thrown: unknown) => thrown);
    expect((error as Error).message.split('\n- ')).toEqual([
      'The server cannot start; 7 permission(s) are wrong:',
      'auth.anonymous.roles: there is no role "guest"; the roles are: analyst, viewer',
      '@ResourceLoader("models") on Empty: the class needs a method "load"',
      '@PermissionValidator("scoped") on Scoped: it is request-scoped; give it and what it injects the default scope',
      '@PermissionValidator("data_access") on Again: the name is taken by DataAccess; give one of them another',
      'permissions.resources.datasets.loader: there is no @ResourceLoader("database"); the loaders are: datasets',
      'permissions.resources.datasets.validators: there is no @PermissionValidator("scoped"); the validators are: data_access',
      'permissions.resources.datasets.validators: there is no @PermissionValidator("clearance"); the validators are: data_access',
    ]);
  });

  it('[S13] are replaced in tests by overrideProvider', async () => {
    const module = await Test.createTestingModule({
      imports: [CoreModule, PermissionsModule.forRoot(OPTIONS)],
      providers: [Store, Datasets, DataAccess],
    })
      .overrideProvider(DataAccess)
      .useValue({ validate: () => true })
      .compile();
    await module.init();
    const call = callOf(byId, { roles: ['analyst'] }, { dataset_id: 'secret' });
    expect(await refusalOf(module.get(ResourcePermissionGuard), call)).toBeUndefined();
  });

  it('are configured asynchronously as well', async () => {
    const module = await Test.createTestingModule({
      imports: [CoreModule, PermissionsModule.forRootAsync({ useFactory: async () => OPTIONS })],
      providers: [Store, Datasets, DataAccess],
    }).compile();
    await module.init();
    expect(module.get(PermissionManager).roles).toEqual(['analyst', 'viewer']);
  });
});
