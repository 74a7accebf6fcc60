import { describe, expect, it } from 'vitest';
import { redisOptions } from './redis.options.js';
import { storeOptions } from './store.options.js';

const accepts = (url: string): boolean => storeOptions.safeParse({ url }).success;

describe('the section store', () => {
  it('keeps state in a file below the working directory by default', () => {
    expect(storeOptions.parse({})).toEqual({
      url: 'file:./.rookery/rookery.db',
      connections: {},
      poolSize: 10,
      busyTimeoutMs: 5_000,
      statementTimeoutMs: 10_000,
      synchronous: 'normal',
    });
  });

  it('takes files, PostgreSQL and memory', () => {
    const urls = ['file:a.db', 'file:///a.db', 'postgres://u:p@h:5432/d', 'postgresql://h/d', 'memory:', ':memory:'];
    expect(urls.filter((url) => !accepts(url))).toEqual([]);
    const others = ['', 'a.db', 'file:', 'postgres:', 'libsql://host', 'mysql://h/d', 'http://h', 'xfile:a'];
    expect(others.filter(accepts)).toEqual([]);
  });

  it('takes further databases by any name but that of the store', () => {
    const names = ['a', 'Sales-2', 'toString'];
    for (const name of names)
      expect(storeOptions.parse({ connections: { [name]: 'memory:' } }).connections).toEqual({ [name]: 'memory:' });
    for (const name of ['store', '', '1a', 'a b']) {
      expect(storeOptions.safeParse({ connections: { [name]: 'memory:' } }).success).toBe(false);
    }
  });
});

describe('the section redis', () => {
  it('is off by default', () => expect(redisOptions.parse({}).url).toBeUndefined());

  it('takes redis: and rediss: only', () => {
    const wrong = ['', 'redis:', 'http://h', 'unix:/tmp/redis.sock'];
    expect(wrong.filter((url) => redisOptions.safeParse({ url }).success)).toEqual([]);
    expect(redisOptions.parse({ url: 'rediss://u:p@h:6379/1' }).keyPrefix).toBe('rookery:');
  });
});
