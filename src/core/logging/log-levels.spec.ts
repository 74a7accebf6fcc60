import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogLevels, MAX_MODULE_LEVELS } from './log-levels.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

const leastOf = (levels: LogLevels, module: string): string | undefined =>
  (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const).find((level) => levels.allows(level, module));

describe('levels of modules', () => {
  it('[O5] go by the name, then by the longest beginning, then by the level of all', () => {
    const levels = new LogLevels('info', { 'Mcp*': 'warn', 'McpX*': 'debug', McpXY: 'silent' });
    expect(['Other', '', 'Mcp', 'McpTools', 'McpX', 'McpXYZ', 'McpXY'].map((name) => leastOf(levels, name))).toEqual([
      'info',
      'info',
      'warn',
      'warn',
      'debug',
      'debug',
      undefined,
    ]);
  });

  it('[O5] change while running, and go back by themselves', () => {
    const levels = new LogLevels('info', { Pipeline: 'warn' });
    levels.set('Pipeline', 'debug', 60_000);
    levels.set('*', 'error');
    expect([leastOf(levels, 'Pipeline'), leastOf(levels, 'Other')]).toEqual(['debug', 'error']);
    expect(levels.all).toEqual([
      { module: '*', level: 'error', configured: 'info', changed: true, until: undefined },
      { module: 'Pipeline', level: 'debug', configured: 'warn', changed: true, until: 61_000 },
    ]);
    vi.advanceTimersByTime(59_999);
    expect(leastOf(levels, 'Pipeline')).toBe('debug');
    vi.advanceTimersByTime(1);
    expect(leastOf(levels, 'Pipeline')).toBe('warn');
    levels.reset('*');
    expect(levels.all.map(({ changed }) => changed)).toEqual([false, false]);
  });

  it('[O5] hold from the last change on: the end of an earlier one does nothing', () => {
    const levels = new LogLevels('info');
    levels.set('A', 'debug', 1_000);
    levels.set('A', 'warn', 5_000);
    vi.advanceTimersByTime(4_999);
    expect(leastOf(levels, 'A')).toBe('warn');
    vi.advanceTimersByTime(1);
    expect(levels.all).toEqual([{ module: '*', level: 'info', changed: false }]);
  });

  it('[O5] are bounded in number, and so are the names that are remembered', () => {
    const levels = new LogLevels('info');
    for (let index = 0; index < MAX_MODULE_LEVELS; index++) levels.set(`M${index}`, 'warn');
    expect(() => levels.set('OneMore', 'warn')).toThrow('At most 100 modules');
    levels.set('M1', 'debug');
    for (let index = 0; index < 2_000; index++) expect(levels.allows('info', `Other${index}`)).toBe(true);
    expect(leastOf(levels, 'M1')).toBe('debug');
  });

  it.each(['', 'a*b', '**', 'x\n', 'x'.repeat(101)])('are of a module, which %j is not', (module) => {
    expect(() => new LogLevels('info').set(module, 'warn')).toThrow('Name a module');
  });
});
