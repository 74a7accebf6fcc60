import { describe, expect, it } from 'vitest';
import { knowledgeOptions } from './knowledge.options.js';

describe('the section knowledge', () => {
  it('may be empty', () => {
    expect(knowledgeOptions.parse({})).toMatchObject({ enabled: true, folders: [], watch: true });
  });

  it.each([
    ['an unknown key', { folder: [] }],
    [
      'two folders of one name',
      {
        folders: [
          { name: 'a', path: 'x' },
          { name: 'a', path: 'y' },
        ],
      },
    ],
    ['a name that is a path', { folders: [{ name: '../a', path: 'x' }] }],
    ['an empty path', { folders: [{ name: 'a', path: '' }] }],
    ['an ending without a dot', { extensions: ['md'] }],
    ['no endings', { extensions: [] }],
    ['a size of nothing', { maxFileBytes: 0 }],
  ])('[S2] refuses %s', (_what, options) => {
    expect(knowledgeOptions.safeParse(options).success).toBe(false);
  });
});
