import { describe, expect, it } from 'vitest';
import { loadSdk } from './sdk.js';

const missing = (name: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from sdk.js`), { code: 'ERR_MODULE_NOT_FOUND' });

describe('loading the SDK', () => {
  it('has everything that the adapter uses', async () => {
    const sdk = await loadSdk();
    expect(Object.values(sdk).every((part) => part !== undefined)).toBe(true);
  });

  it('says what to install when it is missing', async () => {
    const cause = missing('@modelcontextprotocol/sdk');
    await expect(loadSdk(() => Promise.reject(cause))).rejects.toMatchObject({
      message: expect.stringContaining('npm install @modelcontextprotocol/sdk@1'),
      cause,
    });
  });

  it.each([missing('hono'), new Error('broken')])('does not hide another failure: %s', async (failure) => {
    const fail = async (): Promise<never> => {
      throw failure;
    };
    await expect(loadSdk(fail)).rejects.toBe(failure);
  });
});
