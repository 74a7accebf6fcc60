/**
 * Puts the samples of docs/samples into the pages: a fence ```ts source="docs/samples/<file>#<region>" shows that
 * region of that file. `--write` brings the pages up to date. `--check` changes nothing and ends with 1 when a page is
 * not, when a region is shown nowhere, or when more than three lines of TypeScript stand in a page without a source.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'docs/samples';
const SOURCED = /^```ts source="([^"]+)"\n([\s\S]*?)^```$/gm;
const UNSOURCED = /^```(?:ts|typescript)\n([\s\S]*?)^```$/gm;
const MOST_LINES = 3;

/** What a sample imports, and what a reader imports instead. */
const IMPORTS = [
  [/'\.\.\/\.\.\/src\/index\.js'/g, "'rookery'"],
  [/'\.\.\/\.\.\/src\/testing\/index\.js'/g, "'rookery/testing'"],
  [/'\.\/([\w.-]+)\.examples\.js'/g, "'./$1.js'"],
];

const write = process.argv.includes('--write');
if (write === process.argv.includes('--check')) {
  console.error('usage: node scripts/doc-samples.mjs --write | --check');
  process.exit(2);
}

const samples = new Map(readdirSync(FOLDER).flatMap((file) => [...regionsOf(`${FOLDER}/${file}`)]));
const unused = new Set(samples.keys());
const faults = [];
for (const page of pages()) update(page);
for (const name of unused) faults.push(`${name}: no page shows this region`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

function pages() {
  const below = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path));
  return ['README.md', 'CONTRIBUTING.md', ...below.filter((path) => path.endsWith('.md'))];
}

function update(page) {
  const before = readFileSync(page, 'utf8');
  const after = before.replaceAll(SOURCED, (fence, source) => {
    const sample = samples.get(source);
    unused.delete(source);
    if (sample === undefined) faults.push(`${page}: there is no region ${source}`);
    return sample === undefined ? fence : `\`\`\`ts source="${source}"\n${sample}\n\`\`\``;
  });
  for (const [, text] of before.matchAll(UNSOURCED)) {
    const lines = text.split('\n').length - 1;
    if (lines > MOST_LINES) faults.push(`${page}: a sample of ${lines} lines has no source, so nobody compiles it`);
  }
  if (after === before) return;
  if (write) writeFileSync(page, after);
  else faults.push(`${page}: its samples are out of date; run node scripts/doc-samples.mjs --write`);
}

/** The regions of a file by their name; one inside another belongs to both. */
function* regionsOf(file) {
  const open = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const begun = /^\s*\/\/#region (\S+)$/.exec(line)?.[1];
    if (begun !== undefined) open.push({ name: `${file}#${begun}`, lines: [] });
    else if (/^\s*\/\/#endregion$/.test(line)) {
      const { name, lines } = open.pop();
      yield [name, shown(lines.join('\n'))];
    } else for (const { lines } of open) lines.push(line);
  }
}

function shown(text) {
  return IMPORTS.reduce((result, [from, to]) => result.replaceAll(from, to), text.trim());
}
