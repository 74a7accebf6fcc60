import type { AuditAnchor, AuditPlace } from './audit-anchors.js';
import type { AuditLine } from './audit-sink.js';
import {
  GENESIS,
  HASH_SUFFIX_LENGTH,
  RECORD_VERSION,
  chainDigest,
  type AuditHead,
  type ChainDigest,
  type NamedHead,
} from './hash-chain.js';
import type { AuditProblem, AuditProblemKind, AuditVerification, VerifiedTrail } from './verification.js';

const MAX_PROBLEMS = 1_000;
const SUFFIX = /^,"hash":"([0-9a-f]{64})"}$/;
const BRACE = Buffer.from('}');

/** The parts of a record that the chain is about. */
interface ChainRecord extends AuditHead {
  readonly previous: string;
  readonly event: unknown;
  readonly details: unknown;
  /** The record without its hash, as it was hashed. */
  readonly body: Uint8Array;
}

/** What is known of a writer so far. */
interface Trail {
  first: number;
  /** What the first record follows. */
  readonly before: string;
  seq: number;
  /** `undefined` after a line that could not be read. */
  hash: string;
  records: number;
  closed: boolean;
  readonly source: string;
  readonly line: number;
}

/** What a verification goes by, besides the records. */
export interface VerifierOptions {
  /** The `audit.key` with which the trail was written. */
  readonly key?: string | undefined;
  /**
   * Heads that are known from elsewhere: from the store, from the opening marks of other trails. One with places is
   * expected where it belongs only: in {@link where}, or beside a trail that is there and was written to the same place.
   */
  readonly heads?: readonly (AuditHead | AuditAnchor)[] | undefined;
  /** The kind of sink the lines are from: what trails say of other kinds says nothing of it. */
  readonly sink?: string | undefined;
  /** Where the lines are from, as the `where` of that sink says it. */
  readonly where?: readonly string[] | undefined;
}

/**
 * Verifies trails line by line, in memory that grows with the number of writers only.
 *
 * The lines of one writer come in their order; those of several may be mixed.
 */
export class AuditVerifier {
  readonly #digest: ChainDigest;
  readonly #trails = new Map<string, Trail>();
  readonly #heads = new Map<string, (AuditHead | AuditAnchor)[]>();
  readonly #removed = new Map<string, AuditHead>();
  readonly #problems: AuditProblem[] = [];
  #errors = 0;
  #warnings = 0;
  #records = 0;

  readonly #sink: string | undefined;
  readonly #where: readonly string[];

  constructor({ key, heads = [], sink, where = [] }: VerifierOptions = {}) {
    this.#sink = sink;
    this.#where = where;
    this.#digest = chainDigest(key);
    for (const head of heads) this.#heads.set(head.writer, [...(this.#heads.get(head.writer) ?? []), head]);
  }

  /** Looks at the next line. */
  add({ source, line, bytes, terminated }: AuditLine): void {
    const record = parseRecord(bytes);
    const at = { source, line };
    if (record === undefined) {
      if (terminated) this.#report('malformed', `Line ${line} is no audit record.`, at);
      else this.#report('torn_line', 'The last line is cut off: records may be missing after it.', at, 'warning');
      return;
    }
    const { writer, seq, hash } = record;
    if (!terminated) {
      const message = `The line of record ${seq} of ${writer} has no end: records after it may be missing.`;
      this.#report('torn_line', message, { ...at, writer, seq }, 'warning');
    }
    this.#records++;
    const place = { ...at, writer, seq };
    if (this.#digest(record.previous, record.body) !== hash) {
      this.#report('forged', `Record ${seq} of ${writer} was changed, or written without the key.`, place);
    }
    for (const known of this.#heads.get(writer) ?? []) {
      if (known.seq === seq && known.hash !== hash) {
        this.#report('forged', `Record ${seq} of ${writer} is not the one that was anchored.`, place);
      }
    }
    if (record.event === 'retention') this.#noteRemoved(record.details);
    this.#link(record, place);
  }

  /** What was found, after the last line. */
  finish(): AuditVerification {
    for (const [writer, trail] of this.#trails) this.#judgeEnds(writer, trail);
    const here = this.#placesHere();
    for (const [writer, heads] of this.#heads) {
      const expected = this.#trails.has(writer) ? heads : heads.filter((head) => this.#belongsTo(here, head));
      const [first, ...others] = expected;
      if (first === undefined) continue;
      this.#judgeHead(
        writer,
        others.reduce((later, head) => (head.seq > later.seq ? head : later), first),
      );
    }
    return {
      ok: this.#errors === 0,
      records: this.#records,
      trails: [...this.#trails].map(([writer, trail]) => verifiedTrail(writer, trail)),
      problems: this.#problems,
      errors: this.#errors,
      warnings: this.#warnings,
    };
  }

  #link({ writer, seq, hash, previous, event }: ChainRecord, place: Place): void {
    const trail = this.#trails.get(writer);
    const closed = event === 'close';
    if (trail === undefined) {
      const { source, line } = place;
      this.#trails.set(writer, { first: seq, before: previous, seq, hash, records: 1, closed, source, line });
      if (seq === 0 && (previous !== GENESIS || event !== 'open')) {
        this.#report('broken_link', `The first record of ${writer} is no opening mark.`, place);
      }
      return;
    }
    if (trail.closed) this.#report('broken_link', `Record ${seq} of ${writer} stands after its closing mark.`, place);
    if (seq > trail.seq + 1) {
      const missing = seq === trail.seq + 2 ? `Record ${seq - 1}` : `Records ${trail.seq + 1} to ${seq - 1}`;
      this.#report('gap', `${missing} of ${writer} missing before this line.`, place);
    } else if (seq <= trail.seq) {
      this.#report('broken_link', `Record ${seq} of ${writer} stands after record ${trail.seq}.`, place);
    } else if (previous !== trail.hash) {
      this.#report('broken_link', `Record ${seq} of ${writer} does not follow the record before it.`, place);
    }
    trail.seq = Math.max(trail.seq, seq);
    trail.hash = hash;
    trail.closed ||= closed;
    trail.records++;
  }

  #judgeEnds(writer: string, trail: Trail): void {
    const { first, before, seq, closed, source, line } = trail;
    const removed = this.#removed.get(writer);
    if (first > 0 && (removed === undefined || removed.seq < first - 1)) {
      const missing = first === 1 ? 'Record 0' : `Records 0 to ${first - 1}`;
      this.#report('gap', `${missing} of ${writer} missing, and no record says that retention removed them.`, {
        source,
        line,
        writer,
        seq: first,
      });
    } else if (first > 0 && removed?.seq === first - 1 && removed.hash !== before) {
      const message = `Record ${first} of ${writer} does not follow those that retention removed.`;
      this.#report('broken_link', message, { source, line, writer, seq: first });
    }
    if (!closed) {
      const message =
        `${writer} has no closing mark: it is still writing, or did not end in order. ` +
        `Records after ${seq} may be missing.`;
      this.#report('unclean_end', message, { writer, seq }, 'warning');
    }
  }

  #judgeHead(writer: string, { seq }: AuditHead): void {
    if ((this.#removed.get(writer)?.seq ?? -1) >= seq) return;
    const trail = this.#trails.get(writer);
    if (trail === undefined) {
      this.#report('missing', `The trail of ${writer} is missing; it had at least ${seq + 1} records.`, {
        writer,
        seq,
      });
    } else if (trail.seq < seq) {
      const message = `The end of the trail of ${writer} is missing: record ${seq} was anchored, ${trail.seq} is the last there.`;
      this.#report('truncated', message, { writer, seq });
    }
  }

  /** Where the lines are from: what was said, and where the trails that were found had been written to. */
  #placesHere(): ReadonlySet<string> {
    const here = new Set(this.#where);
    for (const [writer, heads] of this.#heads) {
      if (!this.#trails.has(writer)) continue;
      for (const head of heads) {
        const places = this.#placesOf(head) ?? [];
        // Of a trail that was written to several of a kind, nobody knows which of them this is.
        if (places.length === 1) places.forEach(({ where }) => here.add(where));
      }
    }
    return here;
  }

  /** A head without places is expected everywhere. */
  #belongsTo(here: ReadonlySet<string>, head: AuditHead | AuditAnchor): boolean {
    return this.#placesOf(head)?.some(({ where }) => here.has(where)) ?? true;
  }

  #placesOf(head: AuditHead | AuditAnchor): readonly AuditPlace[] | undefined {
    if (!('places' in head)) return undefined;
    return head.places.filter(({ sink }) => this.#sink === undefined || sink === this.#sink);
  }

  #noteRemoved(details: unknown): void {
    for (const head of headsIn(details, 'removed', this.#sink)) {
      if (head.seq > (this.#removed.get(head.writer)?.seq ?? -1)) this.#removed.set(head.writer, head);
    }
  }

  #report(
    kind: AuditProblemKind,
    message: string,
    place: Partial<Place>,
    severity: AuditProblem['severity'] = 'error',
  ): void {
    if (severity === 'error') this.#errors++;
    else this.#warnings++;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ kind, severity, message, ...place });
  }
}

interface Place {
  readonly source: string;
  readonly line: number;
  readonly writer: string;
  readonly seq: number;
}

/**
 * Verifies everything that a sink or a folder has. It is read twice: first for the heads that the opening marks of
 * trails name of others.
 *
 * @param read - reads it from the beginning
 * @param sink - the kind of sink it is: of the heads that were named, those found in another kind say nothing of it
 */
export async function verifyAuditLines(
  read: () => AsyncIterable<AuditLine>,
  sink: string,
  { key, heads = [], where }: Omit<VerifierOptions, 'sink'> = {},
): Promise<AuditVerification> {
  const named = new Map<string, AuditHead>();
  for await (const { bytes } of read()) {
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 300)).includes('"event":"open"')) continue;
    const { details } = parseRecord(bytes) ?? {};
    for (const head of headsIn(details, 'previous', sink)) named.set(`${head.writer}/${head.seq}/${head.hash}`, head);
  }
  const verifier = new AuditVerifier({ key, sink, where, heads: [...heads, ...named.values()] });
  for await (const line of read()) verifier.add(line);
  return verifier.finish();
}

function parseRecord(bytes: Uint8Array): ChainRecord | undefined {
  const end = bytes.length - HASH_SUFFIX_LENGTH;
  if (end <= 0) return undefined;
  const [, hash] = SUFFIX.exec(Buffer.from(bytes.subarray(end)).toString('latin1')) ?? [];
  if (hash === undefined) return undefined;
  try {
    const record = JSON.parse(Buffer.from(bytes).toString('utf8')) as Readonly<Record<string, unknown>>;
    const { v, writer, seq, previous, event, details } = record;
    if (v !== RECORD_VERSION || typeof writer !== 'string' || typeof previous !== 'string') return undefined;
    if (!Number.isSafeInteger(seq) || (seq as number) < 0) return undefined;
    const body = Buffer.concat([bytes.subarray(0, end), BRACE]);
    return { writer, seq: seq as number, hash, previous, event, details, body };
  } catch {
    return undefined;
  }
}

/** The heads that a mark names, without those of another kind of sink. */
function headsIn(details: unknown, key: string, sink: string | undefined): readonly AuditHead[] {
  const heads = (details as Readonly<Record<string, unknown>> | null | undefined)?.[key];
  if (!Array.isArray(heads)) return [];
  return (heads as readonly Partial<NamedHead>[]).filter(
    (head): head is NamedHead =>
      (sink === undefined || head?.sink === undefined || head.sink === sink) &&
      typeof head?.writer === 'string' &&
      Number.isSafeInteger(head.seq) &&
      typeof head.hash === 'string',
  );
}

function verifiedTrail(writer: string, { first, seq, hash, closed, records }: Trail): VerifiedTrail {
  return { writer, first, head: { writer, seq, hash }, closed, records };
}
