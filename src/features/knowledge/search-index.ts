import MiniSearch from 'minisearch';
import { queryTerms } from './query-terms.js';
import type { Section } from './section.js';
import { isUnspaced, tokenize } from './terms.js';

/** A document of the index. */
export interface IndexedDocument {
  /** Unique; what a hit is quoted by. */
  readonly source: string;
  /** When it was last changed. */
  readonly timestamp: string;
  readonly sections: readonly Section[];
}

/** A section that matches. */
export interface Hit extends Section {
  readonly source: string;
  readonly timestamp: string;
  /** 1 for the best hit of its search, then less. */
  readonly relevance: number;
  /** The terms of the section that matched. */
  readonly terms: ReadonlySet<string>;
}

/** The best hits of a search, and how many there were. */
export interface SearchOutcome {
  readonly total: number;
  readonly hits: readonly Hit[];
}

type Entry = Omit<Hit, 'relevance' | 'terms'>;

/** Indexing lets go of the event loop after this long, so that searches go on. */
const SLICE_MS = 8;

/** Full-text search over sections, in memory. A document is replaced whole: no search sees half of it, or both. */
export class SearchIndex {
  readonly #index = new MiniSearch<{ readonly id: number; readonly title: string; readonly text: string }>({
    fields: ['title', 'text'],
    tokenize,
    processTerm: (term) => term,
    // Discarded sections are expected here; the default would write a warning to the console.
    logger: () => undefined,
    searchOptions: {
      boost: { title: 3 },
      prefix: (term) => term.length > 2 || isUnspaced(term),
      fuzzy: typosIn,
    },
  });
  /** What may be found: an entry stands here only once its whole document is in. */
  readonly #entries = new Map<number, Entry>();
  readonly #documents = new Map<string, readonly number[]>();
  #nextId = 0;

  /** How many documents and sections can be found. */
  get size(): { readonly documents: number; readonly sections: number } {
    return { documents: this.#documents.size, sections: this.#entries.size };
  }

  /**
   * Adds a document, or replaces the one of its source.
   *
   * @param pause - waits until others have had their turn.
   */
  async put({ source, timestamp, sections }: IndexedDocument, pause: () => Promise<void>): Promise<void> {
    const added = new Map<number, Entry>();
    let sliceEnd = performance.now() + SLICE_MS;
    for (const { title, text } of sections) {
      const id = this.#nextId++;
      this.#index.add({ id, title, text });
      added.set(id, { source, timestamp, title, text });
      if (performance.now() < sliceEnd) continue;
      await pause();
      sliceEnd = performance.now() + SLICE_MS;
    }
    this.remove(source);
    for (const [id, entry] of added) this.#entries.set(id, entry);
    this.#documents.set(source, [...added.keys()]);
  }

  /** Whether there was one. */
  remove(source: string): boolean {
    for (const id of this.#documents.get(source) ?? []) {
      this.#index.discard(id);
      this.#entries.delete(id);
    }
    return this.#documents.delete(source);
  }

  /** Sections with any of the query's words, also misspelt or begun, best first. */
  search(query: string, limit: number): SearchOutcome {
    const found = this.#index.search(query, {
      tokenize: () => [...queryTerms(query)],
      filter: ({ id }) => this.#entries.has(id as number),
    });
    const best = found[0]?.score ?? 1;
    const hits = found.slice(0, limit).map(({ id, score, terms }): Hit => {
      const entry = this.#entries.get(id as number)!;
      return { ...entry, relevance: Math.round((score / best) * 1e4) / 1e4, terms: new Set(terms) };
    });
    return { total: found.length, hits };
  }
}

/** How many letters may be wrong: none in short words and in numbers, where another word is another thing. */
function typosIn(term: string): number | false {
  if (term.length < 5 || /\p{N}/u.test(term) || isUnspaced(term)) return false;
  return term.length < 9 ? 1 : 2;
}
