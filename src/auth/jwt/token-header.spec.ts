import { describe, expect, it } from 'vitest';
import { HeaderRules } from './token-header.js';

const tokenWith = (header: unknown): string => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.c2ln`;

describe('HeaderRules', () => {
  it.each([
    [{ alg: 'HS256' }, undefined],
    [{ alg: 'HS256', typ: 'AT+JWT' }, undefined],
    [{ alg: 'none' }, 'algorithm'],
    [{ typ: 'JWT' }, 'algorithm'],
    [{ alg: 'HS256', crit: ['exp'] }, 'malformed'],
    [{ alg: 'HS256', typ: 'logout+jwt' }, 'token_type'],
    ['HS256', 'malformed'],
  ])('of %j says %s, whatever was good before, and each time', (header, fault) => {
    const rules = new HeaderRules(['HS256']);
    expect(rules.fault(tokenWith({ alg: 'HS256', typ: 'JWT' }))).toBeUndefined();
    expect([rules.fault(tokenWith(header)), rules.fault(tokenWith(header))]).toEqual([fault, fault]);
  });

  it('tells headers apart that begin like a good one', () => {
    const rules = new HeaderRules(['HS256']);
    const good = tokenWith({ alg: 'HS256' });
    expect(rules.fault(good)).toBeUndefined();
    expect([rules.fault(`${good.slice(0, 4)}.e30.c2ln`), rules.fault('.e30.c2ln')]).toEqual(['malformed', 'malformed']);
  });

  it('remembers no header that is long', () => {
    const rules = new HeaderRules(['HS256']);
    const long = tokenWith({ alg: 'HS256', kid: 'k'.repeat(4096) });
    expect([rules.fault(long), rules.fault(long)]).toEqual([undefined, undefined]);
    expect(rules.fault(tokenWith({ alg: 'HS512' }))).toBe('algorithm');
  });
});
