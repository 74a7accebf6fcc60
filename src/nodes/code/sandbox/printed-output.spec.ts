import { describe, expect, it } from 'vitest';
import { PrintedOutput } from './printed-output.js';

const MARK = 'f'.repeat(32);

function printed(keep: number, ...chunks: readonly string[]): PrintedOutput {
  const output = new PrintedOutput(keep);
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return output;
}

describe('PrintedOutput', () => {
  it('knows its end by the mark, however it is cut', () => {
    const output = printed(100, 'text', MARK.slice(0, 10));
    expect(output.endsWith(MARK)).toBe(false);
    output.add(Buffer.from(MARK.slice(10)));
    expect(output.endsWith(MARK)).toBe(true);
    expect(output.read(MARK)).toEqual({ text: 'text' });
  });

  it('keeps the beginning and counts the rest', () => {
    expect(printed(4, 'abcdef', MARK).read(MARK)).toEqual({ text: 'abcd', truncated: 6 });
    expect(printed(4, 'abcd', MARK).read(MARK)).toEqual({ text: 'abcd' });
    expect(printed(4, 'abcdef').read(MARK)).toEqual({ text: 'abcd', truncated: 6 });
  });

  it('leaves out a character that it has half of', () => {
    expect(printed(3, 'aéé').read()).toEqual({ text: 'aé', truncated: 5 });
    expect(printed(2, 'aéé').read()).toEqual({ text: 'a', truncated: 5 });
  });

  it('keeps little of much', () => {
    const output = new PrintedOutput(10);
    for (let count = 0; count < 1_000; count++) output.add(Buffer.alloc(1_000, 'x'));
    expect(output.read()).toEqual({ text: 'x'.repeat(10), truncated: 1_000_000 });
  });
});
