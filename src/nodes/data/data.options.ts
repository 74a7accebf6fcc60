import { z } from 'zod';

const MEBIBYTE = 1_048_576;

const connection = z.strictObject({
  write: z.boolean().default(false).describe('Whether nodes may change data by it, where they say `write: true`.'),
});

const sql = z.strictObject({
  connections: z
    .record(
      z.string().regex(/^(?!duckdb$)[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be a name of store.connections'),
      connection,
    )
    .refine((connections) => !Object.hasOwn(connections, 'store'), {
      path: ['store'],
      message:
        'must not be there: keys and tokens of the server are in it. Name another of store.connections, a database and a role of its own',
    })
    .default({})
    .describe(
      'The databases that SQLDatabaseNode may name: connections of `store.connections`, none of them the server’s own database.',
    ),
  maxTimeoutSeconds: z
    .number()
    .min(0.1)
    .max(3_600)
    .default(60)
    .describe('The most that a statement may ask for with `timeout_seconds`.'),
});

const duckdb = z.strictObject({
  memoryMb: z
    .int()
    .min(64)
    .max(1_048_576)
    .default(512)
    .describe('MiB that DuckDB may take for files, aggregations and joins, all runs together.'),
  queryMemoryMb: z
    .int()
    .min(64)
    .max(1_048_576)
    .default(256)
    .describe('MiB that each SQL query over files may take; each has a database of its own.'),
  temporaryMb: z
    .int()
    .min(0)
    .max(1_048_576)
    .default(1_024)
    .describe('MiB of temporary files that DuckDB may write when memory is not enough.'),
  threads: z.int().min(1).max(256).default(2).describe('Threads that DuckDB computes with.'),
  concurrency: z.int().min(1).max(64).default(4).describe('Runs that use DuckDB at once; the others wait.'),
  maxWaiting: z.int().min(0).max(10_000).default(100).describe('Runs that may wait for DuckDB; one more is refused.'),
  timeoutSeconds: z.number().min(0.1).max(3_600).default(60).describe('Seconds after which a computation is ended.'),
});

/** The keys of the section `nodes.data`: what bounds nodes that read, write and compute with data. */
export const dataOptions = z.strictObject({
  maxRows: z.int().min(1).max(10_000_000).default(100_000).describe('Rows that a node takes or gives at the most.'),
  maxBytes: z
    .int()
    .min(1_024)
    .max(1_024 * MEBIBYTE)
    .default(32 * MEBIBYTE)
    .describe('Bytes that a node reads into memory, gives, or writes at the most.'),
  maxFieldBytes: z
    .int()
    .min(1_024)
    .max(64 * MEBIBYTE)
    .default(MEBIBYTE)
    .describe('Characters that one row of a CSV file, or one line of JSON, may have.'),
  maxEntries: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('Entries that DirectoryReaderNode lists at the most.'),
  duckdb: duckdb
    .prefault({})
    .describe(
      'The engine for files that are larger than memory, for Parquet, for aggregations and joins, and for SQL over files.',
    ),
  sql: sql.prefault({}).describe('Databases of SQLDatabaseNode.'),
});

/** See {@link dataOptions}. */
export type DataOptions = z.output<typeof dataOptions>;

/** The section `nodes.data`, complete: what the nodes are bounded by. */
export class DataSettings {
  constructor(
    readonly options: DataOptions = dataOptions.parse({}),
    /** The folders of `nodes.roots`, as they are configured: all that DuckDB may read. */
    readonly folders: readonly string[] = [],
  ) {}
}
