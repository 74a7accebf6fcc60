import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what `folder`'s lockfile names, unless that is there already. npm writes its own copy of the lock last. */
export async function install(folder: string): Promise<void> {
  if (changed(join(folder, 'package-lock.json')) <= changed(join(folder, 'node_modules/.package-lock.json'))) return;
  process.stderr.write(`npm ci in ${folder}\n`);
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 300_000,
  });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm ci failed in ${folder} (${code ?? 'took too long'}).`);
}

function changed(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
