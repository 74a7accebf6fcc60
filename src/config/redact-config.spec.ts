import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { redactConfig } from './redact-config.js';

const sections = {
  auth: z.strictObject({
    secret: z.string().meta({ secret: true }).optional(),
    keys: z.record(
      z.string().meta({ secret: true }),
      z.strictObject({ hash: z.string().meta({ secret: true }), id: z.string() }),
    ),
    list: z.array(z.string().min(1).meta({ secret: true }).describe('tokens')),
    either: z.union([z.literal(false), z.string().meta({ secret: true })]),
  }),
  store: z.strictObject({ url: z.string(), size: z.number() }),
};

describe('redactConfig', () => {
  it('[S3] prints secrets as *** wherever the schema marks them', () => {
    const config = {
      auth: { secret: 'a', keys: { 'sk-1': { hash: 'b', id: 'bob' } }, list: ['c', 'd'], either: 'e' },
      store: { url: 'libsql:file.db', size: 3 },
    };
    expect(redactConfig(config, sections)).toEqual({
      auth: { secret: '***', keys: { '***1': { hash: '***', id: 'bob' } }, list: ['***', '***'], either: '***' },
      store: { url: 'libsql:file.db', size: 3 },
    });
  });

  it('shows that a secret is not set', () => {
    expect(redactConfig({ auth: { secret: undefined, keys: {}, list: [] } }, sections)).toEqual({
      auth: { secret: undefined, keys: {}, list: [] },
    });
  });

  it('[S3] masks the credentials inside an address', () => {
    const shown = redactConfig({ store: { url: 'postgres://rookery:hunter2@db/rookery' } }, sections);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(JSON.stringify(shown)).toContain('@db/rookery');
  });

  it('prints what a schema made of a value only by its kind', () => {
    expect(redactConfig({ store: { url: new Map([['a', 'secret']]) } }, sections)).toEqual({
      store: { url: '[object Map]' },
    });
  });
});
