import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PolicyKeys } from './policy.js';
import type { Policy } from './target-parts.js';

describe('PolicyKeys', () => {
  it('accept what somebody enforces', () => {
    const keys = new PolicyKeys();
    keys.define('requiredRoles', z.array(z.string()).min(1));
    expect(keys.faultsOf({ tags: ['finance'], requiredRoles: ['admin'] })).toEqual([]);
  });

  it('refuse a protection that nobody enforces, and every other fault with it', () => {
    const keys = new PolicyKeys();
    keys.define('cacheTtl', z.number().min(0));
    expect(keys.faultsOf({ tags: [''], requiredRole: 'admin', cacheTtl: -1 } as Policy)).toEqual([
      expect.stringMatching(/^option "tags": /),
      'unknown option "requiredRole"',
      expect.stringMatching(/^option "cacheTtl": /),
    ]);
  });

  it('are each server’s own', () => {
    new PolicyKeys().define('cacheTtl', z.number());
    expect(new PolicyKeys().faultsOf({ cacheTtl: 1 })).toEqual(['unknown option "cacheTtl"']);
  });
});
