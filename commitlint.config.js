import rows from './test/architecture/rows.json' with { type: 'json' };

const folders = rows.flatMap((row) => row.folders ?? []);

/** A commit is about a folder of `src/`, or about one of the others here. */
const scopes = [...folders, 'repo', 'test', 'docs', 'ci', 'bench', 'deploy', 'examples'];

export default {
  extends: ['@commitlint/config-conventional'],
  rules: { 'scope-enum': [2, 'always', scopes] },
};
