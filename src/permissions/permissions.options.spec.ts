import { describe, expect, it } from 'vitest';
import { PermissionsContext } from './permissions-context.js';
import { permissionsOptions } from './permissions.options.js';

describe('the section permissions', () => {
  it('is complete when it is empty', () => {
    expect(permissionsOptions.parse({})).toEqual({
      roles: {},
      resourcePermissions: {},
      resources: {},
      mode: 'enforce',
    });
  });

  it('[S2] names every role and type that does not exist, with its place and what exists', () => {
    const result = permissionsOptions.safeParse({
      roles: { admin: ['read'], viewer: ['read'] },
      resourcePermissions: { datasets: { admin: ['update'], analist: ['read'] }, models: { vewer: ['read'] } },
      resources: { dataset: {} },
    });
    expect(result.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['resourcePermissions.datasets.analist', 'there is no role "analist"; the roles are: admin, viewer'],
      ['resourcePermissions.models.vewer', 'there is no role "vewer"; the roles are: admin, viewer'],
      ['resources.dataset', 'no permission mentions this type; the types are: datasets, models'],
    ]);
  });

  it.each([
    ['an unknown key', { role: {} }, /\(options\): .*role/],
    ['a wrong type', { roles: { admin: 'read' } }, /roles\.admin: /],
    ['an action with a colon', { roles: { a: [] }, resourcePermissions: { d: { a: ['x:y'] } } }, /d\.a\.0: /],
    ['an endless wait', { resourcePermissions: { d: {} }, resources: { d: { timeoutMs: 0 } } }, /d\.timeoutMs: /],
    ['an unknown mode', { mode: 'audit' }, /mode: /],
  ])('[S2] with %s is refused by the module, naming the key', (_what, options, message) => {
    expect(() => new PermissionsContext(options as object)).toThrow(message);
  });
});
