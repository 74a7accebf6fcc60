import { Injectable, Logger } from '@nestjs/common';
import { Telemetry, redactError, type Counter } from '../../../core/index.js';
import { AlertClock } from '../alert-clock.js';
import { DeliveryQueue, type Delivery, type DeliveryResult } from './delivery-queue.js';
import { notification, type AlertNotification, type Occurrence } from './notification.js';

/** Brings notifications to the actions, each with a queue of its own, and counts how they end. */
@Injectable()
export class Deliveries {
  readonly #logger = new Logger('Alerts');
  readonly #queues = new Map<string, DeliveryQueue>();
  readonly #counter: Counter;

  constructor(
    private readonly clock: AlertClock,
    telemetry: Telemetry,
  ) {
    this.#counter = telemetry.counter({
      name: 'rookery_alert_deliveries_total',
      help: 'Notifications of alerts by action: delivered, failed, dropped; and attempts that were retried.',
      labels: ['action', 'result'],
    });
  }

  /** Makes the queues. */
  open(deliveries: ReadonlyMap<string, Delivery>, maxQueued: number): void {
    for (const [action, delivery] of deliveries) {
      const note = (result: DeliveryResult, told: AlertNotification, error?: unknown): void =>
        this.#note(action, result, told, error);
      const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
        this.clock.sleep(milliseconds, signal);
      this.#queues.set(
        action,
        new DeliveryQueue(delivery, { maxQueued, sleep, random: () => this.clock.random(), note }),
      );
    }
  }

  /** Notifications that are not delivered yet. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Puts it into the queues of these actions. */
  tell(actions: readonly string[], occurrence: Occurrence): void {
    for (const action of actions) this.#queues.get(action)?.push(notification(action, occurrence));
  }

  /** Gives what waits this long, in milliseconds. */
  async close(withinMs: number): Promise<void> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), withinMs);
    await Promise.all([...this.#queues.values()].map(async (queue) => await queue.close(deadline.signal)));
    clearTimeout(timer);
  }

  #note(action: string, result: DeliveryResult, { status, groupLabels }: AlertNotification, error: unknown): void {
    this.#counter.bind({ action, result }).add(1);
    if (result === 'delivered') return;
    const fields = {
      action,
      alert: groupLabels['alertname'],
      status,
      ...(error !== undefined && { err: redactError(error) }),
    };
    if (result === 'retried') this.#logger.warn({ msg: 'a notification of an alert is tried again', ...fields });
    else
      this.#logger.error({
        msg: `a notification of an alert is ${result === 'failed' ? 'given up' : 'dropped'}`,
        ...fields,
      });
  }
}
