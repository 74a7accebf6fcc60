/** What a check knows besides whether all is well; for those who may see details, so nothing secret. */
export type HealthDetails = Readonly<Record<string, unknown>>;

/** One thing that may be well or not. */
export interface HealthProbe {
  /** Unique in a server: `store`, `redis`, `disk`. */
  readonly name: string;
  /** Whether the server should get no traffic while this is down; otherwise it is only degraded. @default false */
  readonly critical?: boolean | undefined;
  /** Milliseconds after which it counts as down. @default what monitoring is configured with */
  readonly timeoutMs?: number | undefined;
  /**
   * Resolves when all is well, with details where there are any.
   *
   * @param signal - aborts when the time is up: whoever waits for something passes it on
   * @throws HealthDegradedError when it works, but not as it should; any other error when it is down. The message is
   *   shown to those who may see details
   */
  check(signal: AbortSignal): Promise<HealthDetails | void> | HealthDetails | void;
}

/** Thrown by a check: it works, but not as it should. */
export class HealthDegradedError extends Error {
  override readonly name = 'HealthDegradedError';

  constructor(
    message: string,
    readonly details: HealthDetails = {},
  ) {
    super(message);
  }
}

/** What is to be looked at when somebody asks how the server is: filled by those who know, asked by monitoring. */
export class HealthIndicators {
  readonly #probes = new Map<string, HealthProbe>();

  /**
   * Adds a check; the returned function removes it.
   *
   * @throws Error when there is one of that name
   */
  add(probe: HealthProbe): () => void {
    const { name } = probe;
    if (this.#probes.has(name)) {
      throw new Error(`There are two health checks named "${name}": give one of them another name.`);
    }
    this.#probes.set(name, probe);
    return () => {
      if (this.#probes.get(name) === probe) this.#probes.delete(name);
    };
  }

  /** Every check, in the order in which they came. */
  all(): readonly HealthProbe[] {
    return [...this.#probes.values()];
  }
}
