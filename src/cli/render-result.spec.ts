import { describe, expect, it } from 'vitest';
import { renderResult } from './render-result.js';

describe('renderResult', () => {
  const content = [{ type: 'text', text: 'fallback' }];

  it('prints structured data as indented lines', () => {
    const structuredContent = { mean: 2.5, range: { min: 1, max: 4 } };
    expect(renderResult({ isError: false, content, structuredContent })).toBe(
      'mean: 2.5\nrange:\n  min: 1\n  max: 4\n',
    );
  });

  it('prints the text of a failure', () => {
    expect(renderResult({ isError: true, content, structuredContent: { a: 1 } })).toBe('fallback\n');
  });

  it('prints texts, JSON ones as lines, and names what a terminal cannot show', () => {
    const blocks = [
      { type: 'text', text: 'hello' },
      { type: 'text', text: '{"a":1}' },
      { type: 'text', text: '[not json' },
      { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      { type: 'resource_link', uri: 'doc://1', name: 'one' },
      { type: 'resource', resource: { uri: 'doc://2', text: 'inside' } },
      { type: 'resource', resource: { uri: 'doc://3', blob: 'AAAA' } },
      { type: 'new' },
    ];
    expect(renderResult({ isError: false, content: blocks })).toBe(
      'hello\na: 1\n\n[not json\n[image: image/png, 3 bytes]\n[resource: doc://1]\ninside\n[resource: doc://3]\n[new]\n',
    );
  });
});
