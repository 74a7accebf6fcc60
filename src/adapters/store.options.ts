import { z } from 'zod';

const DATABASE_URL = /^(memory:|:memory:|file:.+|postgres(ql)?:\/\/.+)$/s;

/** Where a database is. It may hold a password. */
const databaseUrl = z
  .string()
  .regex(
    DATABASE_URL,
    'must be file:<path>, postgres://<user>:<password>@<host>:<port>/<database>, or memory: for one that ends with the process',
  )
  .meta({ secret: true });

/** The section `store`: the databases that this server keeps its state in, and that its tools read. */
export const storeOptions = z.strictObject({
  url: databaseUrl
    .default('file:./.rookery/rookery.db')
    .describe(
      'The database of keys, tokens, tasks and audit anchors: `file:<path>` (libsql), `postgres://…`, or `memory:` for one that ends with the process.',
    ),
  connections: z
    .record(
      z.string().regex(/^(?!store$)[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be 1–64 of A–Z a–z 0–9 _ - and not "store"'),
      databaseUrl,
    )
    .default({})
    .describe('Further databases by the names under which tools ask for them; nothing is migrated in them.'),
  poolSize: z.int().min(1).max(1_000).default(10).describe('PostgreSQL connections to each database at the most.'),
  busyTimeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(5_000)
    .describe('How long a call waits for a free connection (PostgreSQL) or for other writers (libsql).'),
  statementTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(10_000)
    .describe('After how long PostgreSQL gives up a statement, waiting for locks included. libsql has no such limit.'),
  synchronous: z
    .enum(['normal', 'full'])
    .default('normal')
    .describe(
      'What a commit to a libsql file survives: `normal` the end of the process, `full` also that of the power, waiting for the disk each time.',
    ),
});

/** See {@link storeOptions}. */
export type StoreOptions = z.output<typeof storeOptions>;
