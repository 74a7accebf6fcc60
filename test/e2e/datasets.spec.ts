import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdaptersModule } from '../../src/adapters/index.js';
import { AuditModule } from '../../src/audit/index.js';
import { AuthModule } from '../../src/auth/index.js';
import { SqlConnections, type SqlDatabase } from '../../src/core/index.js';
import { DatasetsModule } from '../../src/features/datasets/index.js';
import type { DatasetInput, DatasetOutput } from '../../src/features/datasets/datasets.schema.js';
import type { Principal } from '../../src/index.js';
import { PermissionsModule } from '../../src/permissions/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { startPostgres, type PostgresServer } from '../support/servers/index.js';

const CSV = `id,name,email,balance,active,segment
1,Ada,ada@example.com,10.5,true,gold
2,"Bo ""B"" Lee",bo@example.com,20,false,silver
3,Cy,,30,true,silver
4,Di,di@example.com,40,true,
`;

const ROLES = {
  admin: ['read', 'write', 'execute', 'manage'],
  analyst: ['read', 'write', 'execute'],
  viewer: ['read'],
};
const RESOURCE_PERMISSIONS = {
  datasets: { admin: ['create', 'read', 'update', 'delete'], analyst: ['read', 'update'], viewer: ['read'] },
  models: { admin: ['deploy'] },
};

type Datasets = Parameters<typeof DatasetsModule.forRoot>[0];

let postgres: PostgresServer;
let base: string;
let running: TestServer[] = [];

beforeAll(async () => (postgres = await startPostgres()), 300_000);
afterAll(() => postgres.stop());

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'rookery-datasets-'));
  await writeFile(join(base, 'customers.csv'), CSV);
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.close()));
  running = [];
  await rm(base, { recursive: true });
});

const customers = (): NonNullable<Datasets['datasets']>[string] => ({
  table: 'customers',
  sensitivityLevel: 3,
  description: 'Customers and their balances',
  columns: ['name', 'email', 'balance', 'active', 'segment'],
  seedFile: join(base, 'customers.csv'),
});

async function serve(url: string, principal: Partial<Principal>, options: Partial<Datasets> = {}): Promise<TestServer> {
  const server = await createTestServer({
    principal: { id: 'ann', roles: ['admin'], permissions: [], attributes: { clearanceLevel: 5 }, ...principal },
    imports: [
      AuthModule.forRoot({ storedKeys: false }),
      PermissionsModule.forRoot({
        roles: ROLES,
        resourcePermissions: RESOURCE_PERMISSIONS,
        resources: { datasets: { validators: ['data_access'] }, models: { validators: ['model_deploy'] } },
      }),
      AdaptersModule.forRoot({ store: { url } }),
      AuditModule.forRoot({ mode: 'strict', sinks: [{ type: 'file', path: join(base, 'audit', 'trail.jsonl') }] }),
      DatasetsModule.forRoot({ datasets: { customers: customers() }, ...options }),
    ],
  });
  running.push(server);
  return server;
}

interface Answer {
  readonly result: DatasetOutput;
  readonly error: string | undefined;
  readonly code: unknown;
}

type Arguments = Pick<DatasetInput, 'operation'> & { readonly parameters?: object; readonly dataset_id?: string };

async function call({ client }: TestServer, args: Arguments): Promise<Answer> {
  const answer = await client.callTool({
    name: 'sensitive_data_operation',
    arguments: { dataset_id: 'customers', ...args },
  });
  const [block] = answer.content as readonly { readonly text?: string }[];
  return {
    result: answer.structuredContent as DatasetOutput,
    error: answer.isError === true ? block?.text : undefined,
    code: answer._meta?.['rookery/code'],
  };
}

async function names(server: TestServer): Promise<readonly unknown[]> {
  const { result } = await call(server, { operation: 'read', parameters: { columns: ['name'] } });
  if (result.operation !== 'read') throw new Error('expected rows');
  return result.rows.map(({ name }) => name);
}

async function operations(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const files = (await readdir(join(base, 'audit'))).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(base, 'audit', file), 'utf8')));
  const records = texts.flatMap((text) => text.split('\n').filter(Boolean));
  return records
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'operation')
    .map(({ operation, resourceType, resourceId, success, details }) => ({
      operation,
      resourceType,
      resourceId,
      success,
      details,
    }));
}

const database = ({ app }: TestServer): Promise<SqlDatabase> => app.get(SqlConnections).get('store');

describe.each(['libsql', 'postgres'] as const)('sensitive_data_operation on %s', (dialect) => {
  let url: string;
  beforeEach(
    async () => (url = dialect === 'libsql' ? `file:${join(base, 'store.db')}` : await postgres.createDatabase()),
  );

  it('[G1] reads rows with conditions, order and pages', async () => {
    const server = await serve(url, {});
    expect((await call(server, { operation: 'read', parameters: { where: { id: 2 } } })).result).toEqual({
      operation: 'read',
      dataset_id: 'customers',
      rows: [{ id: 2, name: 'Bo "B" Lee', email: 'bo@example.com', balance: 20, active: false, segment: 'silver' }],
      row_count: 1,
    });
    const parameters = {
      columns: ['name', 'active'],
      order_by: [{ column: 'segment', descending: true }, { column: 'name' }],
    };
    const where = { active: true, email: null };
    expect((await call(server, { operation: 'read', parameters: { ...parameters, where } })).result).toMatchObject({
      rows: [{ name: 'Cy', active: true }],
    });
    const page = { columns: ['id'], order_by: [{ column: 'balance', descending: true }], limit: 3 };
    expect((await call(server, { operation: 'read', parameters: page })).result).toMatchObject({
      rows: [{ id: 4 }, { id: 3 }, { id: 2 }],
      next_offset: 3,
    });
    const last = (await call(server, { operation: 'read', parameters: { ...page, offset: 3 } })).result;
    expect(last).toEqual({ operation: 'read', dataset_id: 'customers', rows: [{ id: 1 }], row_count: 1 });
  });

  it('[G1] updates and deletes rows, and the next call sees it', async () => {
    const server = await serve(url, {});
    const values = { name: "Ada'; DROP TABLE customers; --", active: false, email: null, balance: -1.25 };
    const updated = await call(server, { operation: 'update', parameters: { where: { id: 1 }, values } });
    expect(updated.result).toEqual({ operation: 'update', dataset_id: 'customers', affected_rows: 1 });
    const { result } = await call(server, { operation: 'read', parameters: { where: { id: 1 } } });
    expect(result).toMatchObject({ rows: [{ id: 1, ...values, segment: 'gold' }] });
    const all = await call(server, { operation: 'update', parameters: { all: true, values: { segment: 'all' } } });
    expect(all.result).toMatchObject({ affected_rows: 4 });
    const deleted = await call(server, {
      operation: 'delete',
      parameters: { where: { segment: 'all', active: false } },
    });
    expect(deleted.result).toEqual({ operation: 'delete', dataset_id: 'customers', affected_rows: 2 });
    expect(await names(server)).toEqual(['Cy', 'Di']);
    const again = await serve(url, {});
    expect(await names(again)).toEqual(['Cy', 'Di']);
  });

  it('[S4] names every fault at once, with the column that was meant', async () => {
    const server = await serve(url, {});
    const bad = {
      where: { nmae: 'Ada', id: 'one' },
      values: { id: 7, balance: 'much', active: 1, 'a"; --': 1 },
      limit: 3,
    };
    const { error, code } = await call(server, { operation: 'update', parameters: bad });
    expect(code).toBe('invalid_arguments');
    expect(error).toContain('parameters.limit: does not belong to update, which takes where, values, all');
    expect(error).toContain('parameters.where.nmae: is no column of this dataset; did you mean "name"?');
    expect(error).toContain('parameters.where.id: must be a whole number');
    expect(error).toContain('parameters.values.id: can not be changed');
    expect(error).toContain('parameters.values.balance: must be a number');
    expect(error).toContain('parameters.values.active: must be true or false');
    expect(error).toContain('parameters.values["a\\"; --"]: is no column of this dataset; its columns are: id, name');
    expect((await call(server, { operation: 'delete', parameters: { where: {} } })).error).toMatch(
      /where: is needed to delete/,
    );
    expect((await call(server, { operation: 'update', parameters: { values: { name: 'x' } } })).error).toMatch(
      /or all: true/,
    );
    expect((await call(server, { operation: 'read', parameters: { limit: 1_001 } })).code).toBe('invalid_arguments');
    expect(await names(server)).toHaveLength(4);
  });

  it('[A7] lets an analyst read and update, and only an admin delete', async () => {
    const server = await serve(url, { roles: ['analyst'] });
    const update = { operation: 'update', parameters: { where: { id: 3 }, values: { name: 'Cyd' } } } as const;
    expect((await call(server, update)).result).toMatchObject({ affected_rows: 1 });
    const refused = await call(server, { operation: 'delete', parameters: { where: { id: 3 } } });
    expect(refused).toMatchObject({ code: 'forbidden', error: 'Delete operations require admin role' });
    expect(await names(server)).toContain('Cyd');
  });

  it('undoes what would change too many rows', async () => {
    const server = await serve(url, {}, { maxAffectedRows: 2 });
    const many = await call(server, { operation: 'update', parameters: { all: true, values: { name: 'x' } } });
    expect(many.error).toBe('This concerns 4 rows, and at most 2 may be changed at once. Nothing was changed.');
    const deleted = await call(server, { operation: 'delete', parameters: { where: { active: true } } });
    expect(deleted.error).toMatch(/concerns 3 rows/);
    expect(await names(server)).toEqual(['Ada', 'Bo "B" Lee', 'Cy', 'Di']);
  });

  it('bounds the size of an answer, and goes on with the next page', async () => {
    const server = await serve(url, {}, { maxResultBytes: 1_024 });
    const long = await call(server, {
      operation: 'update',
      parameters: { all: true, values: { email: 'e'.repeat(600) } },
    });
    expect(long.error).toBeUndefined();
    const { result } = await call(server, { operation: 'read' });
    expect(result).toMatchObject({ row_count: 1, next_offset: 1 });
    await call(server, { operation: 'update', parameters: { all: true, values: { email: 'e'.repeat(1_600) } } });
    expect((await call(server, { operation: 'read' })).error).toMatch(
      /One row has more than 1024 bytes; ask for fewer columns/,
    );
  });

  it('says that a rule of the table refuses, without the words of the database', async () => {
    const server = await serve(url, {});
    await (await database(server)).execute('CREATE UNIQUE INDEX one_name ON customers (name)');
    const twice = await call(server, { operation: 'update', parameters: { where: { id: 1 }, values: { name: 'Cy' } } });
    expect(twice).toMatchObject({ code: 'tool_error' });
    expect(twice.error).toMatch(/^A rule of the table refuses this change/);
    expect(twice.error).not.toMatch(/one_name|UNIQUE|customers/);
  });

  it('[A9] records operations and their failures, without the values put there', async () => {
    const server = await serve(url, {});
    await call(server, { operation: 'update', parameters: { where: { id: 1 }, values: { name: 'Very Secret' } } });
    await call(server, { operation: 'delete', parameters: { where: { nmae: 'x' } } });
    const record = { resourceType: 'dataset', resourceId: 'customers' };
    expect(await operations()).toEqual([
      { ...record, operation: 'update', success: true, details: { where: { id: 1 }, changed: ['name'], rows: 1 } },
      { ...record, operation: 'delete', success: false, details: { where: { nmae: 'x' } } },
    ]);
    const files = await readdir(join(base, 'audit'));
    const texts = await Promise.all(files.map((file) => readFile(join(base, 'audit', file), 'utf8')));
    expect(texts.join('')).not.toContain('Very Secret');
  });

  it('fills a table once, also when two servers start at the same time', async () => {
    const [one, two] = await Promise.all([serve(url, {}), serve(url, {})]);
    expect(await names(one)).toHaveLength(4);
    expect(await names(two)).toHaveLength(4);
    await writeFile(join(base, 'customers.csv'), `${CSV}5,Ed,,1,true,\n`);
    expect(await names(await serve(url, {}))).toHaveLength(4);
  });

  it('does not start with a table that is not as configured, and names every dataset', async () => {
    const good = { ...customers(), table: 'people' };
    const { seedFile: _seedFile, ...bare } = good;
    await expect(
      serve(
        url,
        {},
        {
          datasets: {
            good,
            none: { ...bare, table: 'nobody' },
            file: { ...bare, table: 'filed', seedFile: join(base, 'none.csv') },
            key: { ...good, keyColumn: 'key' },
          },
        },
      ),
    ).rejects.toThrow(
      /none: there is no table nobody; create it(.|\n)*file: its seedFile can not be used(.|\n)*key: the table people has no column key/,
    );
  });
});

describe('access to datasets', () => {
  const url = 'memory:';
  const read = { operation: 'read' } as const;

  it('[A7] asks the validator data_access: the clearance must reach the sensitivity', async () => {
    const results = [];
    for (const attributes of [
      { clearanceLevel: 3 },
      { clearance_level: 4 },
      { clearanceLevel: 2 },
      { clearanceLevel: '9' },
      {},
    ]) {
      results.push((await call(await serve(url, { attributes }), read)).code);
    }
    expect(results).toEqual([undefined, undefined, 'forbidden', 'forbidden', 'forbidden']);
  });

  it('[A6] answers an unknown dataset like one that is not permitted', async () => {
    const unknown = await call(await serve(url, {}), { ...read, dataset_id: 'nothing' });
    const refused = await call(await serve(url, { attributes: {} }), read);
    expect(unknown).toEqual(refused);
    expect(unknown.code).toBe('forbidden');
  });

  it('[A6] hides the tool from who has not the role or the permission', async () => {
    for (const principal of [{ roles: ['viewer'] }, { roles: ['viewer'], permissions: ['execute'] }, { roles: [] }]) {
      const { client } = await serve(url, principal);
      expect((await client.listTools()).tools).toEqual([]);
    }
  });

  it('[A7] refuses an operation that the role may not do, although the tool may be called', async () => {
    const server = await createTestServer({
      principal: { id: 'ann', roles: ['analyst'], permissions: [], attributes: {} },
      imports: [
        AuthModule.forRoot({ storedKeys: false }),
        PermissionsModule.forRoot({ roles: ROLES, resourcePermissions: { datasets: { analyst: ['update'] } } }),
        AdaptersModule.forRoot({ store: { url } }),
        AuditModule.forRoot({ sinks: [{ type: 'file', path: join(base, 'audit', 'trail.jsonl') }] }),
        DatasetsModule.forRoot({ datasets: { customers: customers() } }),
      ],
    });
    running.push(server);
    const refused = await call(server, read);
    expect(refused).toMatchObject({
      code: 'forbidden',
      error: 'Insufficient permissions for read on dataset customers',
    });
  });

  it('serves nothing without datasets, and its validators all the same', async () => {
    const { server } = await serve(url, {}, { datasets: {} });
    expect(server.tools).toEqual([]);
  });

  it('ends what takes too long, and undoes it', async () => {
    const place = await postgres.createDatabase();
    const server = await serve(place, {}, { statementTimeoutMs: 300 });
    const other = new pg.Client({ connectionString: place });
    await other.connect();
    await other.query('BEGIN');
    await other.query('LOCK TABLE customers IN ACCESS EXCLUSIVE MODE');
    const update = { operation: 'update', parameters: { all: true, values: { name: 'x' } } } as const;
    const answers = [await call(server, read), await call(server, update)];
    await other.query('ROLLBACK');
    await other.end();
    for (const { code, error } of answers) {
      expect(code).toBe('timeout');
      expect(error).toMatch(/^The statement took longer than 300 ms/);
    }
    expect(await names(server)).toEqual(['Ada', 'Bo "B" Lee', 'Cy', 'Di']);
  });
});
