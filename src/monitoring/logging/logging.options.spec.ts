import { describe, expect, it } from 'vitest';
import { loggingOptions } from './logging.options.js';

const faultsOf = (given: object): readonly string[] =>
  (loggingOptions.safeParse(given).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('monitoring.logging', () => {
  it('[O5] is JSON of what is worth knowing, unless it says otherwise', () => {
    expect(loggingOptions.parse({})).toEqual({ level: 'info', levels: {}, format: 'json' });
    const given = { level: 'warn', levels: { Pipeline: 'debug', 'Mcp*': 'error' }, format: 'pretty' };
    expect(loggingOptions.parse(given)).toEqual(given);
  });

  it.each<[object, string]>([
    [{ levels: { Pipeline: 'loud' } }, 'levels.Pipeline: Invalid option: expected one of "trace"|"debug"'],
    [{ levels: { 'M*p': 'warn' } }, 'levels.M*p: '],
    [{ levels: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`M${at}`, 'warn'])) }, 'levels: name fewer'],
  ])('refuses %j', (given, fault) => {
    expect(faultsOf(given)).toEqual([expect.stringContaining(fault)]);
  });
});
