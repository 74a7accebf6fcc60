import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.js';

const NONCE = 'a'.repeat(32);

function reading(...chunks: readonly string[]): AnswerReader {
  const reader = new AnswerReader(100);
  for (const chunk of chunks) reader.add(Buffer.from(chunk));
  return reader;
}

describe('AnswerReader', () => {
  it('reads an answer however it is cut', () => {
    const reader = reading();
    for (const character of `${NONCE} 4 12\n{"a"`) {
      expect(reader.answer(NONCE)).toEqual({ state: 'partial' });
      reader.add(Buffer.from(character));
    }
    expect(reader.answer(NONCE)).toEqual({ state: 'whole', body: Buffer.from('{"a"'), marked: '12' });
  });

  it('reads the line before the answer', () => {
    const reader = reading('{}', '\n', NONCE);
    expect(reader.line()).toBe('{}');
    expect(reader.answer(NONCE)).toEqual({ state: 'partial' });
  });

  it.each([
    ['x'],
    [`${'b'.repeat(32)} 2 12\n{}`],
    [`${NONCE} -1 12\n`],
    [`${NONCE} 1e9 12\n`],
    [`\n${NONCE} 2 12\n{}`],
  ])('[N3] takes nothing else for an answer: %s', (text) =>
    expect(reading(text).answer(NONCE)).toEqual({ state: 'forged' }),
  );

  it('[N3] gives up an answer that is too large before it is read', () => {
    expect(reading(`${NONCE} 101 12\n`).answer(NONCE)).toEqual({ state: 'too-large' });
  });

  it('gives up a line without an end', () => {
    expect(reading('x'.repeat(5_000)).line()).toBe('');
  });
});
