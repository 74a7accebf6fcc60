import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FileAuditSink, verifyAuditFiles, type AuditEntry } from '../../../src/audit/index.js';
import { send } from '../../e2e/support/raw-http.js';
import { ServerProcess, type Ending } from '../../e2e/support/server-process.js';

const SERVER = resolve('dist-test/test/chaos/support/chaos-server.js');
const KEYS = 400;

/** What a process says of itself. */
export interface ProcessState {
  readonly metrics: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly count?: number | undefined;
  }[];
  /** The longest that its event loop ever stood still. */
  readonly standstillMs: number;
}

/** What a process holds once all garbage has been collected. */
export interface HeldMemory {
  readonly heldBytes: number;
}

/** What a chaos server is started with, besides what all have. */
export interface ChaosOptions {
  readonly redisUrl: string;
  /** Sections over the usual ones. */
  readonly sections?: Readonly<Record<string, object>>;
  /** Of its heap. */
  readonly maxHeapMiB?: number;
}

/** The keys that every chaos server knows, each of another principal. */
export const chaosKeys: readonly string[] = Array.from({ length: KEYS }, (_, index) => `chaos-key-number-${index}`);

/**
 * The application in a process of its own, with everything on: keys, permissions, limits and cache in Redis, breakers,
 * concurrency, deadlines, audit to files.
 */
export class ChaosServer {
  readonly #folder: string;
  readonly #process: ServerProcess;
  #url = '';

  private constructor({ redisUrl, sections = {}, maxHeapMiB = 256 }: ChaosOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), 'rookery-chaos-'));
    const file = join(this.#folder, 'chaos.yaml');
    writeFileSync(file, JSON.stringify(configuration(redisUrl, this.#auditPath, sections)));
    this.#process = new ServerProcess(['--expose-gc', `--max-old-space-size=${maxHeapMiB}`, SERVER], {
      cwd: this.#folder,
      env: { ROOKERY_CONFIG: file },
    });
  }

  /** Resolves when it listens. */
  static async start(options: ChaosOptions): Promise<ChaosServer> {
    const server = new ChaosServer(options);
    try {
      const [, url] = await server.#process.shows('stdout', /^listening on (.+)$/m);
      server.#url = url ?? '';
      return server;
    } catch (error) {
      const told = server.#process.stderr;
      await server.remove();
      throw new Error(`The chaos server does not start: ${told}`, { cause: error });
    }
  }

  /** Of the endpoint. */
  get url(): string {
    return this.#url;
  }

  /** What it logged. */
  get log(): string {
    return this.#process.stderr;
  }

  /** MiB that it holds once all garbage has been collected. */
  async heldMiB(): Promise<number> {
    const { heldBytes } = await this.#get<HeldMemory>('/state/held');
    return heldBytes / 1_048_576;
  }

  /** The longest that its event loop ever stood still. */
  async standstillMs(): Promise<number> {
    const { standstillMs } = await this.#get<ProcessState>('/state');
    return standstillMs;
  }

  /** The sum of a metric over all series that have these labels; 0 before the first. */
  async counted(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const { metrics } = await this.#get<ProcessState>('/state');
    return metrics
      .filter(
        ({ name, labels: own }) =>
          name === metric && Object.entries(labels).every(([key, value]) => own[key] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Asks it to stop, and does not wait. */
  terminate(): void {
    this.#process.signal('SIGTERM');
  }

  ended(): Promise<Ending> {
    return this.#process.ended();
  }

  /** The records of calls of tools, once it has ended; fails when the chain does not verify. */
  async auditedCalls(): Promise<readonly AuditEntry[]> {
    const { problems } = await verifyAuditFiles(this.#auditPath);
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new Error(`The audit trail does not verify: ${JSON.stringify(errors)}`);
    const calls: AuditEntry[] = [];
    for await (const { bytes } of new FileAuditSink({ path: this.#auditPath, maxBytes: 1, maxFiles: 2 }).read()) {
      const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as AuditEntry;
      if (entry.event === 'call' && entry.kind === 'tool') calls.push(entry);
    }
    return calls;
  }

  /** Ends it, if it has not ended, and removes what it wrote. */
  async remove(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #get<T>(path: string): Promise<T> {
    const { text } = await send(new URL(path, this.#url).href, { method: 'GET' });
    return JSON.parse(text) as T;
  }

  get #auditPath(): string {
    return join(this.#folder, 'audit.jsonl');
  }
}

function configuration(redisUrl: string, auditPath: string, sections: Readonly<Record<string, object>>): object {
  const usual: Readonly<Record<string, object>> = {
    server: { port: 0, shutdownGraceMs: 3_000 },
    auth: {
      apiKeys: Object.fromEntries(chaosKeys.map((secret, index) => [`caller-${index}`, { secret, roles: ['caller'] }])),
      // Short, so that the door is under test as well: it asks Redis for the wrong attempts of an address.
      principalCache: { ttlMs: 500 },
    },
    permissions: { roles: { caller: ['chaos:call'] } },
    audit: { sinks: [{ type: 'file', path: auditPath }] },
    rateLimit: { globalRequestsPerMinute: 1_000_000, storeTimeoutMs: 400 },
    redis: { url: redisUrl, commandTimeoutMs: 500, connectTimeoutMs: 500 },
    cache: { backend: 'redis', timeoutMs: 250 },
    limits: { maxConcurrency: 200, maxWaitMs: 300 },
    knowledge: { enabled: false },
    analytics: { enabled: false },
    monitoring: { logging: { level: 'warn' } },
  };
  const all = { ...usual };
  for (const [name, section] of Object.entries(sections)) all[name] = { ...usual[name], ...section };
  return all;
}
