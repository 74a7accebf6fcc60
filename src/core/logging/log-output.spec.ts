import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../in-memory-telemetry.js';
import { LogOutput, MOST_WAITING_BYTES, type DropReason } from './log-output.js';
import { RookeryLogger } from './logger.js';

class Pipe extends Writable {
  readonly taken: string[] = [];
  readonly #waiting: ((error?: Error) => void)[] = [];
  reads = false;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.taken.push(String(chunk));
    if (this.reads) done();
    else this.#waiting.push(done);
  }

  read(): void {
    this.reads = true;
    for (const done of this.#waiting.splice(0)) done();
  }
}

const meterOf = (logger: RookeryLogger): Readonly<Record<string, number>> => {
  const telemetry = new InMemoryTelemetry();
  logger.attach({ inside: false, fields: () => ({}) }, (meter) => meter.bindTo(telemetry));
  logger.detach();
  return Object.fromEntries(
    telemetry.samples().map(({ name, labels, value }) => [`${name} ${Object.values(labels).join()}`, value]),
  );
};

describe('where lines go', () => {
  it('[O5] holds no more of them than some, and says afterwards how many were lost', async () => {
    const pipe = new Pipe();
    const logger = new RookeryLogger({ level: 'info', format: 'json', destination: pipe });
    for (let index = 0; index < 2_000; index++) logger.log({ msg: 'x'.repeat(8_000), index });
    expect(pipe.writableLength).toBeLessThan(MOST_WAITING_BYTES + 100_000);
    const drained = new Promise((done) => pipe.once('drain', done));
    pipe.read();
    await drained;
    logger.log('back');
    const [back, lost] = pipe.taken.slice(-2).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(back).toMatchObject({ msg: 'back' });
    const written = pipe.taken.length - 2;
    expect(lost).toMatchObject({ level: 'warn', context: 'Logger', lines: 2_000 - written });
    expect(meterOf(logger)).toMatchObject({
      'rookery_log_lines_total info': written + 1,
      'rookery_log_dropped_total slow': 2_000 - written,
    });
  });

  it('[O5] may fail: lines are lost and counted, nothing else', async () => {
    const dropped: DropReason[] = [];
    const closed = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('x'), { code: 'EPIPE' })),
    });
    const output = new LogOutput(closed, (reason) => dropped.push(reason));
    output.write('one\n');
    await new Promise((done) => setImmediate(done));
    const full = {
      write: () => {
        throw Object.assign(new Error('x'), { code: 'ENOSPC' });
      },
    };
    expect(new LogOutput(full, (reason) => dropped.push(reason)).write('two\n')).toBe(false);
    expect(dropped).toEqual(['failed', 'failed']);
  });

  it('is listened to once, however many loggers write there', () => {
    const pipe = new Pipe();
    for (let index = 0; index < 20; index++)
      new RookeryLogger({ level: 'info', format: 'json', destination: pipe }).log('x');
    expect(pipe.listenerCount('error')).toBe(1);
  });
});
