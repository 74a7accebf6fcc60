import { describe, expect, it } from 'vitest';
import { isContentBlock, isToolResult } from './content.js';

const block = { type: 'text', text: 'a' };

describe('isContentBlock', () => {
  it.each(['text', 'image', 'audio', 'resource', 'resource_link'])('knows a block of type %s', (type) => {
    expect(isContentBlock({ type })).toBe(true);
  });

  it.each([null, undefined, 'text', { type: 'video' }, { type: ['text'] }, {}, []])('takes %j for data', (value) => {
    expect(isContentBlock(value)).toBe(false);
  });
});

describe('isToolResult', () => {
  it.each([{ content: [] }, { content: [block] }, { content: [block], isError: true }])('knows %j', (value) => {
    expect(isToolResult(value)).toBe(true);
  });

  it.each([null, 'text', block, [block], { content: 'a' }, { content: block }, { content: [block, 1] }])(
    'takes %j for data',
    (value) => {
      expect(isToolResult(value)).toBe(false);
    },
  );
});
