import { afterAll, beforeAll } from 'vitest';
import { connectReference } from './connect-reference.js';
import { HOSTS, SDK_HOSTS, startHost, type Host, type HostName } from './hosts.js';
import type { ReferenceClient, Revision } from './reference-client.js';

/** A host and the client that reaches it. */
export interface Pair {
  readonly host: HostName;
  readonly revision: Revision;
}

const REVISIONS: readonly Revision[] = ['2026-07-28', '2025-11-25'];

/** Every reference client on every host. */
export const PAIRS: readonly Pair[] = [
  ...HOSTS.flatMap((host) => REVISIONS.map((revision) => ({ host, revision }))),
  ...SDK_HOSTS.map((host) => ({ host, revision: '2025-11-25' as const })),
];

/** The pairs of one era. */
export const MODERN_PAIRS: readonly Pair[] = PAIRS.filter(({ revision }) => revision === '2026-07-28');
/** See {@link MODERN_PAIRS}. */
export const LEGACY_PAIRS: readonly Pair[] = PAIRS.filter(({ revision }) => revision === '2025-11-25');

/** The client of a group of tests: connected before them, closed with its server after them. */
export class Connected {
  #host: Host | undefined;
  #client: ReferenceClient | undefined;

  constructor(private readonly pair: Pair) {
    beforeAll(async () => {
      this.#host = await startHost(pair.host);
      this.#client = await this.another();
    });
    afterAll(async () => {
      await this.#client?.close();
      await this.#host?.close();
    });
  }

  get client(): ReferenceClient {
    if (this.#client === undefined) throw new Error('The client is connected in beforeAll.');
    return this.#client;
  }

  /** A second client of the same server; over stdio it has a server of its own. Whoever asks closes it. */
  another(): Promise<ReferenceClient> {
    if (this.#host === undefined) throw new Error('The host is started in beforeAll.');
    return connectReference(this.pair.revision, this.#host.endpoint);
  }
}
