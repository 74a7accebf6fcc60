import { z } from 'zod';

const fileSink = z.strictObject({
  type: z.literal('file').describe('Lines of JSON in files.'),
  path: z
    .string()
    .min(1)
    .describe(
      'Where the files are: `data/audit.jsonl` becomes `data/audit.<writer>.<number>.jsonl`, one writer a file, mode 0600.',
    ),
  maxBytes: z
    .int()
    .min(4_096)
    .default(64 * 1024 * 1024)
    .describe('A file that has grown to this many bytes is followed by a new one.'),
  maxFiles: z
    .int()
    .min(2)
    .max(100_000)
    .default(10_000)
    .describe('More files than this, and the oldest are removed, which the trail records.'),
});

const stdoutSink = z.strictObject({
  type: z.literal('stdout').describe('Lines of JSON on stdout, for a collector; not with the stdio transport.'),
});

const databaseSink = z.strictObject({
  type: z.literal('database').describe('Rows of the table `audit_records`.'),
  connection: z.string().min(1).default('store').describe('The name of the database connection.'),
});

/** The section `audit`. */
export const auditOptions = z.strictObject({
  mode: z
    .enum(['off', 'batched', 'strict'])
    .default('batched')
    .describe(
      '`batched` writes off the way of the call; `strict` answers a call when its record is durable; `off` records nothing.',
    ),
  sinks: z
    .array(z.discriminatedUnion('type', [fileSink, stdoutSink, databaseSink]))
    .max(8)
    .default([])
    .describe('Where records go, each to all of them. Without any, nothing is recorded.'),
  key: z
    .string()
    .min(32)
    .optional()
    .meta({ secret: true })
    .describe(
      'At least 32 characters. With it the chain is an HMAC-SHA-256, so that nobody without it can write a chain that verifies; `rookery audit verify` needs it too.',
    ),
  retention: z
    .strictObject({
      days: z.number().positive().optional().describe('Records older than this are removed, which the trail records.'),
    })
    .prefault({})
    .describe('How long records are kept; for ever by default.'),
  onFailure: z
    .enum(['refuse', 'block'])
    .default('refuse')
    .describe(
      'What happens to new calls while a sink is full or failing: `refuse` refuses them as `overloaded`, `block` lets them wait for `maxWaitMs` first.',
    ),
  maxWaitMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(10_000)
    .describe('The longest that a call waits for the audit trail, in milliseconds; its own deadline may be sooner.'),
  batch: z
    .strictObject({
      maxRecords: z.int().min(1).max(10_000).default(500).describe('Records written at once at most.'),
      maxDelayMs: z
        .int()
        .min(1)
        .max(60_000)
        .default(200)
        .describe('How long a record waits for others in `batched` mode, in milliseconds.'),
      maxQueue: z
        .int()
        .min(1)
        .default(10_000)
        .describe(
          'Records that may wait to be written, and calls that may wait for a sink; beyond it calls are refused.',
        ),
      anchorEvery: z
        .int()
        .min(1)
        .default(1_000)
        .describe('After so many records the head of the chain is anchored in the store.'),
    })
    .prefault({})
    .describe('How records are gathered before they are written.'),
  redact: z
    .strictObject({
      patterns: z
        .array(z.string().min(1).refine(isPattern, 'must be a JavaScript regular expression'))
        .default([])
        .describe('Regular expressions; what they match in texts is masked, besides what looks like a credential.'),
    })
    .prefault({})
    .describe('What is masked besides `sensitive` properties of schemas and names like `password`.'),
  arguments: z.boolean().default(true).describe('Whether the redacted arguments of calls are recorded, at most 8 KiB.'),
});

/** The section `audit`, complete. */
export type AuditOptions = z.output<typeof auditOptions>;
/** One entry of `audit.sinks`, complete. */
export type AuditSinkOptions = AuditOptions['sinks'][number];

/** Whether anything is recorded. */
export function isAuditOn({ mode, sinks }: Pick<AuditOptions, 'mode' | 'sinks'>): boolean {
  return mode !== 'off' && sinks.length > 0;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'g') instanceof RegExp;
  } catch {
    return false;
  }
}
