import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from '../../core/index.js';
import { SessionTable, type TabledSession } from './session-table.js';

class Fake implements TabledSession {
  lastUsed = performance.now();
  busy = false;
  closed = false;
  constructor(
    readonly id: string,
    readonly principal: Principal | undefined,
  ) {}
  close(): void {
    this.closed = true;
  }
}

describe('a table of sessions', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }));
  afterEach(() => vi.useRealTimers());

  const table = (maxSessions = 2): SessionTable<Fake> => new SessionTable({ maxSessions, sessionIdleMs: 1000 });
  const open = (sessions: SessionTable<Fake>, principal?: Principal): Fake | undefined =>
    sessions.open((id) => new Fake(id, principal));

  it('finds a session for whom it was opened, and for nobody else', () => {
    const sessions = table();
    const ada = { id: 'ada' } as Principal;
    const session = open(sessions, ada);
    expect(sessions.find(session?.id ?? '', ada)).toBe(session);
    expect(sessions.find(session?.id ?? '', undefined)).toBeUndefined();
    expect(sessions.find(session?.id ?? '', { id: 'bob' } as Principal)).toBeUndefined();
  });

  it('has no room for more than it may, until one has been silent for long', () => {
    const sessions = table(1);
    const first = open(sessions);
    expect(open(sessions)).toBeUndefined();
    vi.advanceTimersByTime(1001);
    expect(open(sessions)).toBeDefined();
    expect(first?.closed).toBe(true);
  });

  it('ends a silent session when it is asked for, and by itself', () => {
    const sessions = table();
    const [asked, left] = [open(sessions), open(sessions)];
    vi.advanceTimersByTime(1001);
    expect(sessions.find(asked?.id ?? '', undefined)).toBeUndefined();
    vi.advanceTimersByTime(30_000);
    expect(left?.closed).toBe(true);
    expect(sessions.size).toBe(0);
  });

  it('keeps a session that is used or busy', () => {
    const sessions = table();
    const [used, busy] = [open(sessions), open(sessions)];
    if (busy !== undefined) busy.busy = true;
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(900);
      expect(sessions.find(used?.id ?? '', undefined)).toBe(used);
    }
    expect(busy?.closed).toBe(false);
  });

  it('closes what is ended, one or all', () => {
    const sessions = table();
    const all = [open(sessions), open(sessions)];
    sessions.endAll();
    expect(all.map((session) => session?.closed)).toEqual([true, true]);
    expect(sessions.size).toBe(0);
  });
});
