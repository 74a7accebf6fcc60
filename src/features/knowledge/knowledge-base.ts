import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ToolError } from '../../index.js';
import { findCorpora } from './corpus.js';
import { DocumentStore } from './document-store.js';
import { FolderWatcher } from './folder-watcher.js';
import type { KnowledgeOptions } from './knowledge.options.js';
import type { SkipReason } from './scan.js';
import type { SearchOutcome } from './search-index.js';

/** After this long with no search, the index is built anyway: late enough not to slow the start down. */
const BUILD_DELAY_MS = 250;
/** Skipped files named in the log at once; the rest is counted. */
const MAX_NAMED = 20;

const REASONS: Readonly<Record<SkipReason, string>> = {
  hidden: 'hidden',
  node_modules: 'installed packages',
  outside: 'a link that leads out of the folder',
  linked_folder: 'a link to a folder that is searched where it stands',
  unreadable: 'it cannot be read',
  too_large: 'larger than knowledge.maxFileBytes',
  too_many: 'beyond knowledge.maxFiles',
  too_much: 'beyond knowledge.maxTotalBytes',
  not_text: 'it is not text',
};
/** Nobody expects these to be searched, so they are counted only. */
const EXPECTED: ReadonlySet<SkipReason> = new Set(['hidden', 'node_modules', 'linked_folder']);

/** The configured folders, searchable: indexed after the start or at the first search, and again when files change. */
export class KnowledgeBase implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('Knowledge');
  readonly #stop = new AbortController();
  readonly #named = new Set<string>();
  #store: DocumentStore | undefined;
  #watcher: FolderWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #built: Promise<void> | undefined;
  #update: Promise<void> | undefined;
  #outdated = false;
  #searchable = false;
  #watching = true;

  constructor(private readonly options: KnowledgeOptions) {}

  /** @throws Error naming every configured folder that is not there. */
  async onModuleInit(): Promise<void> {
    const corpora = await findCorpora(this.options.folders);
    this.#store = new DocumentStore(corpora, this.options);
    if (!this.options.watch) return;
    this.#watcher = new FolderWatcher({
      folders: corpora.map(({ root }) => root),
      delayMs: this.options.watchDelayMs,
      onChange: () => void this.#refresh(),
      onError: (error) => this.#cannotWatch(error),
    });
  }

  onApplicationBootstrap(): void {
    this.#timer = setTimeout(() => void this.#build(), BUILD_DELAY_MS).unref();
  }

  /**
   * The best hits, once the index has been built. Later changes are found when they are in; nothing waits for them.
   *
   * @throws ToolError when there is no index: that is not the same as no hits.
   */
  async search(query: string, limit: number): Promise<SearchOutcome> {
    await this.#build();
    if (!this.#searchable) {
      throw new ToolError(
        'The knowledge base is not available: its documents could not be indexed. The log of the server says why.',
      );
    }
    return this.#documents.search(query, limit);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#watcher?.close();
    await this.#update;
  }

  get #documents(): DocumentStore {
    if (this.#store === undefined)
      throw new Error('The knowledge base is searched before the application was initialised.');
    return this.#store;
  }

  #build(): Promise<void> {
    clearTimeout(this.#timer);
    return (this.#built ??= this.#refresh().finally(() => void this.#watch()));
  }

  /** Owned by the watcher, which is closed with this. */
  async #watch(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await this.#watcher?.start().catch((error: unknown) => this.#cannotWatch(error));
  }

  /** Said once: a system that runs out of watches says so for every file. */
  #cannotWatch(error: unknown): void {
    if (!this.#watching) return;
    this.#watching = false;
    this.#logger.warn({ msg: 'changes of documents may go unnoticed until the next start', err: error });
  }

  /** One update at a time: what changes meanwhile is found by one more at the end. Never rejects. */
  #refresh(): Promise<void> {
    this.#outdated = true;
    return (this.#update ??= this.#updateUntilDone().finally(() => (this.#update = undefined)));
  }

  async #updateUntilDone(): Promise<void> {
    while (this.#outdated && !this.#stop.signal.aborted) {
      this.#outdated = false;
      const start = performance.now();
      try {
        const { indexed, removed, skipped } = await this.#documents.update(this.#stop.signal);
        this.#searchable = true;
        this.#report(skipped);
        if (indexed + removed === 0) continue;
        const ms = Math.round(performance.now() - start);
        this.#logger.log({
          msg: 'documents indexed',
          indexed,
          removed,
          ...this.#documents.size,
          skipped: skipped.size,
          ms,
        });
      } catch (error) {
        if (!this.#stop.signal.aborted) this.#logger.error({ msg: 'the documents could not be indexed', err: error });
      }
    }
  }

  /** Names what is skipped against expectation, each once. */
  #report(skipped: ReadonlyMap<string, SkipReason>): void {
    const news = [...skipped].filter(([source, reason]) => !EXPECTED.has(reason) && !this.#named.has(source));
    for (const [source] of news) this.#named.add(source);
    for (const [source, reason] of news.slice(0, MAX_NAMED)) {
      this.#logger.warn({ msg: `a document is not searched: ${REASONS[reason]}`, source });
    }
    const more = news.length - MAX_NAMED;
    if (more > 0) this.#logger.warn({ msg: 'more documents are not searched', count: more });
  }
}
