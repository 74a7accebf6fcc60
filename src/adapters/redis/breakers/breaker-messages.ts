import { z } from 'zod';
import { LONGEST_SHARED_NAME, type BreakerReport, type SharedBreakerState } from '../../../resilience/index.js';
import { parsedJson } from '../redis-channel.js';

const count = z.int().min(0);

/** A state as the script writes it. */
const stateSchema = z.object({
  name: z.string().min(1).max(LONGEST_SHARED_NAME),
  version: count,
  period: count,
  state: z.enum(['closed', 'half-open', 'open']),
  faults: count,
  remainingMs: count,
});

/** The state that a text says; `undefined` when it says none. */
export function breakerState(text: unknown): SharedBreakerState | undefined {
  return stateSchema.safeParse(typeof text === 'string' ? parsedJson(text) : undefined).data;
}

/** What the script is told of an event, in its order. */
export function scriptValues({ name, settings, known, event }: BreakerReport): readonly (string | number)[] {
  const { failureThreshold, timeoutMs, halfOpenMaxCalls } = settings;
  const values = [name, event.kind, failureThreshold, Math.ceil(timeoutMs), halfOpenMaxCalls, known];
  if (event.kind === 'join') {
    return [...values, event.state, event.faults, Math.ceil(event.remainingMs), event.alone ? 1 : 0];
  }
  if ('lease' in event) return [...values, event.lease];
  return 'period' in event ? [...values, event.period] : values;
}
