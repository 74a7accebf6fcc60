import type { AuditSink } from './audit-sink.js';
import type { AuditSinkOptions } from './audit.options.js';

/** Makes a sink from its entry in `audit.sinks`. */
export type AuditSinkFactory = (options: AuditSinkOptions) => AuditSink | Promise<AuditSink>;

/**
 * How to make the sinks that need a client which this folder does not know: by their `type`.
 *
 * Provided globally by whoever has the client: `{ database: … }` by the adapters of the SQL databases.
 */
export class AuditSinkFactories {
  constructor(private readonly factories: Readonly<Record<string, AuditSinkFactory>>) {}

  get(type: string): AuditSinkFactory | undefined {
    return Object.hasOwn(this.factories, type) ? this.factories[type] : undefined;
  }
}
