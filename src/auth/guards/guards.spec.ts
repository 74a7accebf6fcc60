import { describe, expect, it } from 'vitest';
import {
  Call,
  InsufficientScopeError,
  NO_ARGUMENTS,
  PolicyKeys,
  UnauthenticatedError,
  type CallGuard,
  type Policy,
  type Principal,
  type Target,
} from '../../core/index.js';
import { configuredKeys } from '../api-keys/configured-keys.js';
import { AuthClock } from '../auth-clock.js';
import { authOptions } from '../auth.options.js';
import { AuthState } from '../auth-state.js';
import { PrincipalGuard } from './principal.guard.js';
import { ScopeGuard, Scopes } from './scope.guard.js';
import { ScopeHierarchy } from './scopes.js';

const ADA: Principal = { id: 'ada', roles: [], permissions: [], attributes: {} };
const ON = { apiKeys: { reports: { secret: 'a-key-of-the-reports-service' } } };

function stateOf(section: object): AuthState {
  const options = authOptions.parse(section);
  return new AuthState(options, configuredKeys(options.apiKeys), false);
}

/** What a guard throws at a call, or `undefined`. */
function check(guard: CallGuard, policy: Policy, principal?: Principal): unknown {
  const target = {
    kind: 'tool',
    name: 'tool',
    policy,
    input: { jsonSchema: NO_ARGUMENTS, parse: (value: unknown) => ({ ok: true, value }) },
  } as unknown as Target;
  try {
    return void guard.prepare(target)?.(new Call({ kind: 'tool', name: 'tool', input: {}, principal }));
  } catch (thrown) {
    return thrown;
  }
}

describe('PrincipalGuard', () => {
  const clock = Object.assign(new AuthClock(), { now: () => 1000 });
  const guard = (section: object) => new PrincipalGuard(stateOf(section), clock, new PolicyKeys());

  it.each([
    ['on, nothing said', ON, {}, true],
    ['on, requiresAuth: true', ON, { requiresAuth: true }, true],
    ['on, requiresAuth: false', ON, { requiresAuth: false }, false],
    ['off, nothing said', {}, {}, false],
    ['off, requiresAuth: true', {}, { requiresAuth: true }, true],
    ['on by stored keys', { storedKeys: true }, {}, true],
  ])('[A5] nobody: authentication %s', (_what, section, policy, refused) => {
    expect(check(guard(section), policy)).toEqual(refused ? new UnauthenticatedError() : undefined);
    expect(check(guard(section), policy, ADA)).toBeUndefined();
  });

  it('refuses a principal whose credential has ended since', () => {
    expect(check(guard(ON), {}, { ...ADA, expiresAt: 1001 })).toBeUndefined();
    for (const policy of [{}, { requiresAuth: false }]) {
      expect(check(guard(ON), policy, { ...ADA, expiresAt: 1000 })).toBeInstanceOf(UnauthenticatedError);
    }
  });

  it('makes its policy keys known', () => {
    const keys = new PolicyKeys();
    expect(keys.faultsOf({ requiresAuth: false })).toEqual(['unknown option "requiresAuth"']);
    expect(new PrincipalGuard(stateOf({}), clock, keys)).toBeDefined();
    expect(keys.faultsOf({ requiresAuth: false, requiredScopes: ['read'] })).toEqual([]);
    expect(keys.faultsOf({ requiredScopes: [] })).toEqual([
      'option "requiredScopes": name a scope, or leave the key out',
    ]);
    expect(keys.faultsOf({ requiredScopes: ['read write'] })).toHaveLength(1);
  });
});

describe('ScopeGuard', () => {
  const section = {
    ...ON,
    oauth: {
      authorizationServers: ['https://id.example.com'],
      scopes: { admin: ['write'], write: ['read'], a: ['b'], b: ['a'] },
    },
  };
  const state = stateOf(section);
  const guard = new ScopeGuard(state, new Scopes(state));
  const withScopes = (...scopes: string[]) => ({ ...ADA, scopes });

  it('[A3] asks for every scope, and names all of them', () => {
    const thrown = check(guard, { requiredScopes: ['read', 'call'] }, withScopes('read'));
    expect(thrown).toBeInstanceOf(InsufficientScopeError);
    expect((thrown as InsufficientScopeError).scopes).toEqual(['read', 'call']);
    expect(check(guard, { requiredScopes: ['read', 'call'] }, withScopes('call', 'read'))).toBeUndefined();
  });

  it('[A3] knows which scopes imply others, over several steps and in circles', () => {
    expect(check(guard, { requiredScopes: ['read'] }, withScopes('admin'))).toBeUndefined();
    expect(check(guard, { requiredScopes: ['admin'] }, withScopes('read'))).toBeInstanceOf(InsufficientScopeError);
    expect(check(guard, { requiredScopes: ['a'] }, withScopes('b'))).toBeUndefined();
    expect(new ScopeHierarchy({ write: ['read'] }).grants(['constructor', '__proto__'], 'read')).toBe(false);
  });

  it('limits tokens without scopes, not principals that know none', () => {
    expect(check(guard, { requiredScopes: ['read'] }, withScopes())).toBeInstanceOf(InsufficientScopeError);
    expect(check(guard, { requiredScopes: ['read'] }, ADA)).toBeUndefined();
  });

  it('has nothing to say of a target without scopes, and wants somebody for one with them', () => {
    expect(guard.prepare({ policy: {} } as Target)).toBeUndefined();
    expect(check(guard, { requiredScopes: ['read'] })).toBeInstanceOf(UnauthenticatedError);
  });
});
