import { HealthDegradedError, isObject, type HealthDetails } from '../../core/index.js';

/**
 * What a team's check returned, as one of ours: details, or an error.
 *
 * @throws HealthDegradedError or Error when it says that all is not well: `false`, or a result of `@nestjs/terminus`,
 *   which is `{ [name]: { status: 'up' | 'degraded' | 'down', … } }`
 */
export function healthAnswer(returned: unknown): HealthDetails | undefined {
  if (returned === false) throw new Error('It returned false.');
  if (!isObject(returned)) return undefined;
  const parts = Object.entries(returned);
  for (const bad of ['down', 'degraded']) {
    for (const [name, part] of parts) {
      if (!isObject(part) || part['status'] !== bad) continue;
      const message = typeof part['message'] === 'string' ? part['message'] : `${name} is ${bad}`;
      throw bad === 'down' ? new Error(message) : new HealthDegradedError(message, returned);
    }
  }
  return returned;
}
