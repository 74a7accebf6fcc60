import { describe, expect, it } from 'vitest';
import { limits } from './gate.js';
import { idleSessions, measureSessions, measureStreams, openStreams } from './idle.js';

/** What `npm run bench -- --idle` measures: runs what was built to `dist-test`. */
describe('the memory of the server', { timeout: 180_000 }, () => {
  it(`holds ${idleSessions} idle sessions in ${limits.idleSessions} MB`, async () => {
    const { megabytes } = await measureSessions();
    expect(megabytes).toBeLessThanOrEqual(limits.idleSessions);
  });

  it(`holds ${openStreams} open streams in ${limits.idleStreams} MB`, async () => {
    const { megabytes } = await measureStreams();
    expect(megabytes).toBeLessThanOrEqual(limits.idleStreams);
  });
});
