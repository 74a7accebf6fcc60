/**
 * `npm test`: builds, checks format, lint and types, runs every test; the last line is `N passed, N failed`,
 * in which each step counts as one test. `npm test -- <arguments>` builds and hands the arguments to vitest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = {
  oxlint: 'node_modules/oxlint/bin/oxlint',
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  tsc: 'node_modules/ts7/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
};
const node = (...args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;

const given = process.argv.slice(2);
if (given.length > 0) {
  const steps = [node('scripts/ensure-built.mjs', '--tests'), node(bin.vitest, 'run', ...given)];
  process.exit(steps.every(Boolean) ? 0 : 1);
}

const total = { passed: 0, failed: 0 };

function step(name, ...args) {
  console.log(`\n== ${name}`);
  const begun = performance.now();
  const passed = node(...args);
  console.log(`== ${name} ${passed ? 'passed' : 'FAILED'} in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  total[passed ? 'passed' : 'failed'] += 1;
}

step('build', 'scripts/ensure-built.mjs', '--tests');
step('format', bin.prettier, '--check', '.');
step('lint', bin.oxlint);
step('types', bin.tsc, '-p', 'tsconfig.json');
const tests = vitest();
total.passed += tests.passed;
total.failed += tests.failed;

console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Counts from vitest's own report. A file that did not load, an unhandled error or a crash is one failure more. */
function vitest() {
  console.log('\n== tests');
  const folder = mkdtempSync(join(tmpdir(), 'rookery-test-'));
  const report = join(folder, 'report.json');
  try {
    const succeeded = node(bin.vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const broken = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    ).length;
    const failed = numFailedTests + broken;
    return { passed: numPassedTests, failed: succeeded ? failed : Math.max(failed, 1) };
  } catch (error) {
    console.error('vitest left no report:', error);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
