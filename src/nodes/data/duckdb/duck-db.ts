import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CancelledError, RookeryError } from '../../../core/index.js';
import { DataSettings } from '../data.options.js';
import type { DuckDbApi } from './json-values.js';
import { Slots } from './slots.js';

/** What a run works with: a connection of its own, open as long as the run. */
export interface DuckDbRun {
  readonly api: DuckDbApi;
  readonly connection: DuckDBConnection;
  /** @throws what ended the run: its caller went away, or its time is over. To be asked between statements. */
  check(): void;
}

/** How often a statement is interrupted that began in the moment of the abort. */
const AGAIN_MS = 20;

/** No statement loads code, reads secrets or writes to the log from here on. */
const LOCK = [
  'SET autoinstall_known_extensions=false',
  'SET autoload_known_extensions=false',
  'SET allow_community_extensions=false',
  'SET enable_external_access=false',
  'SET lock_configuration=true',
];

/**
 * DuckDB for nodes, in this process.
 *
 * `run` uses one database for all, for statements that we write: it reads files of the folders of `nodes.roots` and
 * nothing else. `sealed` makes a database for statements of callers, with tables and without any file, and with limits
 * of its own. Neither can load extensions or change its configuration. What waits, runs and takes time is bounded.
 */
@Injectable()
export class DuckDb implements OnApplicationShutdown {
  readonly #slots: Slots;
  #opening: Promise<DuckDBInstance> | undefined;
  #temporary: string | undefined;
  #closed = false;

  constructor(private readonly settings: DataSettings) {
    const { concurrency, maxWaiting } = settings.options.duckdb;
    this.#slots = new Slots(concurrency, maxWaiting);
  }

  /** @throws RookeryError `timeout`, `overloaded`; the reason of the signal; whatever DuckDB or `work` throws */
  async run<T>(signal: AbortSignal, work: (run: DuckDbRun) => Promise<T>): Promise<T> {
    const done = await this.#slots.take(signal);
    try {
      const api = await import('@duckdb/node-api');
      const instance = await this.#instance(api);
      return await this.#connected(api, instance, signal, this.settings.options.duckdb.timeoutSeconds, work);
    } finally {
      done();
    }
  }

  /**
   * Runs statements of a caller in a database of their own: `fill` puts tables into it while files can be read, then it is
   * locked.
   */
  async sealed<T>(
    signal: AbortSignal,
    timeoutSeconds: number,
    fill: (run: DuckDbRun) => Promise<void>,
    work: (run: DuckDbRun) => Promise<T>,
  ): Promise<T> {
    const done = await this.#slots.take(signal);
    let filled: DuckDBInstance | undefined;
    try {
      const api = await import('@duckdb/node-api');
      const { threads, queryMemoryMb } = this.settings.options.duckdb;
      filled = await api.DuckDBInstance.create(':memory:', {
        threads: String(threads),
        memory_limit: `${queryMemoryMb}MiB`,
        temp_directory: '',
        // Queries may read the settings: nothing of this host stands in them.
        secret_directory: '/',
        home_directory: '/',
      });
      return await this.#connected(api, filled, signal, timeoutSeconds, async (run) => {
        await fill(run);
        for (const statement of LOCK) await run.connection.run(statement);
        return await work(run);
      });
    } finally {
      filled?.closeSync();
      done();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    const instance = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    instance?.closeSync();
    if (this.#temporary !== undefined) await rm(this.#temporary, { recursive: true, force: true });
  }

  async #instance(api: DuckDbApi): Promise<DuckDBInstance> {
    if (this.#closed) throw new Error('DuckDB is closed: the server has shut down.');
    if (this.#opening === undefined) {
      this.#opening = this.#open(api);
      this.#opening.catch(() => (this.#opening = undefined));
    }
    return await this.#opening;
  }

  async #open(api: DuckDbApi): Promise<DuckDBInstance> {
    const { threads, memoryMb, temporaryMb } = this.settings.options.duckdb;
    const folders = await Promise.all(this.settings.folders.map((folder) => realpath(folder)));
    this.#temporary ??= await mkdtemp(join(tmpdir(), 'rookery-duckdb-'));
    const instance = await api.DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryMb}MiB`,
      temp_directory: this.#temporary,
      max_temp_directory_size: `${temporaryMb}MiB`,
      // Sums and medians need no order, and keeping one costs memory.
      preserve_insertion_order: 'false',
    });
    const connection = await instance.connect();
    try {
      await connection.run(`SET allowed_directories=[${folders.map(literal).join(', ')}]`);
      for (const statement of LOCK) await connection.run(statement);
      return instance;
    } catch (error) {
      instance.closeSync();
      throw error;
    } finally {
      connection.closeSync();
    }
  }

  /** One run: interrupted when its caller goes away or its time is over, its connection closed in the end. */
  async #connected<T>(
    api: DuckDbApi,
    instance: DuckDBInstance,
    signal: AbortSignal,
    timeoutSeconds: number,
    work: (run: DuckDbRun) => Promise<T>,
  ): Promise<T> {
    const connection = await instance.connect();
    let ended: unknown;
    let again: NodeJS.Timeout | undefined;
    const end = (reason: unknown): void => {
      ended ??= reason;
      connection.interrupt();
      again ??= setInterval(() => connection.interrupt(), AGAIN_MS).unref();
    };
    const leave = (): void => end(signal.reason instanceof Error ? signal.reason : new CancelledError());
    const timer = setTimeout(() => end(tookTooLong(timeoutSeconds)), timeoutSeconds * 1_000);
    signal.addEventListener('abort', leave, { once: true });
    const check = (): void => {
      if (signal.aborted) leave();
      if (ended !== undefined) throw ended as Error;
    };
    try {
      check();
      return await work({ api, connection, check });
    } catch (error) {
      check();
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(again);
      signal.removeEventListener('abort', leave);
      connection.closeSync();
    }
  }
}

function tookTooLong(seconds: number): RookeryError {
  return new RookeryError(
    'timeout',
    `The computation took longer than ${seconds} s; give it less data, or ask for less.`,
  );
}

/** A text as SQL has it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as SQL has it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
