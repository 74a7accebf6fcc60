import { SetMetadata } from '@nestjs/common';

/** Where {@link HealthIndicator} stores what it was given. */
export const HEALTH_INDICATOR = 'rookery:health-indicator';

/** What {@link HealthIndicator} takes. */
export interface HealthIndicatorOptions {
  /** Milliseconds after which it counts as failed. @default `monitoring.health.timeoutMs` */
  readonly timeoutMs?: number;
  /** Whether the server is not ready while it fails. @default false */
  readonly critical?: boolean;
}

/** See {@link HealthIndicator}. */
export interface HealthIndicatorMetadata extends HealthIndicatorOptions {
  readonly name: string;
}

/**
 * Makes a provider's method a health check. It gets an `AbortSignal` that aborts when its time is up.
 *
 * All is well when it returns, with details as an object if it likes; it fails by throwing, by returning `false`, or by
 * returning what an indicator of `@nestjs/terminus` says is down.
 *
 * @example
 * ```ts
 * @HealthIndicator('warehouse', { timeoutMs: 500, critical: true })
 * async warehouse(signal: AbortSignal): Promise<void> {
 *   await fetch('https://warehouse.example/ping', { signal });
 * }
 * ```
 */
export function HealthIndicator(name: string, options: HealthIndicatorOptions = {}): MethodDecorator {
  return SetMetadata<string, HealthIndicatorMetadata>(HEALTH_INDICATOR, { ...options, name });
}
