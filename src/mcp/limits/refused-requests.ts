import { Injectable } from '@nestjs/common';
import { Telemetry, type Counter } from '../../core/index.js';

/** Which limit a request met. */
export type RefusalByLimit =
  | 'message_size'
  | 'message_nodes'
  | 'message_depth'
  | 'decompression'
  | 'encoding'
  | 'result_size'
  | 'slow_client'
  | 'request_timeout'
  | 'header_size'
  | 'connections';

/** Counts what the limits of the wire refuse, so that an operator sees which one is met: `rookery_refused_requests_total`. */
@Injectable()
export class RefusedRequests {
  readonly #refused: Counter;
  readonly #dropped: { add(value: number): void };

  constructor(telemetry: Telemetry) {
    this.#refused = telemetry.counter({
      name: 'rookery_refused_requests_total',
      help: 'Requests and connections that a limit of the wire refused or ended.',
      labels: ['reason'],
    });
    this.#dropped = telemetry
      .counter({
        name: 'rookery_dropped_notifications_total',
        help: 'Progress reports and log messages that were not sent to clients that did not read.',
      })
      .bind({});
  }

  count(reason: RefusalByLimit): void {
    this.#refused.bind({ reason }).add(1);
  }

  /** A progress report or a log message was left out. */
  dropped(): void {
    this.#dropped.add(1);
  }
}
