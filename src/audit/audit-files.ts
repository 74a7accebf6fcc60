import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { AuditLine } from './audit-sink.js';
import type { AuditHead } from './hash-chain.js';

/** Longer lines are nobody's record: what comes after this many bytes is passed over. */
const MAX_LINE = 1024 * 1024;
/** How much of a file's end is read to find its last record. */
const TAIL = 128 * 1024;
const LINE_END = 0x0a;

/** A file of records. */
export interface AuditFile {
  /** Without its folder. */
  readonly name: string;
  readonly path: string;
  readonly writer: string;
  readonly index: number;
}

/** The files of one configured path: `data/audit.jsonl` is `data/audit.<writer>.<index>.jsonl`. */
export class AuditFiles {
  readonly folder: string;
  readonly #stem: string;
  readonly #extension: string;

  constructor(path: string) {
    this.folder = dirname(path);
    this.#extension = extname(path);
    this.#stem = basename(path, this.#extension);
  }

  file(writer: string, index: number): AuditFile {
    const name = `${this.#stem}.${writer}.${String(index).padStart(6, '0')}${this.#extension}`;
    return { name, path: join(this.folder, name), writer, index };
  }

  /** What is there, in the order in which it was begun: a writer's id begins with its time. */
  async list(): Promise<readonly AuditFile[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names
      .toSorted(byName)
      .map((name) => this.#parse(name))
      .filter((file) => file !== undefined);
  }

  #parse(name: string): AuditFile | undefined {
    if (!name.startsWith(`${this.#stem}.`) || !name.endsWith(this.#extension)) return undefined;
    const middle = name.slice(this.#stem.length + 1, name.length - this.#extension.length);
    const [, writer, index] = /^([\w-]{1,64})\.(\d{6,})$/.exec(middle) ?? [];
    if (writer === undefined || index === undefined) return undefined;
    return { name, path: join(this.folder, name), writer, index: Number(index) };
  }
}

/** A path of this machine as anchors name it: `host:/absolute/path`. */
export function auditPathOnHost(path: string): string {
  return `${hostname()}:${resolve(path)}`;
}

/** In the order of their bytes, whatever the locale. */
export function byName(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The lines of a file, one after another, in constant memory. */
export async function* readAuditLines(path: string, source: string = basename(path)): AsyncIterable<AuditLine> {
  let line = 0;
  let parts: Uint8Array[] = [];
  let held = 0;
  const keep = (part: Uint8Array): void => {
    if (held < MAX_LINE && part.length > 0) parts.push(part);
    held += part.length;
  };
  const take = (terminated: boolean): AuditLine => {
    const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    parts = [];
    held = 0;
    return { source, line: ++line, bytes, terminated };
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, from)) {
      keep(chunk.subarray(from, at));
      yield take(true);
      from = at + 1;
    }
    keep(chunk.subarray(from));
  }
  if (held > 0) yield take(false);
}

/** The last whole record of a file; `undefined` when it has none. */
export async function lastHead(path: string): Promise<AuditHead | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(TAIL, size)),
      0,
      null,
      Math.max(0, size - TAIL),
    );
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines
      .toReversed()
      .map(headOf)
      .find((head) => head !== undefined);
  } finally {
    await handle.close();
  }
}

/** Which point of a chain a line is; `undefined` when it is no record. */
export function headOf(line: string): AuditHead | undefined {
  try {
    const { writer, seq, hash } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof writer !== 'string' || typeof hash !== 'string' || !Number.isSafeInteger(seq)) return undefined;
    return { writer, seq: seq as number, hash };
  } catch {
    return undefined;
  }
}
