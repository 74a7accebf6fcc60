import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolError } from '../../index.js';
import { decode, encode } from './file-content.js';

describe('the content of a file', () => {
  it('comes back as it was written, in either encoding', () => {
    const same = fc.property(fc.uint8Array(), fc.string({ unit: 'grapheme' }), (bytes, text) => {
      const given = Buffer.from(bytes);
      return decode(encode(given, 'base64'), 'base64').equals(given) && encode(decode(text, 'utf-8'), 'utf-8') === text;
    });
    expect(fc.check(same).failed).toBe(false);
  });

  it('keeps a byte order mark', () => {
    expect(encode(Buffer.from('\uFEFFa'), 'utf-8')).toBe('\uFEFFa');
  });

  it.each(['a', 'ab=c', '====', 'ab-_', 'ab c', 'YQ=', 'YQ==\n'])('refuses %j as base64', (content) => {
    expect(() => decode(content, 'base64')).toThrow(ToolError);
  });

  it('refuses bytes that are no text', () => {
    expect(() => encode(Buffer.from([0xc3, 0x28]), 'utf-8')).toThrow(/is no UTF-8 text/);
  });
});
