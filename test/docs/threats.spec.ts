import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '../..');
const page = readFileSync(join(repository, 'docs/security/threats.md'), 'utf8');

/** `file`: "test", as the page cites them. */
const CITATION = /`((?:src|test)\/[\w./-]+\.spec\.ts)`: "([^"]+)"/g;
const citations = Array.from(page.matchAll(CITATION), ([, file = '', title = '']) => ({ file, title }));

/** The lines of a table, without its head. */
const rowsOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (threat|risk|---)/.test(line));

/** The names of the tests in a file that run; what is skipped or expected to fail shows nothing. */
function testNames(file: string): ReadonlySet<string> {
  const source = ts.createSourceFile(file, readFileSync(join(repository, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|test)\b(?!\.(skip|todo|fails))/.test(node.expression.getText())) {
      const [name] = node.arguments;
      if (name !== undefined && (ts.isStringLiteralLike(name) || ts.isTemplateExpression(name))) {
        names.add(ts.isStringLiteralLike(name) ? name.text : name.getText().slice(1, -1));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

describe('the page on threats', () => {
  it('cites many tests', () => {
    expect(citations.length).toBeGreaterThan(50);
  });

  it('cites tests that exist', () => {
    const missing = citations.filter(
      ({ file, title }) => !existsSync(join(repository, file)) || !testNames(file).has(title),
    );
    expect(missing).toEqual([]);
  });

  it.each(Array.from({ length: 12 }, (_, index) => `MCP-T${index + 1}`))('goes through %s of CoSAI', (category) => {
    const [, section = ''] = page.split(new RegExp(`^### ${category}: .+$`, 'm'));
    expect(rowsOf(section.split(/^##/m)[0] ?? '').length).toBeGreaterThan(2);
  });

  it.each(Array.from({ length: 10 }, (_, index) => `MCP${String(index + 1).padStart(2, '0')}:2025`))(
    'has a row for %s of OWASP',
    (risk) => {
      expect(rowsOf(page).filter((row) => row.startsWith(`| ${risk} `))).toHaveLength(1);
    },
  );

  it('says of every threat what shows the control, who will do it, or whose it is', () => {
    const [, lists = ''] = page.split(/^## CoSAI$/m);
    const open = rowsOf(lists).filter((row) => row.match(CITATION) === null && !/\*\*not (yet|ours):\*\* \S/.test(row));
    expect(open).toEqual([]);
  });
});
