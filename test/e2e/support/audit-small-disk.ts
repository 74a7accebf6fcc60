import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file system of 256 KiB. Where it cannot be mounted (without root), its room is taken from this process by its limit
 * on the size of a file, which Node.js reports as an error too.
 */
export class SmallDisk {
  readonly #mounted: boolean;

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#mounted = tried(() => run('mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder));
    if (this.#mounted) writeFileSync(join(folder, '.ballast'), Buffer.alloc(64 * 1024));
    else run('prlimit', `--pid=${process.pid}`, `--fsize=${128 * 1024}:`);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Makes it as large as is needed. */
  makeRoom(): void {
    if (this.#mounted && existsSync(this.folder)) run('mount', '-o', 'remount,size=16m', this.folder);
    else run('prlimit', `--pid=${process.pid}`, '--fsize=unlimited:');
  }

  remove(): void {
    if (this.#mounted) run('umount', this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'ignore' });
}

function tried(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
