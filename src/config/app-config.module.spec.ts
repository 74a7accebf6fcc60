import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppConfigModule } from './app-config.module.js';

@Injectable()
class Consumer {
  constructor(readonly config: ConfigService) {}
}

const start = async (config: Record<string, unknown>) => {
  const module = await Test.createTestingModule({
    imports: [AppConfigModule.forRoot(config)],
    providers: [Consumer],
  }).compile();
  return module.get(Consumer).config;
};

describe('AppConfigModule', () => {
  beforeEach(() => {
    process.env['ROOKERY_SPEC_VARIABLE'] = 'visible';
  });
  afterEach(() => {
    delete process.env['ROOKERY_SPEC_VARIABLE'];
  });

  it('gives ConfigService the finished configuration', async () => {
    const config = await start({ server: { port: 3000, tls: { enabled: false } }, cache: { kind: 'memory' } });
    expect(config.get('server.port')).toBe(3000);
    expect(config.get('server.tls.enabled')).toBe(false);
    expect(config.get('cache')).toEqual({ kind: 'memory' });
  });

  it('shows nothing of the environment', async () => {
    const config = await start({ server: {} });
    expect(config.get('ROOKERY_SPEC_VARIABLE')).toBeUndefined();
    expect(config.get('PATH')).toBeUndefined();
  });

  it('keeps two servers in one process apart', async () => {
    const [first, second] = [await start({ server: { port: 1 } }), await start({ server: { port: 2 } })];
    expect([first.get('server.port'), second.get('server.port')]).toEqual([1, 2]);
  });

  it('cannot be changed through ConfigService', async () => {
    const config = await start({ server: Object.freeze({ port: 1 }) });
    expect(() => config.set('server.port', 2)).toThrow(TypeError);
    expect(config.get('server.port')).toBe(1);
  });
});
