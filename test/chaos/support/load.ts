import type { Chance } from './chance.js';
import { Connection, type Seen, type ToolUse } from './connection.js';
import { chaosKeys } from './chaos-process.js';

/** What a load is made of. */
export interface LoadOptions {
  readonly urls: readonly string[];
  readonly connections: number;
  readonly chance: Chance;
  /** What is called next. */
  readonly pick: (chance: Chance) => ToolUse;
}

/** So many callers who call one after another until they are told to stop, and remember how each call ended. */
export class Load {
  readonly seen: Seen[] = [];
  readonly #lanes: readonly Promise<void>[];
  readonly #connections: readonly Connection[];
  #stopping = false;

  constructor({ urls, connections, chance, pick }: LoadOptions) {
    this.#connections = Array.from(
      { length: connections },
      (_, lane) => new Connection(urls[lane % urls.length] ?? '', chaosKeys[lane] ?? ''),
    );
    this.#lanes = this.#connections.map(async (connection) => {
      while (!this.#stopping) {
        const seen = await connection.call(pick(chance));
        this.seen.push(seen);
        // Whoever is sent away does not come back.
        if (seen.code === 'draining' || seen.code === 'lost') return;
      }
    });
  }

  /** Lets every call under way end; all that there were. */
  async stop(): Promise<readonly Seen[]> {
    this.#stopping = true;
    await Promise.all(this.#lanes);
    for (const connection of this.#connections) connection.close();
    return this.seen;
  }
}
