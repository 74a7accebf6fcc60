import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AuditModule, AuditTrail, verifyAuditFiles, type AuditModuleOptions } from '../../src/audit/index.js';
import { Call, Caller, Telemetry, type Outcome } from '../../src/core/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { SmallDisk } from './support/audit-small-disk.js';

let home: string;
let disk: SmallDisk;
let server: TestServer | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rookery-disk-'));
  disk = new SmallDisk(join(home, 'disk'));
});
afterEach(async () => {
  disk.makeRoom();
  await server?.close();
  server = undefined;
  disk.remove();
  rmSync(home, { recursive: true, force: true });
});

async function serving(options: AuditModuleOptions): Promise<void> {
  const sinks = [{ type: 'file' as const, path: disk.path('audit.jsonl') }];
  server = await createTestServer({ imports: [AuditModule.forRoot({ sinks, ...options })] });
  await server.server.registerTool(
    { name: 'work', description: 'Does its work.', inputSchema: z.object({ text: z.string() }) },
    () => 'done',
  );
}

const call = (): Promise<Outcome> =>
  server!.app.get(Caller).call(new Call({ kind: 'tool', name: 'work', input: { text: 'x'.repeat(1_000) } }));

const failedAppends = (): number =>
  server!.app
    .get(Telemetry)
    .samples()
    .filter(({ name, labels }) => name === 'rookery_audit_records_total' && labels['result'] === 'failed')
    .reduce((sum, { value }) => sum + value, 0);

/** Calls until one is not answered as usual; how many were. */
async function callUntilRefused(): Promise<number> {
  for (let answered = 0; answered < 10_000; answered++) {
    const { code } = await call();
    if (code !== 'ok') return answered;
  }
  throw new Error('The disk did not fill up.');
}

/** The records of calls that ended well. */
async function recorded(): Promise<{ readonly ok: boolean; readonly calls: number }> {
  const report = await verifyAuditFiles(disk.path('audit.jsonl'));
  const text = execFileSync('sh', ['-c', 'cat "$0"/*', disk.folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { ok: report.ok, calls: text.split('\n').filter((line) => line.includes('"outcome":"ok"')).length };
}

describe('an audit trail on a full disk', () => {
  it('[A9] refuses calls, loses no record of an answered one, and goes on when there is room', async () => {
    await serving({ mode: 'strict', maxWaitMs: 2_000 });
    const answered = await callUntilRefused();
    expect(answered).toBeGreaterThan(10);
    expect(await call()).toMatchObject({ code: 'overloaded', error: { details: { retryAfter: 5 } } });
    expect(failedAppends()).toBeGreaterThan(0);
    disk.makeRoom();
    const trail = server!.app.get(AuditTrail);
    await expect.poll(() => trail.available, { timeout: 15_000 }).toBe(true);
    expect(await call()).toMatchObject({ code: 'ok' });
    await server!.close();
    server = undefined;
    const { ok, calls } = await recorded();
    expect(ok).toBe(true);
    // The one whose result was withheld was carried out, so it is recorded too.
    expect(calls).toBe(answered + 2);
  });

  it('[A9] lets calls wait for room when it is told to block', async () => {
    await serving({ mode: 'strict', onFailure: 'block', maxWaitMs: 20_000 });
    const trail = server!.app.get(AuditTrail);
    let answered = 0;
    let waiting: Promise<Outcome>;
    for (;;) {
      let settled = false;
      waiting = call().finally(() => (settled = true));
      await vi.waitUntil(() => settled || !trail.available, { interval: 1, timeout: 5_000 });
      if (!settled) break;
      answered++;
    }
    const behind = call();
    disk.makeRoom();
    expect(await Promise.all([waiting, behind])).toMatchObject([{ code: 'ok' }, { code: 'ok' }]);
    await server!.close();
    server = undefined;
    expect(await recorded()).toEqual({ ok: true, calls: answered + 2 });
  });
});
