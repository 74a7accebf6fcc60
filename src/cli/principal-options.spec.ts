import { describe, expect, it } from 'vitest';
import { readAttributes, readGrants } from './principal-options.js';

describe('readGrants', () => {
  it('takes each role and permission once', () => {
    const given = { role: ['analyst', 'analyst'], permission: ['read', 'write', 'read'] };
    expect(readGrants(given, ['analyst'])).toEqual({ roles: ['analyst'], permissions: ['read', 'write'] });
    expect(readGrants({}, [])).toEqual({ roles: [], permissions: [] });
  });

  it('refuses a role that does not exist, naming those that do', () => {
    expect(() => readGrants({ role: ['analist'] }, ['admin', 'analyst'])).toThrow(
      'there is no role analist; did you mean analyst? the roles are: admin, analyst',
    );
    expect(() => readGrants({ role: ['x'] }, [])).toThrow('there is no role x; permissions.roles has none');
    expect(() => readGrants({ role: ['toString'] }, ['admin'])).toThrow('there is no role toString');
  });

  it.each(['', 'x'.repeat(129)])('refuses the permission %j', (name) => {
    expect(() => readGrants({ permission: [name] }, [])).toThrow('--permission takes a name of 1 to 128 characters');
  });
});

describe('readAttributes', () => {
  it('reads JSON as JSON and the rest as text', () => {
    const pairs = [
      'clearance=3',
      'department=finance',
      'code="3"',
      'groups=["a"]',
      'empty=',
      'sum=a=b',
      'employee=007',
    ];
    expect(readAttributes(pairs)).toEqual({
      clearance: 3,
      department: 'finance',
      code: '3',
      groups: ['a'],
      empty: '',
      sum: 'a=b',
      employee: '007',
    });
    expect(readAttributes()).toEqual({});
  });

  it('keeps a name that prototypes have as a name', () => {
    expect(Object.keys(readAttributes(['__proto__=1']))).toEqual(['__proto__']);
  });

  it.each([
    [['novalue'], 'takes name=value, not "novalue"'],
    [['=1'], 'takes name=value'],
    [['a=1', 'a=2'], '--attribute a is given twice'],
  ])('refuses %j', (pairs, message) => {
    expect(() => readAttributes(pairs)).toThrow(message);
  });
});
