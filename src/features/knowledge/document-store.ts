import { basename } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Corpus } from './corpus.js';
import { readDocument } from './read-document.js';
import { scan, type FoundFile, type ScanBounds, type SkipReason } from './scan.js';
import { SearchIndex, type SearchOutcome } from './search-index.js';
import { splitIntoSections } from './split-document.js';

/** What an update did. */
export interface UpdateReport {
  readonly indexed: number;
  readonly removed: number;
  /** Everything that is not searched, by its source. */
  readonly skipped: ReadonlyMap<string, SkipReason>;
}

/** The documents of some folders and the index over them. */
export class DocumentStore {
  readonly #index = new SearchIndex();
  /** As they were when they were last read, also those that turned out to be no text. */
  readonly #known = new Map<string, FoundFile & { readonly skip?: SkipReason }>();

  constructor(
    private readonly corpora: readonly Corpus[],
    private readonly bounds: ScanBounds,
  ) {}

  get size(): SearchIndex['size'] {
    return this.#index.size;
  }

  search(query: string, limit: number): SearchOutcome {
    return this.#index.search(query, limit);
  }

  /**
   * Makes the index what the folders are: files that changed are read again, those that are gone are forgotten. One
   * update at a time; searches go on, and find each document as it was or as it is.
   *
   * @throws the signal's reason when it aborts; what was done until then stays.
   */
  async update(signal: AbortSignal): Promise<UpdateReport> {
    const { files, skipped } = await scan(this.corpora, this.bounds, signal);
    const gone = new Set(this.#known.keys());
    for (const { source } of files) gone.delete(source);
    for (const source of gone) this.#forget(source);
    const changed = files.filter((file) => !isSame(file, this.#known.get(file.source)));
    for (const file of changed) {
      signal.throwIfAborted();
      await this.#read(file);
    }
    const unread = [...this.#known.values()].flatMap(({ source, skip }) =>
      skip === undefined ? [] : [[source, skip] as const],
    );
    return { indexed: changed.length, removed: gone.size, skipped: new Map([...skipped, ...unread]) };
  }

  async #read(file: FoundFile): Promise<void> {
    const document = await readDocument(file.path, this.bounds.maxFileBytes);
    if ('skip' in document) {
      this.#forget(file.source);
      this.#known.set(file.source, { ...file, skip: document.skip });
      return;
    }
    const sections = splitIntoSections(document.text, basename(file.source));
    const timestamp = new Date(file.modifiedMs).toISOString();
    await this.#index.put({ source: file.source, timestamp, sections }, turn);
    this.#known.set(file.source, file);
  }

  #forget(source: string): void {
    this.#known.delete(source);
    this.#index.remove(source);
  }
}

function isSame(file: FoundFile, known: FoundFile | undefined): boolean {
  return known?.modifiedMs === file.modifiedMs && known.bytes === file.bytes && known.path === file.path;
}
