import { describe, expect, it } from 'vitest';
import { judgeClocks } from './checks/clock.check.js';
import { judgeNode, judgePackages, ownManifest, type Manifest } from './checks/installation.checks.js';
import { judgeMemory, judgeOpenFiles, openFileLimit } from './checks/machine.checks.js';
import { ClockReadings } from './clock-readings.js';

const MIB = 1_048_576;

describe('the clock', () => {
  const reading = (aheadMs: number, uncertaintyMs = 0) => ({ source: 'redis', aheadMs, uncertaintyMs });

  it.each([
    [5_000, 0, 'ok'],
    [5_001, 0, 'warn'],
    [-6_000, 0, 'warn'],
    [6_000, 1_500, 'ok'],
  ])('%i ms ahead, within %i: %s', (aheadMs, uncertaintyMs, severity) => {
    expect(judgeClocks([reading(aheadMs, uncertaintyMs)])).toMatchObject([{ severity }]);
  });

  it('is not judged where there is no other', () => {
    expect(judgeClocks([])).toMatchObject([{ severity: 'skipped' }]);
  });

  it('is compared at the middle of the question', async () => {
    let now = 1_000;
    const readings = new ClockReadings(() => now);
    const ask = async () => {
      now = 1_200;
      return { answer: 'pong', time: 9_100 };
    };
    expect(await readings.read('redis', ask)).toBe('pong');
    expect(readings.all()).toEqual([{ source: 'redis', aheadMs: 8_000, uncertaintyMs: 100 }]);
  });

  it('counts half of what a time is rounded to, and nothing that is no time', async () => {
    const readings = new ClockReadings(() => 10_500);
    await readings.read('date', async () => ({ answer: 0, time: 10_000 }), 1_000);
    await readings.read('none', async () => ({ answer: 0, time: undefined }));
    await readings.read('bad', async () => ({ answer: 0, time: Number.NaN }));
    expect(readings.all()).toEqual([{ source: 'date', aheadMs: 0, uncertaintyMs: 500 }]);
  });
});

describe('the installation', () => {
  it('runs on the Node that the package asks for', () => {
    expect(judgeNode('v20.19.1', ownManifest().engines.node)).toMatchObject({ severity: 'ok' });
    expect(judgeNode('v18.20.0', ownManifest().engines.node)).toMatchObject({ severity: 'fail' });
  });

  const manifest: Manifest = {
    engines: { node: '>=20' },
    dependencies: { zod: '4.6.7' },
    peerDependencies: { ioredis: '^5.11.0', rxjs: '^7.8.0' },
    peerDependenciesMeta: { ioredis: { optional: true } },
  };
  const judged = (installed: Readonly<Record<string, string>>, needed: readonly (readonly [string, string])[] = []) =>
    judgePackages(manifest, new Map(needed), (name) => installed[name]);

  it.each([
    ['all there', { zod: '4.6.7', rxjs: '7.8.2', ioredis: '5.12.0' }, 'ok', 'fit together'],
    ['an optional one missing', { zod: '4.6.7', rxjs: '7.8.2' }, 'ok', 'fit together'],
    ['a peer missing', { zod: '4.6.7' }, 'fail', 'rxjs is not installed'],
    ['a peer too new', { zod: '4.6.7', rxjs: '8.0.0' }, 'warn', 'rxjs 8.0.0'],
    ['a dependency of another version', { zod: '4.0.0', rxjs: '7.8.2' }, 'warn', 'zod 4.0.0'],
  ])('with %s', (_, installed, severity, words) => {
    expect(judged(installed)).toMatchObject([{ severity, message: expect.stringContaining(words) as unknown }]);
  });

  it('needs an optional package that the configuration uses, and says how to get it', () => {
    expect(judged({ zod: '4.6.7', rxjs: '7.8.2' }, [['ioredis', 'redis.url']])).toEqual([
      {
        severity: 'fail',
        message: 'redis.url needs the package ioredis, which is not installed.',
        remedy: 'Run: npm install ioredis@^5.11.0',
      },
    ]);
  });
});

describe('the machine', () => {
  it.each([
    ['Max open files            1024                 4096                 files     \n', 1024],
    ['Max open files            unlimited            unlimited            files     \n', Number.POSITIVE_INFINITY],
    ['', undefined],
  ])('tells its limit of open files', (text, limit) => {
    expect(openFileLimit(`Limit Soft Hard Units\n${text}`)).toBe(limit);
  });

  it.each([
    [1024, 20_000, 'warn'],
    [20_000, 20_000, 'ok'],
    [undefined, 20_000, 'skipped'],
    [1024, undefined, 'ok'],
  ])('with %s open files for %s connections: %s', (limit, connections, severity) => {
    expect(judgeOpenFiles(limit, connections)).toMatchObject({ severity });
  });

  it.each([
    ['enough', { total: 8_192 * MIB, free: 4_096 * MIB, heapLimit: 4_096 * MIB }, ['ok']],
    ['a heap larger than the container', { total: 512 * MIB, free: 400 * MIB, heapLimit: 2_048 * MIB }, ['warn']],
    ['little left', { total: 8_192 * MIB, free: 100 * MIB, heapLimit: 4_096 * MIB }, ['warn']],
  ])('with memory: %s', (_, memory, severities) => {
    expect(judgeMemory(memory).map(({ severity }) => severity)).toEqual(severities);
  });
});
