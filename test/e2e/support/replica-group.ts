import type { ReplicaOptions } from './replica-server.js';
import { RoundRobin } from './replica-proxy.js';
import { ServerProcess } from './server-process.js';

const SERVER = 'dist-test/test/e2e/support/replica-server.js';

/** One process of the server. */
export interface Replica {
  readonly label: string;
  readonly url: string;
  readonly process: ServerProcess;
}

/** Two processes of one server behind a proxy that gives each request to the next one. */
export class ReplicaGroup {
  private constructor(
    readonly a: Replica,
    readonly b: Replica,
    readonly proxy: RoundRobin,
  ) {}

  static async start(shared: Omit<ReplicaOptions, 'label'>): Promise<ReplicaGroup> {
    const [a, b] = await Promise.all([
      startReplica({ label: 'a', ...shared }),
      startReplica({ label: 'b', ...shared }),
    ]);
    return new ReplicaGroup(a, b, await RoundRobin.before([a.url, b.url]));
  }

  /** Of both processes. */
  get url(): string {
    return this.proxy.url;
  }

  /** Ends one process as a crash does, and no longer sends it requests. */
  async kill(replica: Replica): Promise<void> {
    replica.process.signal('SIGKILL');
    await replica.process.ended();
    this.proxy.remove(replica.url);
  }

  /** The one that is not this one. */
  otherThan(replica: Replica): Replica {
    return replica === this.a ? this.b : this.a;
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await Promise.all([this.a.process.stop(), this.b.process.stop()]);
  }
}

async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const process = new ServerProcess([SERVER, JSON.stringify(options)]);
  const [, url = ''] = await process.shows('stdout', /listening on (\S+)/);
  return { label: options.label, url, process };
}
