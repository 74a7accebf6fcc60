import { SetMetadata } from '@nestjs/common';

/** Where {@link AlertAction} stores what it was given. */
export const ALERT_ACTION = 'rookery:alert-action';

/** What {@link AlertAction} takes. */
export interface AlertActionOptions {
  /** Milliseconds that one attempt gets. @default 5000 */
  readonly timeoutMs?: number;
  /** Further attempts after one that throws, each after a longer wait. @default 8 */
  readonly retries?: number;
  /** Milliseconds before the second attempt; they double, up to a minute. @default 1000 */
  readonly backoffMs?: number;
}

/** See {@link AlertAction}. */
export interface AlertActionMetadata extends AlertActionOptions {
  readonly name: string;
}

/**
 * Makes a provider's method an action that rules may name. It gets an {@link AlertNotification} and an `AbortSignal` that
 * aborts when its time is up; it is done when it returns, and called again when it throws.
 *
 * @example
 * ```ts
 * @AlertAction('page_oncall')
 * async page({ status, alerts }: AlertNotification, signal: AbortSignal): Promise<void> {
 *   await this.pager.send(status, alerts[0].labels['alertname'], { signal });
 * }
 * ```
 */
export function AlertAction(name: string, options: AlertActionOptions = {}): MethodDecorator {
  return SetMetadata<string, AlertActionMetadata>(ALERT_ACTION, { ...options, name });
}
