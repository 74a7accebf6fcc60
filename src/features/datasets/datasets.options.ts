import { z } from 'zod';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const column = z.string().regex(NAME, 'must be the name of a column: letters, digits and _, at most 63');

const dataset = z.strictObject({
  table: z
    .string()
    .regex(/^([A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be `table` or `schema.table`')
    .refine(
      (table) => !/(^|\.)(rookery_|audit_(records|anchors)$|sqlite_|pg_)/i.test(table),
      'is a table of the server or the database itself',
    )
    .describe('The table with its rows, in the connection: `table` or `schema.table`.'),
  keyColumn: column
    .default('id')
    .describe('The column that identifies a row; rows come in its order, and it is never changed.'),
  sensitivityLevel: z
    .number()
    .min(0)
    .describe('What the attribute `clearanceLevel` of a caller must reach, where the validator data_access is used.'),
  description: z.string().min(1).max(1_000).describe('What the rows are, for the model.'),
  columns: z
    .array(column)
    .min(1)
    .max(1_000)
    .optional()
    .describe('The columns that may be changed; all but the key when absent.'),
  seedFile: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe('A .csv or .json file whose rows fill the table when there is no such table yet: for demonstrations.'),
});

/** The configuration of one dataset. */
export type DatasetOptions = z.output<typeof dataset>;

/** The section `datasets` of the configuration. */
export const datasetsOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the tool sensitive_data_operation is served, given a dataset.'),
  connection: z.string().min(1).default('store').describe('Name of the database connection that has the tables.'),
  datasets: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1–64 of A–Z a–z 0–9 _ . -'), dataset)
    .default({})
    .describe('Id → the dataset that callers name by it.'),
  maxAffectedRows: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe('An update or delete of more rows is undone and refused.'),
  maxResultBytes: z
    .int()
    .min(1_024)
    .max(67_108_864)
    .default(1_048_576)
    .describe('Bytes of the rows of one answer, as JSON; what is beyond comes with the next page.'),
  statementTimeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(5_000)
    .describe('Milliseconds that one statement may take; after that it is undone and the call is told so.'),
});

/** See {@link datasetsOptions}. */
export type DatasetsOptions = z.output<typeof datasetsOptions>;
