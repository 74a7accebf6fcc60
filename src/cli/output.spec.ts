import { describe, expect, it } from 'vitest';
import { columns, firstLine, printable } from './output.js';

describe('output', () => {
  it('aligns columns without trailing space', () => {
    expect(
      columns([
        ['a', 'first', ''],
        ['longer', 'x'],
      ]),
    ).toBe('a       first\nlonger  x\n');
    expect(columns([])).toBe('');
  });

  it('takes the first line and cuts it', () => {
    expect(firstLine('\n one\ntwo')).toBe('one');
    expect(firstLine('x'.repeat(200), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  it('lets no text of a server steer the terminal', () => {
    expect(printable('a\u001b[31mred\u001b]0;title\u0007\rb\tc\nd\u009b2J')).toBe('ared]0;titleb\tc\nd2J');
  });
});
