import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, vi } from 'vitest';
import type { News, Order } from './callers.js';
import type { Chance } from './chance.js';
import { chaosKeys } from './chaos-process.js';
import type { Seen } from './connection.js';
import type { Mix } from './mixes.js';

const CALLERS = resolve('dist-test/test/chaos/support/callers.js');

/** What a load is made of. */
export interface LoadOptions {
  readonly urls: readonly string[];
  readonly connections: number;
  readonly chance: Chance;
  /** What is called. */
  readonly mix: Mix;
}

/** Callers, and answers to them, after which what every call needs is compiled. */
const WARMING = { connections: 4, answers: 400 } as const;

/**
 * Calls a server that has just started until it is as quick as it is in use; what these calls got. To whoever comes in a
 * crowd before that it is late without any trouble.
 */
export async function warmedUp(urls: readonly string[], chance: Chance): Promise<readonly Seen[]> {
  const load = new Load({ urls, connections: WARMING.connections, chance, mix: 'same' });
  await vi.waitFor(() => expect(load.seen.length).toBeGreaterThan(WARMING.answers), { timeout: 20_000, interval: 20 });
  return await load.stop();
}

/**
 * So many callers who call one after another until they are told to stop; how each call ended comes as it ends.
 *
 * They are a process of their own: a test that counts, waits and looks at servers would find answers late by itself.
 */
export class Load {
  readonly seen: Seen[] = [];
  readonly #process: ChildProcess;
  readonly #over: Promise<void>;

  constructor({ urls, connections, chance, mix }: LoadOptions) {
    this.#process = fork(CALLERS, { execArgv: [] });
    this.#over = new Promise((done, failed) => {
      this.#process.on('message', (news: News) => {
        if (news.kind === 'over') done();
        else this.seen.push(...news.seen);
      });
      this.#process.once('error', failed);
      this.#process.once('exit', (code) => failed(new Error(`The process of the callers ended with ${code}.`)));
    });
    // Somebody hears of it who waits for the end.
    this.#over.catch(() => undefined);
    const keys = Array.from({ length: connections }, (_, lane) => chaosKeys[lane] ?? '');
    this.#order({ kind: 'begin', plan: { urls, keys, seed: chance.seed, mix } });
  }

  /** Has something else called from now on. */
  change(mix: Mix): void {
    this.#order({ kind: 'change', mix });
  }

  /** Lets every call under way end; all that there were. */
  async stop(): Promise<readonly Seen[]> {
    this.#order({ kind: 'stop' });
    await this.#over;
    return this.seen;
  }

  #order(order: Order): void {
    this.#process.send(order);
  }
}
