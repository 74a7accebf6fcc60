/**
 * Installs the git hooks of lefthook.yml; where there is no checkout, no lefthook or a CI server, does nothing.
 * A courtesy: it never fails an installation.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const lefthook = 'node_modules/lefthook/bin/index.js';
if (!process.env.CI && existsSync('.git') && existsSync(lefthook)) {
  const { status } = spawnSync(process.execPath, [lefthook, 'install'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.stderr.write('The git hooks were not installed; `npx lefthook install` tries again.\n');
}
