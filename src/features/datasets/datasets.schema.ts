import { z } from 'zod';

/** What may be done with the rows of a dataset. */
export const datasetOperation = z.enum(['read', 'update', 'delete']);

/** See {@link datasetOperation}. */
export type DatasetOperation = z.output<typeof datasetOperation>;

/** The most rows of one answer. */
export const MAX_ROWS = 1_000;

const column = z.string().min(1).max(128);
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The parameters of all operations; which of them belong to one is checked with the table at hand. */
export const datasetParameters = z.object({
  where: z
    .record(column, value)
    .optional()
    .describe('Column → the value that a row must have there; null: none. Needed to update (unless all) and to delete'),
  columns: z.array(column).min(1).max(1_000).optional().describe('read: the columns of the answer; all when absent'),
  limit: z.int().min(1).max(MAX_ROWS).optional().describe(`read: the most rows, at most ${MAX_ROWS}; 100 when absent`),
  offset: z.int().min(0).optional().describe('read: rows to skip'),
  order_by: z
    .array(z.object({ column, descending: z.boolean().default(false) }))
    .min(1)
    .max(16)
    .optional()
    .describe('read: the order of the rows; that of the key when absent'),
  values: z.record(column, value).optional().meta({ sensitive: true }).describe('update: column → its new value'),
  all: z.boolean().optional().describe('update: true to change every row, in the place of where'),
});

/** See {@link datasetParameters}. */
export type DatasetParameters = z.output<typeof datasetParameters>;

/** The arguments of `sensitive_data_operation`. */
export const datasetInput = z.object({
  operation: datasetOperation,
  dataset_id: z.string().min(1).max(64).describe('Id of the dataset'),
  parameters: datasetParameters.default({}),
});

/** What {@link datasetInput} lets through. */
export type DatasetInput = z.output<typeof datasetInput>;

const dataset_id = z.string();
const changed = z.int().min(0).describe('Rows that were changed or deleted');

const read = z.object({
  operation: z.literal('read'),
  dataset_id,
  rows: z
    .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])))
    .max(MAX_ROWS)
    .describe('Integers beyond 2^53 come as text, bytes as base64'),
  row_count: z.int().min(0).describe('Rows of this answer'),
  next_offset: z.int().min(1).optional().describe('The offset of the next page, where there is one'),
});

const update = z.object({ operation: z.literal('update'), dataset_id, affected_rows: changed });
const remove = z.object({ operation: z.literal('delete'), dataset_id, affected_rows: changed });

/**
 * The result of `sensitive_data_operation`, one shape for each operation. A union has no type of its own in JSON Schema,
 * but MCP asks for `object` at the root.
 */
export const datasetOutput = z.discriminatedUnion('operation', [read, update, remove]).meta({ type: 'object' });

/** See {@link datasetOutput}. */
export type DatasetOutput = z.output<typeof datasetOutput>;
/** A row of an answer. */
export type DatasetRow = z.output<typeof read>['rows'][number];
