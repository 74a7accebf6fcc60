import { describe, expect, it } from 'vitest';
import type { Principal, ResourceContext } from '../../index.js';
import { DataAccessValidator } from './data-access.validator.js';
import { DatasetRegistry } from './dataset-registry.js';
import { DatasetLoader } from './dataset.loader.js';
import { datasetsOptions } from './datasets.options.js';
import { ModelDeployValidator } from './model-deploy.validator.js';

const user = (attributes: Principal['attributes']): Principal => ({ id: 'a', roles: [], permissions: [], attributes });

describe('data_access', () => {
  it.each([
    [{ clearanceLevel: 3 }, 3, true],
    [{ clearance_level: 4 }, 3, true],
    [{ clearanceLevel: 2, clearance_level: 9 }, 3, false],
    [{ clearanceLevel: '9' }, 3, false],
    [{}, 0, false],
    [{ clearanceLevel: Number.NaN }, 0, false],
  ])('[A7] judges %j against %d: %s', (attributes, sensitivityLevel, expected) => {
    expect(new DataAccessValidator().validate(user(attributes), { sensitivityLevel })).toBe(expected);
  });
});

describe('model_deploy', () => {
  it('[A7] leaves deploying to the department ml_ops, and the rest to the roles', () => {
    const judge = (department: string | undefined, action: string): boolean => {
      const context: ResourceContext = { type: 'models', action, signal: new AbortController().signal };
      return new ModelDeployValidator().validate(user({ department }), {}, context);
    };
    expect([judge('ml_ops', 'deploy'), judge('sales', 'deploy'), judge(undefined, 'deploy')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(judge('sales', 'read')).toBe(true);
  });
});

describe('the loader of datasets', () => {
  const dataset = { table: 'people', sensitivityLevel: 2, description: 'People' };

  it('gives what permissions need to know, and nothing for an unknown id', () => {
    const { datasets } = datasetsOptions.parse({ datasets: { people: dataset } });
    const loader = new DatasetLoader(new DatasetRegistry(datasets));
    expect(loader.load('people')).toEqual({ id: 'people', sensitivityLevel: 2 });
    expect(loader.load('toString')).toBeUndefined();
  });

  it.each([
    'rookery_api_keys',
    'audit_records',
    'main.rookery_tokens',
    'sqlite_master',
    'pg_catalog.x',
    'a"b',
    'a;b',
    'a.b.c',
  ])('[S2] no dataset may be the table %s', (table) => {
    expect(datasetsOptions.safeParse({ datasets: { people: { ...dataset, table } } }).success).toBe(false);
  });
});
