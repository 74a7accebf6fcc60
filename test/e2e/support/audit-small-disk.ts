import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
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

  /** @throws Error where it is no file system of its own, which only root can mount */
  assertMounted(): void {
    if (!this.#mounted)
      throw new Error(`No tmpfs could be mounted at ${this.folder}: run this test as root, with CAP_SYS_ADMIN.`);
  }

  /** Takes what room is left, to the last byte. */
  fill(): void {
    const chunk = Buffer.alloc(4 * 1024);
    const file = openSync(join(this.folder, '.filling'), 'a');
    try {
      for (;;) writeSync(file, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
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
