import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ActiveCall } from '../active-call.js';
import type { Call } from '../call.js';
import { Telemetry } from '../telemetry.js';
import { Tracer } from '../tracer.js';
import type { RookeryLogger } from './logger.js';

/** What stands in `target` for a name that nobody registered: it may be as long and as odd as a caller likes. */
const UNKNOWN = '_unknown';

/**
 * Between a server's logger, which is made before the container, and its calls: gives every line of a call what tells
 * whose it is.
 *
 * @example
 * ```ts
 * const logger = new RookeryLogger({ level: 'info', format: 'json' });
 * const app = await NestFactory.create(AppModule, { logger });
 * app.get(Logging).use(logger);
 * ```
 */
@Injectable()
export class Logging implements OnApplicationShutdown {
  #logger: RookeryLogger | undefined;

  constructor(
    private readonly active: ActiveCall,
    private readonly telemetry: Telemetry,
    private readonly tracer: Tracer,
  ) {}

  /** The server's logger; `undefined` where it logs through one of a team's own. */
  get logger(): RookeryLogger | undefined {
    return this.#logger;
  }

  /** From here on the lines of calls carry their fields, and lines are counted. */
  use(logger: RookeryLogger): void {
    const { active } = this;
    this.#logger = logger;
    const context = {
      get inside() {
        return active.current !== undefined;
      },
      fields: () => this.fields(),
    };
    logger.attach(context, (meter) => meter.bindTo(this.telemetry));
  }

  /**
   * What tells whose call is served here: `callId`, `kind`, `target`, `principal` (the id) and `traceId`, as far as
   * there is one; nothing outside of calls. For loggers of a team's own.
   */
  fields(): Readonly<Record<string, string>> {
    const call = this.active.current;
    return call === undefined ? {} : callFields(call, this.tracer.traceId);
  }

  onApplicationShutdown(): void {
    this.#logger?.detach();
  }
}

/** @param ours - the trace that a tracer of ours has made of it; else it is the caller's */
function callFields(
  { id: callId, kind, targetIfFound, principal, trace }: Call,
  ours: string | undefined,
): Readonly<Record<string, string>> {
  const traceId = ours ?? trace?.traceparent.split('-', 2)[1];
  return {
    callId,
    kind,
    target: targetIfFound?.name ?? UNKNOWN,
    ...(principal !== undefined && { principal: principal.id }),
    ...(traceId !== undefined && { traceId }),
  };
}
