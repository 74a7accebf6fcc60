import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolError } from '../errors.js';
import { parseFilePath } from './file-path.js';

/** Made once, here: fast-check makes a table of all code points for it, which takes seconds on a busy machine. */
const anyText = fc.string({ unit: 'binary' });

describe('a path of a client', () => {
  it.each<[string, boolean, string[]]>([
    ['data/a.csv', false, ['data', 'a.csv']],
    ['./data//a.csv/', false, ['data', 'a.csv']],
    ['/srv/data/a.csv', true, ['srv', 'data', 'a.csv']],
    ['/', true, []],
    ['data/Übersicht 2026…(1).csv', false, ['data', 'Übersicht 2026…(1).csv']],
    ['data/a..b', false, ['data', 'a..b']],
  ])('%j is taken apart', (path, absolute, components) => {
    expect(parseFilePath(path)).toEqual({ absolute, components });
  });

  it.each([
    ['nothing', '', /is empty/],
    ['a climb', 'data/../etc/passwd', /holds "\.\."/],
    ['a climb at the end', 'data/..', /holds "\.\."/],
    ['a NUL byte', 'data/a.csv\0.png', /NUL byte/],
    ['a line break', 'data/a\nb', /control character/],
    ['a bidirectional override', 'data/a\u202Egnp.exe', /invisible character/],
    ['a zero-width space', 'data/.\u200B./a', /invisible character/],
    ['half a character', 'data/\uD800', /half a character/],
    ['a backslash', 'data\\..\\etc', /backslash/],
    ['a URL', 'file:///etc/passwd', /is a URL/],
    ['a hidden name', 'data/.env', /hidden/],
    ['a hidden folder', 'data/.git/config', /hidden/],
    ['a device of Windows', 'data/NUL', /reserved for a device/],
    ['a device with an ending', 'data/com1.txt', /reserved for a device/],
    ['a dot at the end', 'data/a.csv.', /ends in a dot/],
    ['a space at the end', 'data/a.csv ', /ends in a dot or a space/],
    ['full-width dots', 'data/\uFF0E\uFF0E/a', /looks like/],
    ['one dot leaders', 'data/\u2024\u2024/a', /looks like/],
    ['a full-width solidus', 'data/a\uFF0Fb', /looks like/],
    ['a division slash', 'data/a\u2215b', /looks like/],
    ['a long name', `data/${'ä'.repeat(128)}`, /more than 255 bytes/],
    ['a long path', `data/${'abc/'.repeat(1100)}`, /longer than 4095 bytes/],
    ['a deep path', `data/${'a/'.repeat(70)}`, /more than 64 parts/],
  ])('[N2] %s is refused', (_what, path, message) => {
    expect(() => parseFilePath(path)).toThrow(ToolError);
    expect(() => parseFilePath(path)).toThrow(message);
  });

  it('[N2] gives names that can not climb, or is refused, whatever it is', () => {
    const piece = fc.oneof(fc.constantFrom('/', '..', '.', '\\', '\0', '~', ' ', 'a', '．', '‥', '⁄'), anyText);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const names = namesOf(pieces.join(''));
        for (const name of names) {
          expect(name).not.toMatch(/[/\\\0]/);
          expect(name).not.toMatch(/^\.*$/);
          expect(name.normalize('NFKC')).not.toMatch(/^\.|[/\\]/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function namesOf(path: string): readonly string[] {
  try {
    return parseFilePath(path).components;
  } catch (thrown) {
    if (thrown instanceof ToolError) return [];
    throw thrown;
  }
}
