import { describe, expect, it } from 'vitest';
import { optionalPackage } from './optional-package.js';

describe('optionalPackage', () => {
  it('gives what was loaded', async () => {
    expect(await optionalPackage('a', 'Something', async () => await Promise.resolve(7))).toBe(7);
  });

  it('says how to install what is missing', async () => {
    const name = 'rookery-has-no-such-package';
    const loading = optionalPackage(name, 'redis.url', async () => await import(/* @vite-ignore */ name));
    await expect(loading).rejects.toThrow(
      `redis.url needs the package "${name}", which is not installed. Run: npm install ${name}`,
    );
  });

  it('does not take another failure for a missing package', async () => {
    const inside = Object.assign(new Error("Cannot find module 'something-else'"), { code: 'MODULE_NOT_FOUND' });
    const loading = optionalPackage('libsql', 'A file', async () => await Promise.reject(inside));
    await expect(loading).rejects.toBe(inside);
  });
});
