import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, opendir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { ToolError } from '../errors.js';
import { explained, type Folder } from './folder.js';

const CHUNK = 262_144;
/** A folder with more is not listed: its names are sorted in memory. */
const MOST_ENTRIES = 100_000;

/** What was found by a path is open until it is closed. */
abstract class Held {
  constructor(
    /** `root/folder/file.txt`: how it is named towards clients and in the audit. */
    readonly name: string,
    /** The root's name. */
    readonly root: string,
  ) {}

  abstract close(): Promise<void>;
}

/** A regular file in a root, open for reading. */
export class ReadableFile extends Held {
  constructor(
    name: string,
    root: string,
    /** For streams; reading through it moves the position that {@link read} begins at. */
    readonly handle: FileHandle,
    /** Bytes when it was opened. */
    readonly size: number,
    readonly modifiedAt: Date,
    /** A path that reaches this file while it is open, for libraries that open files themselves. */
    readonly path: string,
  ) {
    super(name, root);
  }

  /** The rest of the file; `undefined` when it is more than `maxBytes`, however much it grew since it was opened. */
  async read(maxBytes: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      signal?.throwIfAborted();
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, maxBytes + 1 - total));
      const { bytesRead } = await this.handle.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return Buffer.concat(chunks, total);
      total += bytesRead;
      if (total > maxBytes) return undefined;
      chunks.push(chunk.subarray(0, bytesRead));
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** Something in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Bytes; of files only. */
  readonly size?: number;
  readonly modifiedAt?: Date;
}

/** Some entries of a folder, in the order of their names' code units. */
export interface FolderPage {
  readonly entries: readonly FolderEntry[];
  /** All entries of the folder. */
  readonly total: number;
}

/** A folder in a root, open for listing. */
export class ListableFolder extends Held {
  constructor(
    name: string,
    root: string,
    private readonly folder: Folder,
  ) {
    super(name, root);
  }

  /** Hidden entries are left out, as no path can name them. @throws ToolError when there are more than 100,000. */
  async list(offset: number, limit: number): Promise<FolderPage> {
    const names: string[] = [];
    await this.folder.confirm();
    for await (const { name } of await opendir(this.folder.path, { bufferSize: 256 })) {
      if (name.startsWith('.')) continue;
      if (names.length >= MOST_ENTRIES) throw new ToolError(`This folder has more than ${MOST_ENTRIES} entries.`);
      names.push(name);
    }
    const page = names.toSorted(byCodeUnits).slice(offset, offset + limit);
    const entries: FolderEntry[] = [];
    for (const name of page) entries.push(await this.#entry(name));
    return { entries, total: names.length };
  }

  async #entry(name: string): Promise<FolderEntry> {
    const status = await this.folder.status(name);
    if (status === undefined) return { name, type: 'other' };
    const modifiedAt = status.mtime;
    if (status.isFile()) return { name, type: 'file', size: status.size, modifiedAt };
    if (status.isDirectory()) return { name, type: 'folder', modifiedAt };
    return { name, type: status.isSymbolicLink() ? 'link' : 'other', modifiedAt };
  }

  async close(): Promise<void> {
    await this.folder.close();
  }
}

/** A place in a root for a file that is to be written or deleted. */
export class FilePlace extends Held {
  constructor(
    name: string,
    root: string,
    private readonly folder: Folder,
    private readonly last: string,
    /** Whether a regular file was there when the path was resolved. */
    readonly exists: boolean,
  ) {
    super(name, root);
  }

  /**
   * Puts a file here with mode 0600, in the place of the one that may be there: whoever reads gets the old content or
   * the new, and after a crash too.
   */
  async write(content: Uint8Array): Promise<void> {
    const temporary = this.folder.at(`.rookery-${randomUUID()}.tmp`);
    await this.folder.confirm();
    try {
      await writeNew(temporary, content);
      await this.folder.confirm();
      await rename(temporary, this.folder.at(this.last));
    } catch (thrown) {
      // Gone already when it could not be made; what else hinders matters less than why we are here.
      await unlink(temporary).catch(() => undefined);
      throw explained(thrown);
    }
    await this.folder.sync();
  }

  /** @throws ToolError when nothing is there any more. */
  async delete(): Promise<void> {
    await this.folder.confirm();
    await unlink(this.folder.at(this.last)).catch((thrown: unknown) => {
      throw explained(thrown);
    });
    await this.folder.sync();
  }

  async close(): Promise<void> {
    await this.folder.close();
  }
}

const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;

async function writeNew(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : 1;
}
