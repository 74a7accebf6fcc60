import { InvalidArgumentsError, MAX_FAULTS, closest, formatPath, type Fault, type SqlValue } from '../../index.js';
import { toColumn, type JsonValue } from './column-values.js';
import type { DatasetOperation, DatasetParameters } from './datasets.schema.js';
import {
  deleteStatement,
  selectStatement,
  updateStatement,
  type BoundStatement,
  type Conditions,
  type ReadPlan,
} from './statements.js';
import type { Column, Table } from './table.js';

/** A table with what configuration says of it. */
export interface DatasetTable extends Table {
  readonly keyColumn: string;
  /** The columns that may be changed. */
  readonly writable: ReadonlySet<string>;
}

/** Rows of a read without `limit`. */
const STANDARD_LIMIT = 100;

const PARAMETERS: Readonly<Record<DatasetOperation, readonly (keyof DatasetParameters)[]>> = {
  read: ['where', 'columns', 'limit', 'offset', 'order_by'],
  update: ['where', 'values', 'all'],
  delete: ['where'],
};

/** A read that was checked: its statement, and how many rows it is to give. */
export interface PlannedRead extends BoundStatement, Pick<ReadPlan, 'limit' | 'offset'> {}

/** Turns the parameters of a read into a statement. @throws InvalidArgumentsError naming every fault */
export function planRead(table: DatasetTable, parameters: DatasetParameters): PlannedRead {
  const check = new Check('read', table, parameters);
  const where = check.conditions();
  const columns = parameters.columns ?? [...table.columns.keys()];
  columns.forEach((column, index) => check.column(column, ['columns', index]));
  const asked = parameters.order_by ?? [];
  asked.forEach(({ column }, index) => check.column(column, ['order_by', index, 'column']));
  check.throwFaults();
  const { limit = STANDARD_LIMIT, offset = 0 } = parameters;
  // Pages of rows that are alike in the order asked for would overlap without the key at its end.
  const byKey = asked.some(({ column }) => column === table.keyColumn)
    ? []
    : [{ column: table.keyColumn, descending: false }];
  const plan = { where, columns: [...new Set(columns)], order: [...asked, ...byKey], limit, offset };
  return { ...selectStatement(table.quoted, plan), limit, offset };
}

/** Turns the parameters of an update into a statement. @throws InvalidArgumentsError naming every fault */
export function planUpdate(table: DatasetTable, parameters: DatasetParameters): BoundStatement {
  const check = new Check('update', table, parameters);
  const where = check.conditions();
  const values = check.values();
  if (isEmpty(parameters.values)) check.fault(['values'], 'is needed to update: column → its new value');
  if (parameters.all === true && !isEmpty(parameters.where))
    check.fault(['all'], 'must not be there together with where');
  if (parameters.all !== true && isEmpty(parameters.where)) {
    check.fault(['where'], 'is needed to update, with a column; or all: true to change every row');
  }
  check.throwFaults();
  return updateStatement(table.quoted, values, where);
}

/** Turns the parameters of a delete into a statement. @throws InvalidArgumentsError naming every fault */
export function planDelete(table: DatasetTable, parameters: DatasetParameters): BoundStatement {
  const check = new Check('delete', table, parameters);
  const where = check.conditions();
  if (isEmpty(parameters.where)) check.fault(['where'], 'is needed to delete, with a column');
  check.throwFaults();
  return deleteStatement(table.quoted, where);
}

function isEmpty(given: object | undefined): boolean {
  return given === undefined || Object.keys(given).length === 0;
}

/** Judges parameters against a table and collects what is wrong, so that one answer names all of it. */
class Check {
  readonly #faults: Fault[] = [];

  constructor(
    operation: DatasetOperation,
    private readonly table: DatasetTable,
    private readonly parameters: DatasetParameters,
  ) {
    const known = PARAMETERS[operation];
    for (const [name, value] of Object.entries(parameters)) {
      if (value === undefined || known.includes(name as keyof DatasetParameters)) continue;
      this.fault([name], `does not belong to ${operation}, which takes ${known.join(', ')}`);
    }
  }

  fault(path: readonly PropertyKey[], message: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push({ path: formatPath(['parameters', ...path]), message });
  }

  throwFaults(): void {
    if (this.#faults.length > 0) throw new InvalidArgumentsError(this.#faults);
  }

  column(name: string, path: readonly PropertyKey[]): Column | undefined {
    const column = this.table.columns.get(name);
    if (column === undefined) this.fault(path, `is no column of this dataset${suggestion(name, this.table)}`);
    return column;
  }

  conditions(): Conditions {
    const given: Readonly<Record<string, JsonValue>> = this.parameters.where ?? {};
    return this.#converted('where', given, () => undefined);
  }

  values(): ReadonlyMap<string, SqlValue> {
    return this.#converted('values', this.parameters.values ?? {}, ({ name, nullable }, value) => {
      if (!this.table.writable.has(name)) return 'can not be changed';
      return value === null && !nullable ? 'must not be null' : undefined;
    });
  }

  #converted(
    place: 'where' | 'values',
    given: Readonly<Record<string, JsonValue>>,
    refusal: (column: Column, value: JsonValue) => string | undefined,
  ): ReadonlyMap<string, SqlValue> {
    const converted = new Map<string, SqlValue>();
    for (const [name, value] of Object.entries(given)) {
      const column = this.column(name, [place, name]);
      if (column === undefined) continue;
      const refused = refusal(column, value);
      const result = value === null ? ({ ok: true, value } as const) : toColumn(column, value);
      if (refused !== undefined) this.fault([place, name], refused);
      else if (result.ok) converted.set(name, result.value);
      else this.fault([place, name], result.expected);
    }
    return converted;
  }
}

/** The name that was probably meant, or else all there are. */
function suggestion(name: string, { columns }: Table): string {
  const near = closest(name, columns.keys());
  return near === undefined ? `; its columns are: ${[...columns.keys()].join(', ')}` : `; did you mean "${near}"?`;
}
