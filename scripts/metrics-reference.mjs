/**
 * Writes the tables of all metrics into docs/guide/metrics.md, from where the code defines them; with `--check` it changes
 * nothing and ends with 1 when the page says something else; with `--json` it prints the definitions.
 *
 * It reads the sources, as no server that could be asked has every part: `telemetry.counter({ name, help, labels })` and
 * its kin, with nothing but literals. It ends with an error when a definition says anything else, and when a text of the
 * sources names a metric that it found nowhere: what it cannot read must not be missing from the page in silence.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const PAGE = 'docs/guide/metrics.md';
const [BEGIN, END] = ['<!-- begin: metrics -->', '<!-- end: metrics -->'];
const TYPES = new Set(['counter', 'gauge', 'histogram']);

/** Folders in the order of the page; a folder that is not here comes last, under its own name. */
const TITLES = {
  pipeline: 'Calls',
  mcp: 'Clients and the wire',
  auth: 'Who calls',
  permissions: 'Permissions',
  resilience: 'Limits, breakers, queues',
  cache: 'Cache',
  audit: 'Audit trail',
  adapters: 'Databases and Redis',
  monitoring: 'The server itself',
  core: 'The metrics themselves',
  nodes: 'Nodes and language models',
};

/** What a histogram is read as. */
const SUFFIX = /_(?:bucket|sum|count)$/;

function definitions() {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .toSorted();
  const known = new Map();
  const named = [];
  for (const path of files) {
    const source = ts.createSourceFile(path, readFileSync(join('src', path), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node) => {
      const found = definitionOf(node, source);
      if (found !== undefined) {
        const before = known.get(found.name);
        const { folder: _folder, ...definition } = found;
        if (before !== undefined && JSON.stringify({ ...before, folder: undefined }) !== JSON.stringify(definition)) {
          throw new Error(`${path}: ${found.name} is defined twice, and not the same; say it in one place.`);
        }
        known.set(found.name, before ?? found);
      }
      const name = metricNamedBy(node);
      if (name !== undefined) named.push({ name, place: placeOf(node, source) });
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  for (const { name, place } of named) {
    if (known.has(name) || known.get(name.replace(SUFFIX, ''))?.type === 'histogram') continue;
    throw new Error(
      `${place}: no definition of ${name} was found; define it as telemetry.counter({ name: '…' }) does.`,
    );
  }
  return [...known.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function definitionOf(node, source) {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const type = node.expression.name.text;
  if (!TYPES.has(type)) return undefined;
  const [argument] = node.arguments;
  const wrong = (what) => new Error(`${placeOf(node, source)}: ${what}; the page on metrics is written from literals.`);
  if (argument === undefined || !ts.isObjectLiteralExpression(argument)) throw wrong('the metric is no object literal');
  const member = (key) =>
    argument.properties.find((property) => ts.isPropertyAssignment(property) && property.name.getText(source) === key)
      ?.initializer;
  const text = (value, key) => {
    if (value === undefined || !ts.isStringLiteralLike(value)) throw wrong(`its ${key} is no literal text`);
    return value.text;
  };
  const labels = member('labels');
  if (labels !== undefined && !ts.isArrayLiteralExpression(labels)) throw wrong('its labels are no literal list');
  return {
    name: text(member('name'), 'name'),
    type,
    labels: (labels?.elements ?? []).map((label) => text(label, 'label')),
    help: text(member('help'), 'help'),
    folder: source.fileName.split('/')[0],
  };
}

/** The metric that a text of the sources is the name of; what is put together from pieces is the name of none. */
function metricNamedBy(node) {
  if (ts.isTemplateHead(node)) return node.text.startsWith('rookery_') ? `${node.text}…` : undefined;
  return ts.isStringLiteralLike(node) && /^rookery_\w+$/.test(node.text) ? node.text : undefined;
}

function placeOf(node, source) {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `src/${source.fileName}:${line + 1}`;
}

function tables(all) {
  const folders = [...new Set([...Object.keys(TITLES), ...all.map(({ folder }) => folder)])];
  return folders
    .map((folder) => ({ folder, own: all.filter((one) => one.folder === folder) }))
    .filter(({ own }) => own.length > 0)
    .map(({ folder, own }) => {
      const rows = own.map(({ name, type, labels, help }) => {
        const listed = labels.map((label) => `\`${label}\``).join(', ');
        return `| \`${name}\` | ${type} | ${listed} | ${help.replaceAll('|', String.raw`\|`)} |`;
      });
      const title = TITLES[folder] ?? folder[0].toUpperCase() + folder.slice(1);
      return [
        `### ${title}`,
        '',
        '| metric | type | labels | what it says |',
        '| --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}

const all = definitions();
const [argument] = process.argv.slice(2);
if (argument === '--json') {
  console.log(JSON.stringify(all, null, 2));
} else {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} needs the lines ${BEGIN} and ${END}.`);
  const written = `${page.slice(0, begin + BEGIN.length)}\n\n${tables(all)}\n\n${page.slice(end)}`;
  if (argument === '--check') {
    if (written !== page) {
      console.error(`${PAGE} does not say what the code defines. Run: node scripts/metrics-reference.mjs`);
      process.exitCode = 1;
    } else console.error(`${PAGE} is up to date`);
  } else writeFileSync(PAGE, written);
}
