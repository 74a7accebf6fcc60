import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Corpus } from './corpus.js';
import type { KnowledgeOptions } from './knowledge.options.js';

/** A file to index. */
export interface FoundFile {
  /** What it is quoted by: the name of its corpus and its path in there, with `/`. */
  readonly source: string;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Why something in a folder is not indexed. Files with other endings are no documents, so they are not counted. */
export type SkipReason =
  | 'hidden'
  | 'node_modules'
  | 'outside'
  | 'linked_folder'
  | 'unreadable'
  | 'too_large'
  | 'too_many'
  | 'too_much'
  | 'not_text';

/** What was found in all folders, and what was left out. */
export interface Scan {
  readonly files: readonly FoundFile[];
  /** Source → why it was skipped. */
  readonly skipped: ReadonlyMap<string, SkipReason>;
}

/** What bounds a scan. */
export type ScanBounds = Pick<KnowledgeOptions, 'extensions' | 'maxFileBytes' | 'maxFiles' | 'maxTotalBytes'>;

/** For a folder that is far more than documents: the walk ends after so many entries. */
const MAX_ENTRIES = 200_000;

/** Lists the documents of folders, in a stable order. @throws the signal's reason when it aborts. */
export async function scan(corpora: readonly Corpus[], bounds: ScanBounds, signal: AbortSignal): Promise<Scan> {
  const walk = new Walk(bounds, signal);
  for (const corpus of corpora) await walk.folder(corpus, corpus.root, corpus.name);
  return walk;
}

class Walk implements Scan {
  readonly files: FoundFile[] = [];
  readonly skipped = new Map<string, SkipReason>();
  readonly #extensions: ReadonlySet<string>;
  #entries = 0;
  #bytes = 0;

  constructor(
    private readonly bounds: ScanBounds,
    private readonly signal: AbortSignal,
  ) {
    this.#extensions = new Set(bounds.extensions.map((extension) => extension.toLowerCase()));
  }

  async folder(corpus: Corpus, path: string, source: string): Promise<void> {
    this.signal.throwIfAborted();
    const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) return this.#skip(source, 'unreadable');
    for (const entry of entries.toSorted(byName)) {
      if (++this.#entries > MAX_ENTRIES) return this.#skip(source, 'too_many');
      await this.#entry(corpus, entry, join(path, entry.name), `${source}/${entry.name}`);
    }
  }

  async #entry(corpus: Corpus, entry: Dirent, path: string, source: string): Promise<void> {
    if (entry.name.startsWith('.')) return this.#skip(source, 'hidden');
    if (entry.name === 'node_modules') return this.#skip(source, 'node_modules');
    if (entry.isDirectory()) return this.folder(corpus, path, source);
    const isDocument = this.#extensions.has(extname(entry.name).toLowerCase());
    if (entry.isFile() && isDocument) await this.#file(path, source);
    else if (entry.isSymbolicLink()) await this.#link(corpus, path, source, isDocument);
  }

  /** A linked folder inside is walked where it stands; following the link too would find everything twice, or for ever. */
  async #link(corpus: Corpus, path: string, source: string, isDocument: boolean): Promise<void> {
    const target = await realpath(path).catch(() => undefined);
    if (target === undefined) return this.#skip(source, 'unreadable');
    if (!target.startsWith(corpus.root + sep)) return this.#skip(source, 'outside');
    const status = await stat(target).catch(() => undefined);
    if (status?.isDirectory() === true) return this.#skip(source, 'linked_folder');
    if (status?.isFile() === true && isDocument) await this.#file(target, source);
  }

  async #file(path: string, source: string): Promise<void> {
    const status = await stat(path).catch(() => undefined);
    if (status === undefined) return this.#skip(source, 'unreadable');
    if (status.size > this.bounds.maxFileBytes) return this.#skip(source, 'too_large');
    if (this.files.length >= this.bounds.maxFiles) return this.#skip(source, 'too_many');
    if (this.#bytes + status.size > this.bounds.maxTotalBytes) return this.#skip(source, 'too_much');
    this.#bytes += status.size;
    this.files.push({ source, path, bytes: status.size, modifiedMs: status.mtimeMs });
  }

  #skip(source: string, reason: SkipReason): void {
    this.skipped.set(source, reason);
  }
}

/** By code units, so that the order does not depend on the machine's language. */
function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : 1;
}
