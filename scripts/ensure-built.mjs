/**
 * Builds `dist` (with `--tests` also `dist-test`) when a source is newer than the last build, or there is none.
 * Everything is written to stderr: stdout may be a protocol stream.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const projects = [{ config: 'tsconfig.build.json', stamp: 'dist/.tsbuildinfo', sources: ['src'] }];
if (process.argv.includes('--tests')) {
  projects.push({ config: 'tsconfig.test.json', stamp: 'dist-test/.tsbuildinfo', sources: ['src', 'test'] });
}

/** What a package manager put below a source folder does not make our build old. */
const foreign = new Set(['node_modules']);

/** The newest change below `path`; a folder's own time tells of files that were removed. */
function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const children = readdirSync(path).filter((name) => !foreign.has(name));
  return children.reduce((time, name) => Math.max(time, newest(join(path, name))), found.mtimeMs);
}

for (const { config, stamp, sources } of projects) {
  const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const inputs = [...sources, config, 'tsconfig.json', 'package.json', 'package-lock.json'];
  if (built > 0 && inputs.every((path) => newest(path) <= built)) continue;

  const begun = new Date();
  process.stderr.write(`building ${stamp.split('/')[0]} (${built ? 'sources have changed' : 'not built yet'})\n`);
  const tsc = spawnSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', config], { stdio: ['ignore', 2, 2] });
  // The time of the start, so that what changes meanwhile is built next time; the epoch, so that a failure is repeated.
  if (existsSync(stamp)) utimesSync(stamp, begun, tsc.status === 0 ? begun : new Date(0));
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}

// A package manager does this when it installs; `npx rookery` in this folder runs what was built here.
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
