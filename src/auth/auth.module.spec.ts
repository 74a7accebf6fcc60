import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { CoreModule, policyOf } from '../core/index.js';
import { AuthModule, type AuthModuleOptions } from './auth.module.js';
import { AuthState } from './auth-state.js';
import { Public, RequireScopes } from './decorators.js';

const compile = (options: AuthModuleOptions) =>
  Test.createTestingModule({ imports: [CoreModule, AuthModule.forRoot(options)] }).compile();

describe('AuthModule', () => {
  it('refuses wrong options, all at once, with their keys', async () => {
    const options = { revocationSeconds: -1, attempts: { maxPerMinute: 0 }, jwt: { issuer: 'i', secret: 'x' } };
    await expect(compile(options)).rejects.toThrow(/auth\.revocationSeconds: [^]*auth\.attempts\.maxPerMinute: /);
    await expect(compile({ jwt: { issuer: 'i', secret: 'x' } })).rejects.toThrow(
      'auth.jwt.audience: is needed: without it a token for any other service of the issuer would do here',
    );
  });

  it('refuses the same key for two ids, without showing it', async () => {
    const secret = 'a-key-that-two-of-them-have';
    const start = compile({ apiKeys: { one: { secret }, two: { secret } } });
    await expect(start).rejects.toThrow('auth.apiKeys.two has the same key as auth.apiKeys.one');
    await expect(start).rejects.not.toThrow(secret);
  });

  it('says what is weak, for whoever decides whether the server is exposed', async () => {
    const module = await compile({ apiKeys: { 'admin-key': { permissions: ['admin'] } } });
    expect(module.get(AuthState).posture.map(({ severity }) => severity)).toEqual(['exposed', 'exposed']);
    await module.close();
  });

  it('takes a team that has strategies for authenticated', async () => {
    const strategies = [{ authenticate: () => undefined }];
    const module = await Test.createTestingModule({
      imports: [CoreModule, AuthModule.forRoot({ strategies })],
    }).compile();
    expect(module.get(AuthState)).toMatchObject({ required: true, posture: [] });
    await module.close();
  });
});

@Public()
class OpenThings {
  look(): void {
    // Only what decorates it matters.
  }

  @RequireScopes('things:write')
  change(): void {
    // Only what decorates it matters.
  }
}

describe('decorators', () => {
  it('put what they ask for into the policy, of a class and of a method', () => {
    const policy = (method: 'look' | 'change') => policyOf(OpenThings, Reflect.get(OpenThings.prototype, method));
    expect(policy('look')).toEqual({ requiresAuth: false });
    expect(policy('change')).toEqual({ requiresAuth: false, requiredScopes: ['things:write'] });
  });
});
