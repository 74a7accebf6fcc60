import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { pagesBelow } from './pages.js';

const repository = join(import.meta.dirname, '../..');
const pages = new Map(pagesBelow(repository).map((page) => [page.path, page]));
const names = [...pages.keys()].map((path) => relative(repository, path));

it('there are pages with links', () => {
  expect(names).toContain('README.md');
  expect(names).toContain(join('docs', 'guide', 'tools.md'));
  expect([...pages.values()].flatMap(({ links }) => links).length).toBeGreaterThan(50);
});

it.each(names)('%s links to what is there', (name) => {
  const page = pages.get(join(repository, name));
  expect(page?.links.filter((link) => !isExternal(link) && !resolves(link, page.path))).toEqual([]);
});

it('every page of the guide is listed in the index', () => {
  const index = pages.get(join(repository, 'docs/README.md'));
  const guide = names.filter((name) => name.startsWith(join('docs', 'guide'))).map((name) => relative('docs', name));
  expect(guide.filter((name) => index?.links.includes(name.replaceAll('\\', '/')) !== true)).toEqual([]);
});

function isExternal(link: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(link);
}

/** The file exists, and so does the heading, where one is named. */
function resolves(link: string, from: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : join(dirname(from), decodeURIComponent(file));
  if (!existsSync(path)) return false;
  return anchor === undefined || pages.get(path)?.anchors.has(decodeURIComponent(anchor)) === true;
}
