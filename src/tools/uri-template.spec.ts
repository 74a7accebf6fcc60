import { posix, win32 } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileUriTemplate } from './uri-template.js';

describe('compileUriTemplate', () => {
  it.each([
    ['note://{id}', 'note://7', { id: '7' }],
    ['binary://{type}/{id}', 'binary://image/a', { type: 'image', id: 'a' }],
    ['binary://{type}/{id}', 'binary://image/a%20b', { type: 'image', id: 'a b' }],
    ['file:///{+path}', 'file:///a/b/c.txt', { path: 'a/b/c.txt' }],
    ['repo://{owner}/{+path}/raw', 'repo://x/a/b/raw', { owner: 'x', path: 'a/b' }],
    ['v1.0://{id}', 'v1.0://a', { id: 'a' }],
    ['note://{id}', 'note://%F0%9F%A6%9C', { id: '🦜' }],
    ['note://{id}', 'note://...', { id: '...' }],
    ['note://{id}', 'note://%252e%252e', { id: '%2e%2e' }],
    ['note://{id}', 'note://a\nb', { id: 'a\nb' }],
  ])('finds in %s that %j carries %j', (template, uri, values) => {
    expect(compileUriTemplate(template).match(uri)).toEqual(values);
  });

  it.each([
    ['a further segment', 'binary://{type}/{id}', 'binary://image/a/b'],
    ['an empty segment', 'binary://{type}/{id}', 'binary:///a'],
    ['a missing segment', 'binary://{type}/{id}', 'binary://image'],
    ['another scheme', 'note://{id}', 'nota://7'],
    ['something in front', 'note://{id}', 'x note://7'],
    ['a query', 'note://{id}', 'note://7?x=1'],
    ['any character for a dot', 'v1.0://{id}', 'v1x0://a'],
    ['an encoded slash', 'note://{id}', 'note://a%2Fb'],
    ['a backslash', 'note://{id}', String.raw`note://a\b`],
    ['an encoded backslash', 'note://{id}', 'note://a%5cb'],
    ['a dot segment', 'note://{id}', 'note://..'],
    ['an encoded dot segment', 'note://{id}', 'note://%2e%2E'],
    ['half an encoded dot segment', 'file:///{+path}', 'file:///a/.%2e/.%2e/etc/passwd'],
    ['a dot segment behind an encoded slash', 'file:///{+path}', 'file:///a%2f..%2f..%2fetc/passwd'],
    ['a dot segment behind a backslash', 'file:///{+path}', String.raw`file:///a\..\..\secret`],
    ['a NUL', 'note://{id}', 'note://a%00.png'],
    ['an overlong encoding', 'note://{id}', 'note://%c0%ae%c0%ae'],
    ['a broken encoding', 'note://{id}', 'note://%zz'],
    ['more than eight thousand characters', 'note://{id}', `note://${'a'.repeat(8_192)}`],
  ])('does not match %s', (_what, template, uri) => {
    expect(compileUriTemplate(template).match(uri)).toBeUndefined();
  });

  it.each([
    ['note://{?q}', /uses "\{\?q\}"; only \{name\} and \{\+path\} are served/],
    ['note://{id*}', /uses "\{id\*\}"/],
    ['note://{a,b}', /uses "\{a,b\}"/],
    ['note://{}', /uses "\{\}"/],
    ['note://{id}/{id}', /names "id" twice/],
  ])('refuses the template %s', (template, message) => {
    expect(() => compileUriTemplate(template)).toThrow(message);
  });

  it('names its variables in order', () => {
    expect(compileUriTemplate('a://{x}/{+y}').variables).toEqual(['x', 'y']);
  });

  it('gives back every value that can be one segment', () => {
    const value = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !/[/\\\0]/.test(text) && text !== '.' && text !== '..');
    const template = compileUriTemplate('a://{x}/b.c/{y}');
    fc.assert(
      fc.property(value, value, (x, y) => {
        expect(template.match(`a://${encodeURIComponent(x)}/b.c/${encodeURIComponent(y)}`)).toEqual({ x, y });
      }),
    );
  });

  /** Texts of the pieces that attempts to climb out consist of. */
  const hostile = fc
    .array(
      fc.constantFrom(
        '.',
        '..',
        '%2e',
        '%2E%2e',
        '/',
        '//',
        '%2f',
        '\\',
        '%5C',
        '%00',
        '%25',
        '%c0%ae',
        'a',
        'etc',
        '#',
        '?',
        'C:',
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join(''));

  it('never gives a value that leaves its segment', () => {
    const template = compileUriTemplate('note://{id}');
    fc.assert(
      fc.property(hostile, (text) => {
        const id = template.match(`note://${text}`)?.['id'] ?? 'fine';
        expect(posix.dirname(posix.join('/root', id))).toBe('/root');
        expect(win32.dirname(win32.join(String.raw`D:\root`, id))).toBe(String.raw`D:\root`);
        expect(id).not.toContain('\0');
      }),
      { numRuns: 2_000 },
    );
  });

  it('never gives a path that leaves the folder it is joined to', () => {
    const template = compileUriTemplate('file:///{+path}');
    fc.assert(
      fc.property(hostile, (text) => {
        const path = template.match(`file:///${text}`)?.['path'] ?? 'fine';
        expect(posix.join('/root', path)).toMatch(/^\/root(\/|$)/);
        expect(win32.join(String.raw`D:\root`, path)).toMatch(/^D:\\root(\\|$)/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is done at once with a URI that almost matches', () => {
    const started = performance.now();
    compileUriTemplate('a://{+x}/{+y}/end').match(`a://${'/'.repeat(8_000)}`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
