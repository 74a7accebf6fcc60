import { mkdir, open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { AuditFiles, auditPathOnHost, lastHead, readAuditLines, type AuditFile } from './audit-files.js';
import { AuditSink, type AuditLine, type RemovableRecords } from './audit-sink.js';
import type { AuditHead, SealedRecord } from './hash-chain.js';

/** As many trails found are named by a new one. */
const MAX_HEADS = 64;

/** Where a {@link FileAuditSink} writes; the keys of its entry in `audit.sinks`. */
export interface FileAuditSinkOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/**
 * Appends records to files, mode 0600. A writer's id is part of the names of its files and each is created
 * exclusively, so no two processes ever write into one.
 *
 * What a failed append left is cut off before the next, so the records can be given again.
 */
export class FileAuditSink extends AuditSink {
  override readonly name = 'file';
  /** Host and path: what another host has under the same path is another trail. */
  override readonly where: string;
  readonly #files: AuditFiles;
  #writer = '';
  #next = 0;
  #current: { readonly file: AuditFile; readonly handle: FileHandle } | undefined;
  /** How much of the current file is known to be whole records. */
  #size = 0;
  #dirty = false;

  constructor(private readonly options: FileAuditSinkOptions) {
    super();
    this.where = auditPathOnHost(options.path);
    this.#files = new AuditFiles(options.path);
  }

  override async open(writer: string): Promise<readonly AuditHead[]> {
    this.#writer = writer;
    await mkdir(this.#files.folder, { recursive: true, mode: 0o700 });
    const newest = new Map((await this.#files.list()).map((file) => [file.writer, file]));
    const heads = await Promise.all([...newest.values()].slice(-MAX_HEADS).map(({ path }) => lastHead(path)));
    await this.#begin();
    return heads.filter((head) => head !== undefined);
  }

  override async append(records: readonly SealedRecord[], durable: boolean): Promise<void> {
    const bytes = Buffer.from(records.map(({ line }) => `${line}\n`).join(''));
    const { handle } = await this.#ready(bytes.length);
    try {
      this.#dirty = true;
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, this.#size + written);
        written += bytesWritten;
      }
      if (durable) await handle.datasync();
      this.#dirty = false;
    } catch (error) {
      await this.#cutOff().catch(() => undefined);
      throw error;
    }
    this.#size += bytes.length;
  }

  override async removable(before: number | undefined): Promise<readonly RemovableRecords[]> {
    const files = (await this.#files.list()).filter(({ path }) => path !== this.#current?.file.path);
    const surplus = files.length + 1 - this.options.maxFiles;
    const found: RemovableRecords[] = [];
    for (const [index, { path, name, writer }] of files.entries()) {
      const old = before !== undefined && ((await modifiedAt(path)) ?? Infinity) < before;
      if (index >= surplus && !old) continue;
      const head = await lastHead(path).catch(() => undefined);
      found.push({ writer, seq: head?.seq ?? -1, hash: head?.hash ?? '', where: name });
    }
    return found;
  }

  override async remove(records: readonly RemovableRecords[]): Promise<void> {
    const names = new Set(records.map(({ where }) => where));
    for (const { name, path } of await this.#files.list()) {
      if (names.has(name)) await unlink(path).catch(ignoreMissing);
    }
  }

  override async *read(): AsyncIterable<AuditLine> {
    for (const { path } of await this.#files.list()) yield* readAuditLines(path);
  }

  override async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.handle.close();
  }

  /** The file to write so many bytes to: the current one, unless it is full, removed, or cannot be repaired. */
  async #ready(bytes: number): Promise<{ readonly handle: FileHandle }> {
    if (this.#current === undefined) return this.#begin();
    if (this.#dirty) await this.#cutOff();
    const full = this.#size > 0 && this.#size + bytes > this.options.maxBytes;
    // Whoever removed the file would take with it what is written from now on.
    const removed = !full && (await this.#current.handle.stat()).nlink === 0;
    if (!full && !removed) return this.#current;
    if (full) await this.#current.handle.datasync();
    const { handle } = this.#current;
    const begun = await this.#begin();
    await handle.close();
    return begun;
  }

  async #begin(): Promise<{ readonly file: AuditFile; readonly handle: FileHandle }> {
    const file = this.#files.file(this.#writer, this.#next);
    const handle = await open(file.path, 'wx', 0o600);
    this.#next++;
    try {
      await syncFolder(this.#files.folder);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#size = 0;
    this.#dirty = false;
    return (this.#current = { file, handle });
  }

  async #cutOff(): Promise<void> {
    await this.#current?.handle.truncate(this.#size);
    this.#dirty = false;
  }
}

/** A file is there after a power loss when its folder's entry is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function modifiedAt(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(ignoreMissing);
  return found?.mtimeMs;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
