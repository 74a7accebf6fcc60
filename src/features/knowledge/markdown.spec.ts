import { describe, expect, it } from 'vitest';
import { markdownSections } from './markdown.js';

const titles = (text: string): readonly string[] => markdownSections(text, 'page').map(({ title }) => title);

describe('Markdown', () => {
  it('is split at headings, titled by all that apply', () => {
    const text = '# Guide\nhello\n## Install\nrun it\n### Windows\nclick\n## Use\ncall it\n# Appendix\nend\n';
    expect(markdownSections(text, 'page')).toEqual([
      { title: 'Guide', text: 'hello' },
      { title: 'Guide › Install', text: 'run it' },
      { title: 'Guide › Install › Windows', text: 'click' },
      { title: 'Guide › Use', text: 'call it' },
      { title: 'Appendix', text: 'end' },
    ]);
  });

  it('goes by its file where no heading of the first level does', () => {
    expect(titles('before\n## One\ntext')).toEqual(['page', 'page › One']);
  });

  it('takes the title of its front matter, which is not its text', () => {
    const text = '---\ntitle: "The guide"\ndraft: true\n---\nhello\n## One\ntext';
    expect(markdownSections(text, 'page')).toEqual([
      { title: 'The guide', text: 'hello' },
      { title: 'The guide › One', text: 'text' },
    ]);
  });

  it('knows underlined headings', () => {
    expect(titles('Guide\n=====\nhello\n\nInstall\n-------\nrun')).toEqual(['Guide', 'Guide › Install']);
  });

  it.each([
    ['a rule', 'a\n\n---\n\nb'],
    ['a rule under a list', '- a\n- b\n---\nb'],
    ['a rule under a longer paragraph', 'one line\nanother line\n---\nb'],
    ['a comment in a fence', '```sh\n# comment\n```\nb'],
    ['an underlined line in a fence', '~~~\ntext\n---\n~~~\nb'],
    ['a fence in a longer fence', '````\n```\n# no\n```\n# no\n````\nb'],
    ['an indented line', '    # code\nb'],
    ['a hash without a space', '#hashtag\nb'],
    ['an open fence', '```\n# never closed'],
  ])('takes no heading from %s', (_what, text) => {
    expect(titles(text)).toEqual(['page']);
  });

  it('shows headings as a reader sees them', () => {
    expect(titles('# The `cache` *of* [tools](a.md) ##\nx')).toEqual(['The cache of tools']);
    expect(titles('# C#\nx')).toEqual(['C#']);
  });

  it('of headings alone is found by them', () => {
    expect(markdownSections('# Guide\n## One', 'page')).toEqual([{ title: 'Guide › One', text: '' }]);
    expect(markdownSections('', 'page')).toEqual([]);
  });

  it('takes time by its length, whatever it holds', () => {
    const hostile = [
      ' '.repeat(200_000),
      '['.repeat(200_000),
      '#'.repeat(200_000),
      '`'.repeat(200_000),
      '-'.repeat(200_000),
    ];
    const start = performance.now();
    for (const line of hostile)
      markdownSections(`---\ntitle:${line}\n# a${line}x\n# [${line}\n${line}\n${line}=`, 'page');
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
