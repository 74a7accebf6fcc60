import { describe, expect, it } from 'vitest';
import { ServerStatus, isLoopback } from './server-status.js';

const statusOf = (): ServerStatus => new ServerStatus({ name: 'test', version: '1.0.0' });

describe('ServerStatus', () => {
  it('is ready from when it says so until it drains', () => {
    const status = statusOf();
    const seen = [status.ready];
    status.markReady();
    seen.push(status.ready);
    status.markDraining();
    seen.push(status.ready);
    expect(seen).toEqual([false, true, false]);
    expect(status.draining).toBe(true);
  });

  it('counts each connection out once', () => {
    const status = statusOf();
    const [leave] = [status.connected(), status.connected()];
    expect(status.connections).toBe(2);
    leave?.();
    leave?.();
    expect(status.connections).toBe(1);
  });

  it('knows since when it runs and where it listens', () => {
    const status = statusOf();
    status.listens('http', 'http://127.0.0.1:3000/mcp');
    expect(status.uptimeSeconds).toBeGreaterThanOrEqual(0);
    expect(status.startedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect([...status.listening]).toEqual([['http', 'http://127.0.0.1:3000/mcp']]);
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'knows %s',
    (address) => {
      expect(isLoopback(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '::ffff:10.0.0.1',
    '',
  ])('takes %j for reachable', (address) => {
    expect(isLoopback(address)).toBe(false);
  });
});
