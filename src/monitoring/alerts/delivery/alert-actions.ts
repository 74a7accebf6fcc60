import { readFileSync } from 'node:fs';
import { Injectable, Logger } from '@nestjs/common';
import { MethodExplorer, describeOrigin, type DiscoveredMethod } from '../../../core/index.js';
import { AlertClock } from '../alert-clock.js';
import { DEFAULT_ACTION } from '../alert-rule.js';
import type { AlertsOptions, WebhookOptions } from '../alerts.options.js';
import { ALERT_ACTION, type AlertActionMetadata } from './alert-action.decorator.js';
import type { Delivery } from './delivery-queue.js';
import { logAction } from './log-action.js';
import type { AlertNotification } from './notification.js';
import { webhook } from './webhook.js';

/** The actions that there are, and what is wrong with others. */
export interface FoundActions {
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Whether `send_alert` is the log because nobody has said what it is. */
  readonly assumed: boolean;
  readonly faults: readonly { readonly path: readonly string[]; readonly message: string }[];
}

/** Finds the actions of the configuration, and the methods with `@AlertAction()`. */
@Injectable()
export class AlertActions {
  readonly #logger = new Logger('Alerts');

  constructor(
    private readonly explorer: MethodExplorer,
    private readonly clock: AlertClock,
  ) {}

  /** @throws Error naming class and method, when one cannot be an action */
  find(options: AlertsOptions['actions']): FoundActions {
    const deliveries = new Map<string, Delivery>();
    const faults: FoundActions['faults'][number][] = [];
    for (const [name, action] of Object.entries(options)) {
      try {
        deliveries.set(name, action.type === 'log' ? logAction(this.#logger) : this.#webhook(action));
      } catch (error) {
        faults.push({ path: [name, 'secretFile'], message: (error as Error).message });
      }
    }
    for (const found of this.explorer.methodsWith<AlertActionMetadata>(ALERT_ACTION)) {
      const { name } = found.metadata;
      if (deliveries.has(name)) {
        throw new Error(
          `${describeOrigin(found.origin)}: there is another alert action ${name}; give one of them another name.`,
        );
      }
      deliveries.set(name, teamAction(found));
    }
    const assumed = !deliveries.has(DEFAULT_ACTION) && options[DEFAULT_ACTION] === undefined;
    if (assumed) deliveries.set(DEFAULT_ACTION, logAction(this.#logger));
    return { deliveries, assumed, faults };
  }

  #webhook({ url, secret, secretFile, timeoutMs, retries, backoffMs }: WebhookOptions): Delivery {
    const key = secretFile === undefined ? secret : secretOf(secretFile);
    return webhook({ url, secret: key, timeoutMs, retries, backoffMs }, () => this.clock.now());
  }
}

/** @throws Error when it cannot be read, or is too short to sign with */
function secretOf(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Error(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause });
  }
  if (text.length >= 16) return text;
  throw new Error(`${path} holds less than 16 characters: make a secret, as with \`openssl rand -base64 32\``);
}

function teamAction({ metadata, origin, method }: DiscoveredMethod<AlertActionMetadata>): Delivery {
  if (!method.wrapper.isDependencyTreeStatic()) {
    throw new Error(
      `${describeOrigin(origin)}: an alert belongs to no request; put its action on a provider that is not request-scoped.`,
    );
  }
  const { timeoutMs = 5_000, retries = 8, backoffMs = 1_000 } = metadata;
  const run = origin.handler as (this: object, notification: AlertNotification, signal: AbortSignal) => unknown;
  return {
    timeoutMs,
    retries,
    backoffMs,
    async deliver(notification, signal): Promise<void> {
      await run.call(method.instance, notification, signal);
    },
  };
}
