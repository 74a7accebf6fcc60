import { Injectable, Module, type LoggerService } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AuditModule, type AuditModuleOptions } from '../../src/audit/audit.module.js';
import { auditOptions } from '../../src/audit/audit.options.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { McpTool } from '../../src/tools/index.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

@Injectable()
class WatchedTools {
  @McpTool({ description: 'Watched', auditLogging: true })
  watched(): string {
    return 'seen';
  }
}

@Module({ providers: [WatchedTools] })
class WatchedModule {}

const start = async (options: AuditModuleOptions, watched = false): Promise<unknown> => {
  const imports = [AuditModule.forRoot(options), ...(watched ? [WatchedModule] : [])];
  return createTestServer({ imports }).then(
    (started) => (server = started),
    (error: Error) => error.message,
  );
};

describe('the audit module', () => {
  it('[A9] refuses the start when a tool wants records and nothing is audited, and says what to do', async () => {
    expect(await start({}, true)).toContain(
      'WatchedTools.watched: option "auditLogging": records are wanted, but nothing is audited here: ' +
        'configure audit.sinks (and an audit.mode other than off), or leave the option out',
    );
    expect(await start({ mode: 'off', sinks: [{ type: 'stdout' }] }, true)).toContain('nothing is audited here');
  });

  it('refuses stdout where the stdio transport has it', async () => {
    expect(await start({ sinks: [{ type: 'stdout' }], stdoutTaken: true })).toContain(
      'audit.sinks.0 writes to stdout, which the stdio transport needs',
    );
  });

  it('refuses a database without an adapter', async () => {
    expect(await start({ sinks: [{ type: 'database' }] })).toContain('audit.sinks.0 is of type "database"');
  });

  it('refuses the start when a sink cannot be opened, and says what to repair', async () => {
    const message = await start({ sinks: [{ type: 'file', path: '/dev/null/audit.jsonl' }] });
    expect(message).toMatch(/^The audit trail cannot be opened: E\w+.*Repair what audit\.sinks names/);
  });

  it('lists every wrong option with its key', async () => {
    const wrong = {
      mode: 'loud',
      batch: { maxRecords: 0 },
      redact: { patterns: ['('] },
    } as unknown as AuditModuleOptions;
    expect(await start(wrong)).toMatch(
      /audit\.mode: .*\n- audit\.batch\.maxRecords: .*\n- audit\.redact\.patterns\.0: must be a/s,
    );
  });

  it('[A9] says at the start when callers are authenticated and nothing is audited', async () => {
    const warn = vi.fn<LoggerService['warn']>();
    const logger: LoggerService = { log: () => undefined, error: () => undefined, warn };
    server = await createTestServer({ imports: [AuditModule.forRoot({ authenticated: true })], logger });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('configure audit.sinks'), 'Audit');
  });

  it('has a default for every option', () => {
    expect(auditOptions.parse({})).toEqual({
      mode: 'batched',
      sinks: [],
      retention: {},
      onFailure: 'refuse',
      maxWaitMs: 10_000,
      batch: { maxRecords: 500, maxDelayMs: 200, maxQueue: 10_000, anchorEvery: 1_000 },
      redact: { patterns: [] },
      arguments: true,
    });
  });
});
