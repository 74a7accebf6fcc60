import type { AuditHead } from './hash-chain.js';

/**
 * What may be wrong with a trail.
 *
 * - `forged`: a record was changed, or a whole chain rewritten
 * - `broken_link`: a record does not follow the one before it
 * - `gap`: records are missing, at the beginning or in between
 * - `truncated`: the end is missing, of a trail that is known to have been longer
 * - `missing`: a whole trail that is known to have been there
 * - `malformed`: a line is no record
 * - `torn_line`: the last line of a file is cut off, as a crash leaves it
 * - `unclean_end`: no closing mark, so the last records may never have been written
 */
export type AuditProblemKind =
  'forged' | 'broken_link' | 'gap' | 'truncated' | 'missing' | 'malformed' | 'torn_line' | 'unclean_end';

/** One thing that is wrong, or may be. */
export interface AuditProblem {
  readonly kind: AuditProblemKind;
  /** An `error` means that records were changed or are missing; a `warning`, that the writer did not end in order. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Where it was found. */
  readonly source?: string | undefined;
  readonly line?: number | undefined;
  readonly writer?: string | undefined;
  readonly seq?: number | undefined;
}

/** What was found of one writer's trail. */
export interface VerifiedTrail {
  readonly writer: string;
  /** Sequence number of the first record that is there. */
  readonly first: number;
  readonly head: AuditHead;
  /** Whether the closing mark is there. */
  readonly closed: boolean;
  readonly records: number;
}

/** What a verification found. */
export interface AuditVerification {
  /** Whether there is no error; warnings there may be. */
  readonly ok: boolean;
  readonly records: number;
  readonly trails: readonly VerifiedTrail[];
  /** The first thousand. */
  readonly problems: readonly AuditProblem[];
  readonly errors: number;
  readonly warnings: number;
}

/** A verification as lines for people. */
export function formatVerification({ ok, records, trails, problems, errors, warnings }: AuditVerification): string {
  const lines = [
    `${ok ? 'ok' : 'NOT OK'}: ${count(records, 'record')} in ${count(trails.length, 'trail')}, ` +
      `${count(errors, 'error')}, ${count(warnings, 'warning')}`,
    ...trails.map(({ writer, first, head, closed }) => {
      const end = closed ? 'closed' : 'not closed';
      return `  ${writer}: records ${first} to ${head.seq}, ${end}, head ${head.hash.slice(0, 16)}…`;
    }),
    ...problems.map(({ severity, kind, source, line, message }) => {
      const place = [source, line].filter((part) => part !== undefined).join(':');
      return `${severity} ${kind}${place === '' ? '' : ` at ${place}`}: ${message}`;
    }),
  ];
  if (errors + warnings > problems.length) lines.push(`and ${errors + warnings - problems.length} more`);
  return lines.join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
