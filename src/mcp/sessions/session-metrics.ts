import type { Telemetry } from '../../core/index.js';

/** Counts the sessions of the 2025 era over HTTP that are open. */
export function openSessions(telemetry: Telemetry): { add(value: number): void } {
  return telemetry
    .gauge({ name: 'rookery_sessions', help: 'Open sessions of clients of the 2025 era over HTTP.' })
    .bind({});
}

/** Counts the responses that are event streams and open. */
export function openStreams(telemetry: Telemetry): { add(value: number): void } {
  return telemetry
    .gauge({
      name: 'rookery_streams',
      help: 'Open event streams: answers under way, subscriptions, and listeners of sessions.',
    })
    .bind({});
}
