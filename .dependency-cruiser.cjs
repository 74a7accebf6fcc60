/**
 * Who may import whom. The rows are data in test/architecture/rows.json, lowest first;
 * test/architecture/architecture.spec.ts applies these rules and shows that each of them bites.
 */
const rows = require('./test/architecture/rows.json');

const ENTRY = '^src/index\\.ts$';
const TESTING = '^src/testing/index\\.ts$';
const SPEC = '\\.spec\\.ts$';
/** Left out of the build, so that what is installed for development only is at hand. */
const NOT_BUILT = '\\.(spec|examples)\\.ts$';

const DATABASES = ['pg', 'pg-[^/]+', 'libsql', '@libsql', 'better-sqlite3', 'mysql2', 'mongodb', 'knex', 'typeorm'];
const QUEUES = ['redis', '@redis', 'ioredis', '@keyv', 'bullmq', '@nestjs/bullmq'];

const either = (names) => `(${names.join('|')})`;
const packages = (...names) => `(^|/node_modules/|^node_modules/)${either(names)}(/|$)`;

/** What belongs to a row: its folders, and the files that stand beside them. */
const membersOf = ({ folders = [], files = [] }) => [
  ...folders.map((folder) => `^src/${folder}/`),
  ...files.map((file) => `^src/${file.replaceAll('.', '\\.')}\\.ts$`),
];

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Twice the same rule: for specs it leaves `testing` open. */
const forbidExceptTesting = (name, comment, from, to) => [
  forbid(name, comment, { path: from, pathNot: SPEC }, to),
  forbid(
    name,
    comment,
    { path: from.map((path) => path.replace('^src/', `^src/(?=.*${SPEC})`)) },
    { ...to, pathNot: [...(to.pathNot ?? []), TESTING] },
  ),
];

const rowRules = rows.flatMap((row, index) => {
  const above = rows.slice(index + 1).flatMap(membersOf);
  const folders = `^src/${either(row.folders ?? [])}/`;
  return [
    ...(above.length > 0
      ? forbidExceptTesting('rows-point-down', 'A folder imports itself and lower rows.', membersOf(row), {
          path: above,
        })
      : []),
    ...(row.folders?.length > 1
      ? forbidExceptTesting('one-row-apart', 'Folders of one row meet by ports in a lower one.', [folders], {
          path: folders,
          pathNot: ['^src/$1/'],
        })
      : []),
  ];
});

/** A rule for each depth: the path of a folder must be one group. */
const ownIndexRules = ['[^/]+', '[^/]+/[^/]+', '[^/]+/[^/]+/[^/]+'].map((folder) =>
  forbid(
    'not-through-own-index',
    'An index is the door for others; from inside it makes cycles.',
    { path: `^src/(${folder})/` },
    { path: '^src/$1/index\\.ts$' },
  ),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rowRules,
    ...ownIndexRules,
    forbid(
      'through-the-index',
      'Another folder is entered through its index.ts only; each feature has its own.',
      { path: '^src/([^/]+)(/|\\.ts$)' },
      { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/features/[^/]+/index\\.ts$'] },
    ),
    forbid('no-cycles', 'Types included.', {}, { circular: true }),
    ...forbidExceptTesting(
      'features-use-the-public-entry',
      'A feature is written as a team would write it.',
      ['^src/features/'],
      { path: '^src/', pathNot: ['^src/features/', ENTRY] },
    ),
    forbid(
      'examples-use-the-public-entry',
      'An example shows what a team can do.',
      { path: '^examples/' },
      { path: '^src/', pathNot: ENTRY },
    ),
    forbid(
      'source-stands-alone',
      'What is packed does not need what is not.',
      { path: '^src/' },
      { path: `^${either(['test', 'examples', 'scripts', 'dist', 'dist-test'])}/` },
    ),
    forbid(
      'protocol-sdk-confined',
      "The wire's vocabulary stays at the edge; a spec may have the reference client.",
      { path: '^src/', pathNot: `^src/${either(['mcp', 'connectors', 'testing'])}/|${SPEC}` },
      { path: packages('@modelcontextprotocol') },
    ),
    forbid(
      'protocol-sdk-confined',
      'The reference client of a spec is the one that is installed for tests only.',
      { path: `^src/.*${SPEC}`, pathNot: `^src/${either(['mcp', 'connectors', 'testing'])}/` },
      { path: packages('@modelcontextprotocol/(?!sdk(/|$))[^/]+') },
    ),
    forbid(
      'clients-confined',
      'Databases, Redis and queues are reached through ports.',
      { path: '^src/', pathNot: '^src/adapters/' },
      {
        path: packages(...DATABASES, ...QUEUES),
      },
    ),
    forbid(
      'duckdb-confined',
      'Tables are read by adapters and by the nodes for data.',
      { path: '^src/', pathNot: '^src/(adapters|nodes/data)/' },
      { path: packages('@duckdb') },
    ),
    forbid(
      'declared-dependencies',
      'What a user does not get with the package cannot be imported by it.',
      { path: '^src/', pathNot: NOT_BUILT },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-optional', 'npm-peer'],
      },
    ),
    forbid('resolvable', 'Every import leads somewhere.', { path: '^src/' }, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
