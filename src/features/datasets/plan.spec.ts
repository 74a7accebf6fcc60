import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidArgumentsError } from '../../index.js';
import { planDelete, planRead, planUpdate, type DatasetTable } from './plan.js';
import type { Column } from './table.js';

const columns: readonly Column[] = [
  { name: 'id', kind: 'integer', nullable: false },
  { name: 'name', kind: 'text', nullable: false },
  { name: 'odd "name"', kind: 'any', nullable: true },
];
const table: DatasetTable = {
  quoted: '"people"',
  columns: new Map(columns.map((column) => [column.name, column])),
  keyColumn: 'id',
  writable: new Set(['name', 'odd "name"']),
};

/** Made once, here: fast-check makes a table of all code points for it, which takes seconds on a busy machine. */
const anyText = fc.string({ unit: 'binary' });

/** The faults that a plan is refused for. */
function faultsOf(plan: () => unknown): readonly string[] {
  try {
    plan();
  } catch (thrown) {
    if (thrown instanceof InvalidArgumentsError) return thrown.faults.map(({ path, message }) => `${path}: ${message}`);
    throw thrown;
  }
  return [];
}

describe('a read', () => {
  it('takes all columns, in the order of the key, a hundred rows and one', () => {
    expect(planRead(table, {})).toEqual({
      sql: 'SELECT "id", "name", "odd ""name""" FROM "people" ORDER BY "id" ASC LIMIT ? OFFSET ?',
      values: [101, 0],
      limit: 100,
      offset: 0,
    });
  });

  it('binds conditions, asks for what is missing by IS NULL, and ends every order with the key', () => {
    const order_by = [{ column: 'name', descending: true }];
    const where = { name: 'x', 'odd "name"': null };
    expect(planRead(table, { where, columns: ['id', 'id'], order_by, limit: 5, offset: 7 })).toMatchObject({
      sql: 'SELECT "id" FROM "people" WHERE "name" = ? AND "odd ""name""" IS NULL ORDER BY "name" DESC, "id" ASC LIMIT ? OFFSET ?',
      values: ['x', 6, 7],
    });
  });

  it('names every fault', () => {
    const faults = faultsOf(() =>
      planRead(table, {
        columns: ['nmae', 'id'],
        order_by: [{ column: 'no', descending: false }],
        values: { name: 'x' },
      }),
    );
    expect(faults).toEqual([
      'parameters.values: does not belong to read, which takes where, columns, limit, offset, order_by',
      'parameters.columns[0]: is no column of this dataset; did you mean "name"?',
      'parameters.order_by[0].column: is no column of this dataset; its columns are: id, name, odd "name"',
    ]);
  });
});

describe('an update', () => {
  it('binds values and conditions', () => {
    expect(planUpdate(table, { where: { id: '9007199254740993' }, values: { name: 'x', 'odd "name"': null } })).toEqual(
      {
        sql: 'UPDATE "people" SET "name" = ?, "odd ""name""" = ? WHERE "id" = ?',
        values: ['x', null, 9_007_199_254_740_993n],
      },
    );
  });

  it('changes every row only when told to', () => {
    expect(planUpdate(table, { all: true, values: { name: 'x' } }).sql).toBe('UPDATE "people" SET "name" = ?');
    const needed = 'parameters.where: is needed to update, with a column; or all: true to change every row';
    expect(faultsOf(() => planUpdate(table, { values: { name: 'x' } }))).toEqual([needed]);
    expect(faultsOf(() => planUpdate(table, { all: false, where: {}, values: { name: 'x' } }))).toEqual([needed]);
    expect(faultsOf(() => planUpdate(table, { all: true, where: { id: 1 }, values: { name: 'x' } }))).toEqual([
      'parameters.all: must not be there together with where',
    ]);
  });

  it('changes neither the key nor what must have a value', () => {
    expect(faultsOf(() => planUpdate(table, { where: { id: 1 }, values: { id: 2, name: null } }))).toEqual([
      'parameters.values.id: can not be changed',
      'parameters.values.name: must not be null',
    ]);
    expect(faultsOf(() => planUpdate(table, { where: { id: 1 }, values: {} }))).toEqual([
      'parameters.values: is needed to update: column → its new value',
    ]);
  });
});

describe('a delete', () => {
  it('needs a condition', () => {
    expect(planDelete(table, { where: { id: 1 } })).toEqual({
      sql: 'DELETE FROM "people" WHERE "id" = ?',
      values: [1],
    });
    expect(faultsOf(() => planDelete(table, {}))).toEqual(['parameters.where: is needed to delete, with a column']);
    expect(faultsOf(() => planDelete(table, { where: { other: 1 } }))).toEqual([
      'parameters.where.other: is no column of this dataset; its columns are: id, name, odd "name"',
    ]);
  });
});

describe('a statement', () => {
  it('[S4] never holds what a caller wrote, whatever it is', () => {
    const text = fc.oneof(fc.constantFrom('name', 'id', '"', "'", '--', '?', ';', '__proto__'), anyText);
    const known = [...table.columns.keys()];
    const property = fc.property(text, fc.string(), (column, value) => {
      const where = Object.fromEntries([[column, value]]);
      const statements = new Set<string>();
      for (const plan of [
        () => planRead(table, { where }),
        () => planUpdate(table, { where, values: { name: value } }),
        () => planUpdate(table, { all: true, values: where }),
        () => planDelete(table, { where }),
      ]) {
        faultsOf(() => statements.add(plan().sql));
      }
      return statements.size === 0 || known.includes(column);
    });
    expect(fc.check(property, { numRuns: 500 }).failed).toBe(false);
  });

  it('names at most twenty faults', () => {
    const where = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`c${index}`, 1]));
    expect(faultsOf(() => planDelete(table, { where }))).toHaveLength(20);
  });
});
