import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Call,
  CallNotes,
  CallObserver,
  CallObservers,
  Caller,
  DenialReason,
  Telemetry,
  ToolError,
  UnknownTargetError,
  type Outcome,
  type Principal,
} from '../../src/core/index.js';
import { McpResource, McpTool } from '../../src/tools/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import { AuditSinkFactories } from '../../src/audit/audit-sink-factories.js';
import { AuditTrail } from '../../src/audit/audit-trail.js';
import { AuditModule, type AuditModuleOptions } from '../../src/audit/audit.module.js';
import { InMemoryAuditSink } from '../../src/audit/in-memory-audit-sink.js';

/** What failed is tried again after a while that doubles, up to 5 s. */
const EVENTUALLY = { timeout: 10_000 };

const ANN: Principal = {
  id: 'ann',
  roles: [],
  permissions: [],
  attributes: {},
  issuer: 'https://id.example',
  tenant: 'acme',
  actor: 'robot',
};

@Injectable()
class AuditedTools {
  constructor(private readonly audit: AuditLogger) {}

  @McpTool({
    description: 'Adds',
    inputSchema: z.object({
      a: z.number(),
      secret: z.string().default('x'),
      diagnosis: z.string().meta({ sensitive: true }).default('flu'),
    }),
  })
  add({ a }: { a: number }): number {
    return a;
  }

  @McpTool({ description: 'Fails', inputSchema: z.object({ how: z.enum(['expected', 'unexpected']) }) })
  fail({ how }: { how: string }): never {
    throw how === 'expected' ? new ToolError('The well is dry.') : new Error('connect to db with password=hunter2');
  }

  @McpTool({ description: 'Writes', auditLogging: true })
  async write(_: object, call: Call): Promise<string> {
    await this.audit.logOperation({
      call,
      operation: 'update',
      resourceType: 'dataset',
      resourceId: 'd1',
      success: true,
      details: { rows: 3, password: 'hunter2' },
    });
    await this.audit.logFileAccess({ call, path: '/data/a.csv', operation: 'read', success: true, bytes: 12 });
    return 'written';
  }

  @McpResource({ uriTemplate: 'doc://{name}', description: 'A document' })
  doc({ name }: { name: string }): string {
    return name;
  }
}

/** Gives the module the in-memory sink in the place of a database. */
@Module({})
class MemoryAuditModule {
  static with(sink: InMemoryAuditSink): DynamicModule {
    const provider = { provide: AuditSinkFactories, useValue: new AuditSinkFactories({ database: () => sink }) };
    return { module: MemoryAuditModule, global: true, providers: [provider], exports: [AuditSinkFactories] };
  }
}

let server: TestServer | undefined;
const sink = (): InMemoryAuditSink => current;
let current = new InMemoryAuditSink();

async function serving(options: AuditModuleOptions = {}, observers: readonly CallObserver[] = []): Promise<TestServer> {
  current = new InMemoryAuditSink();
  const audit = AuditModule.forRoot({ sinks: [{ type: 'database' }], batch: { maxDelayMs: 5 }, ...options });
  server = await createTestServer({
    imports: [MemoryAuditModule.with(current), audit],
    providers: [AuditedTools],
    principal: ANN,
  });
  observers.forEach((observer) => server!.app.get(CallObservers).add(observer));
  return server;
}

afterEach(async () => {
  current.failure = undefined;
  await server?.close();
  server = undefined;
});

const callTool = async (name: string, args: Record<string, unknown> = {}): Promise<unknown> =>
  server!.client.callTool({ name, arguments: args }).catch((error: unknown) => error);

/** The records of calls, once the trail was closed. */
async function records(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  await server!.close();
  server = undefined;
  return sink().entries.filter(({ event }) => !['open', 'close', 'anchor'].includes(String(event)));
}

async function callDirectly(kind: 'tool' | 'task', name: string, deadline?: number): Promise<Outcome> {
  return server!.app.get(Caller).call(new Call({ kind, name, input: {}, principal: ANN, deadline }));
}

const total = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
  server!.app
    .get(Telemetry)
    .samples()
    .filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);

describe('the audit log', () => {
  it('[A9] records who did what, how it ended, with redacted arguments', async () => {
    await serving();
    await callTool('add', { a: 1, secret: 'hunter2', diagnosis: 'measles' });
    const [record, ...others] = await records();
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      v: 1,
      event: 'call',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) as string,
      callId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      principal: { id: 'ann', issuer: 'https://id.example', tenant: 'acme' },
      actor: 'robot',
      kind: 'tool',
      target: 'add',
      outcome: 'ok',
      arguments: { a: 1, secret: '***', diagnosis: '***' },
    });
    expect(record?.['durationMs']).toBeGreaterThan(0);
    expect(record).not.toHaveProperty('reason');
  });

  it('[A9] records every call once, however it ends', async () => {
    await serving();
    await callTool('add', { a: 'x' });
    await callTool('fail', { how: 'expected' });
    await callTool('fail', { how: 'unexpected' });
    await callTool('nobody');
    await server!.client.readResource({ uri: 'doc://one' });
    const found = await records();
    expect(found.map(({ kind, target, outcome }) => `${String(kind)} ${String(target)} ${String(outcome)}`)).toEqual([
      'tool add invalid_arguments',
      'tool fail tool_error',
      'tool fail internal',
      'tool nobody unknown',
      'resource doc ok',
    ]);
    expect(found[1]?.['reason']).toBe('The well is dry.');
    expect(found[2]?.['reason']).toBe('Error: connect to db with password=***');
    expect(found[4]).toMatchObject({ name: 'doc://one', arguments: { name: 'one' } });
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('[A6] records the true reason of a refusal that the caller is not told', async () => {
    const refusing = new (class extends CallObserver {
      override start(call: Call): void {
        throw Object.assign(new UnknownTargetError('tool', call.name), {
          cause: new DenialReason('requiredRoles', 'None of the roles admin is held.'),
        });
      }
    })();
    await serving({}, [refusing]);
    await callTool('add', { a: 1 });
    expect((await records())[0]).toMatchObject({
      outcome: 'unknown',
      rule: 'requiredRoles',
      reason: 'None of the roles admin is held.',
    });
  });

  it('[A12] records what would have been refused', async () => {
    const note = { kind: 'would_refuse', rule: 'requiredPermissions', reason: 'data:write is missing.' } as const;
    await serving();
    const noting = new (class extends CallObserver {
      override start(call: Call): void {
        server!.app.get(CallNotes).add(call, note);
      }
    })();
    server!.app.get(CallObservers).add(noting);
    await callTool('add', { a: 1 });
    expect((await records())[0]).toMatchObject({ outcome: 'ok', notes: [note] });
  });

  it('[A9] records attempts that never became a call', async () => {
    await serving();
    server!.app.get(CallObservers).refused({
      kind: 'request',
      outcome: 'unauthenticated',
      remoteAddress: '192.0.2.1',
      reason: 'The key is unknown.',
    });
    expect(await records()).toMatchObject([
      {
        event: 'refused',
        kind: 'request',
        outcome: 'unauthenticated',
        remoteAddress: '192.0.2.1',
        reason: 'The key is unknown.',
      },
    ]);
  });

  it('records calls made in the course of another with their parent', async () => {
    await serving();
    const parent = new Call({ kind: 'tool', name: 'add', input: { a: 1 }, principal: ANN });
    await server!.app.get(Caller).call(parent);
    await server!.app.get(Caller).call(new Call({ kind: 'tool', name: 'add', input: { a: 2 }, parent }));
    expect((await records()).map(({ parentId }) => parentId)).toEqual([undefined, parent.id]);
  });

  it('leaves arguments out when it is told to', async () => {
    await serving({ arguments: false });
    await callTool('add', { a: 1 });
    expect((await records())[0]).not.toHaveProperty('arguments');
  });

  it("[A9] records a tool's own operations and file accesses, redacted", async () => {
    await serving();
    await callTool('write');
    const found = await records();
    const callId = found[2]?.['callId'];
    expect(found).toMatchObject([
      {
        event: 'operation',
        callId,
        principal: { id: 'ann' },
        target: 'write',
        operation: 'update',
        resourceType: 'dataset',
        resourceId: 'd1',
        success: true,
        details: { rows: 3, password: '***' },
      },
      { event: 'file_access', callId, path: '/data/a.csv', operation: 'read', success: true, bytes: 12 },
      { event: 'call', outcome: 'ok' },
    ]);
  });

  it('[A9] has the record durable before the answer in strict mode, and where the tool asks for it', async () => {
    await serving({ mode: 'strict' });
    await callTool('add', { a: 1 });
    expect(sink().entries.at(-1)).toMatchObject({ target: 'add' });
    expect(sink().appends.durable).toBe(sink().appends.all);
    await server!.close();

    await serving({ batch: { maxDelayMs: 60_000 } });
    await callTool('add', { a: 1 });
    expect(sink().entries.at(-1)).toMatchObject({ event: 'open' });
    await callTool('write');
    expect(sink().entries.at(-1)).toMatchObject({ target: 'write', event: 'call' });
    expect(sink().appends.durable).toBe(sink().appends.all);
  });

  it('[A9] refuses new calls while a sink fails, says why, counts them, and goes on when it works again', async () => {
    await serving({ mode: 'strict', maxWaitMs: 50 });
    sink().failure = new Error('ENOSPC: /secret/path');
    const unrecorded = await callDirectly('tool', 'write');
    expect(unrecorded.code).toBe('overloaded');
    const refused = await callDirectly('tool', 'add');
    expect(refused).toMatchObject({
      code: 'overloaded',
      error: {
        message: 'This server takes no calls while they cannot be recorded in its audit trail. Try again later.',
        details: { retryAfter: 5 },
      },
    });
    expect(total('rookery_audit_refused_total')).toBeGreaterThan(0);
    expect(total('rookery_audit_records_total', { sink: 'database', result: 'failed' })).toBe(0);
    expect(total('rookery_audit_records_total', { sink: 'memory', result: 'failed' })).toBeGreaterThan(0);
    const trail = server!.app.get(AuditTrail);
    expect(trail.state).toMatchObject({ state: 'failing' });
    sink().failure = undefined;
    await expect.poll(() => trail.available, EVENTUALLY).toBe(true);
    expect(trail.state.state).toBe('ok');
    expect(await callDirectly('tool', 'write')).toMatchObject({ code: 'ok' });
    const found = await records();
    expect(found.filter(({ event }) => event === 'refused')).toMatchObject([
      { outcome: 'overloaded', details: { calls: expect.any(Number) as number } },
    ]);
    expect(found.filter(({ target }) => target === 'write').length).toBeGreaterThan(1);
  });

  it('[A9] withholds the result of a call whose record could not be made durable, and records what it did', async () => {
    const failing = new (class extends CallObserver {
      override async run(_call: Call, next: () => Promise<Outcome>): Promise<Outcome> {
        const outcome = await next();
        sink().failure = new Error('ENOSPC');
        return outcome;
      }
    })();
    await serving({ mode: 'strict', maxWaitMs: 50 }, [failing]);
    const call = new Call({ kind: 'tool', name: 'add', input: { a: 1 } });
    expect(await server!.app.get(Caller).call(call)).toMatchObject({
      code: 'overloaded',
      error: {
        message: expect.stringContaining('its result is withheld') as string,
        details: { correlationId: call.id },
      },
    });
    sink().failure = undefined;
    await expect.poll(() => server!.app.get(AuditTrail).available, EVENTUALLY).toBe(true);
    expect(await records()).toMatchObject([{ callId: call.id, target: 'add', outcome: 'ok' }]);
  });

  it('[A9] lets calls wait for a failing sink when it is told to, no longer than their deadline', async () => {
    await serving({ mode: 'strict', onFailure: 'block', maxWaitMs: 20 });
    sink().failure = new Error('down');
    await callDirectly('tool', 'add');
    const trail = server!.app.get(AuditTrail);
    expect(trail.available).toBe(false);
    expect(await callDirectly('tool', 'add')).toMatchObject({ code: 'overloaded' });
    await server!.close();

    await serving({ mode: 'strict', onFailure: 'block', maxWaitMs: 60_000 });
    sink().failure = new Error('down');
    expect(await callDirectly('tool', 'nobody', performance.now() + 20)).toMatchObject({ code: 'overloaded' });
    expect(await callDirectly('tool', 'add', performance.now() + 20)).toMatchObject({ code: 'overloaded' });
    const waiting = callDirectly('tool', 'write');
    sink().failure = undefined;
    expect(await waiting).toMatchObject({ code: 'ok' });
  });

  it('tells metrics what it wrote', async () => {
    await serving({ mode: 'strict' });
    await callTool('add', { a: 1 });
    expect(total('rookery_audit_records_total', { sink: 'memory', result: 'written' })).toBe(1);
    expect(total('rookery_audit_queue_length')).toBe(0);
  });

  it('records nothing when it is off, and its logger does nothing', async () => {
    server = await createTestServer({ imports: [AuditModule.forRoot({})] });
    expect(server.app.get(AuditTrail).state).toEqual({ state: 'off', pending: 0 });
    await expect(
      server.app.get(AuditLogger).logOperation({ principal: ANN, operation: 'x', resourceType: 'y', success: true }),
    ).resolves.toBeUndefined();
  });
});
