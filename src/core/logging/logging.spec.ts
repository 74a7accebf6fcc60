import { describe, expect, it } from 'vitest';
import { ActiveCall } from '../active-call.js';
import { Call } from '../call.js';
import { InMemoryTelemetry } from '../in-memory-telemetry.js';
import { NoTracer } from '../tracer.js';
import { RookeryLogger } from './logger.js';
import { Logging } from './logging.js';

class OurTracer extends NoTracer {
  override get traceId(): undefined {
    return 'f'.repeat(32) as unknown as undefined;
  }
}

function server(beside?: RookeryLogger, tracer = new NoTracer()) {
  let text = '';
  const destination = { write: (line: string) => (text += line) };
  const logger = new RookeryLogger({ level: 'info', format: 'json', destination, beside });
  const active = new ActiveCall();
  const logging = new Logging(active, new InMemoryTelemetry(), tracer);
  logging.use(logger);
  const lines = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, active, logging, lines };
}

const newCall = (): Call =>
  new Call({
    kind: 'tool',
    name: 'x'.repeat(1_000),
    input: { password: 'hunter2' },
    principal: { id: 'ann', roles: ['admin'], permissions: [], attributes: { secret: 'hunter2' } },
    trace: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  });

describe('the lines of a call', () => {
  it('[O5] tell whose they are, and lines outside of calls tell nothing', () => {
    const { logger, active, lines } = server();
    const call = newCall();
    active.run({ call }, () => logger.log({ msg: 'inside', principal: 'forged', callId: call.id }, 'Team'));
    logger.log('outside', 'Team');
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.any(String) as string,
        context: 'Team',
        callId: call.id,
        kind: 'tool',
        target: '_unknown',
        principal: 'ann',
        traceId: 'a'.repeat(32),
        msg: 'inside',
        _principal: 'forged',
      },
      { level: 'info', time: expect.any(String) as string, context: 'Team', msg: 'outside' },
    ]);
  });

  it('[O5] name the trace of our own tracer before the caller’s', () => {
    const { logger, active, lines } = server(undefined, new OurTracer());
    active.run({ call: newCall() }, () => logger.log('x'));
    expect(lines()).toMatchObject([{ traceId: 'f'.repeat(32) }]);
  });

  it('[O5] are those of the server whose call it is, whichever of two loggers Nest hands them to', () => {
    const one = server();
    const two = server(one.logger);
    one.active.run({ call: newCall() }, () => two.logger.log('of one'));
    two.active.run({ call: newCall() }, () => two.logger.log('of two'));
    two.logger.log('of nobody');
    expect([one, two].map(({ lines }) => lines().map(({ msg, callId }) => [msg, typeof callId]))).toEqual([
      [['of one', 'string']],
      [
        ['of two', 'string'],
        ['of nobody', 'undefined'],
      ],
    ]);
    one.logging.onApplicationShutdown();
    one.active.run({ call: newCall() }, () => two.logger.log('late'));
    expect(two.lines().at(-1)).toMatchObject({ msg: 'late' });
  });
});
