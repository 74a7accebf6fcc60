/** What a server is called and says of itself. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly websiteUrl?: string | undefined;
}

/** Says whether an address can only be reached from this machine. */
export function isLoopback(address: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(?:\.\d{1,3}){3})$/i.test(address);
}

/** What a running server knows about itself; filled by those who know, read by health, `/` and `RookeryServer`. */
export class ServerStatus {
  readonly startedAt: Date = new Date();
  readonly #startedAtMs: number = performance.now();
  readonly #listening = new Map<string, string>();
  #draining = false;
  #ready = false;
  #connections = 0;

  constructor(readonly identity: ServerIdentity) {}

  /** Seconds since the server was made. */
  get uptimeSeconds(): number {
    return (performance.now() - this.#startedAtMs) / 1000;
  }

  /** Clients being served right now: open HTTP exchanges, stdio and in-memory connections. */
  get connections(): number {
    return this.#connections;
  }

  /** Counts a connection; the returned function counts it out, once. */
  connected(): () => void {
    let open = true;
    this.#connections++;
    return () => {
      if (open) this.#connections--;
      open = false;
    };
  }

  /** Whether everything is discovered and prepared, and nothing is being shut down. */
  get ready(): boolean {
    return this.#ready && !this.#draining;
  }

  markReady(): void {
    this.#ready = true;
  }

  /** Whether the server is finishing what it has and takes nothing new. */
  get draining(): boolean {
    return this.#draining;
  }

  markDraining(): void {
    this.#draining = true;
  }

  /** Transport name → where it listens. */
  get listening(): ReadonlyMap<string, string> {
    return this.#listening;
  }

  listens(transport: string, where: string): void {
    this.#listening.set(transport, where);
  }
}
