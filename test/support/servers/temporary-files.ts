import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of one test file, gone after it. */
export class TemporaryFiles {
  readonly #folders: string[] = [];

  /** A path in a new folder. */
  async path(name: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-test-'));
    this.#folders.push(folder);
    return join(folder, name);
  }

  /** Removes a file somewhere else as well, with what SQLite puts beside it. */
  adopt(path: string): void {
    this.#folders.push(path, `${path}-wal`, `${path}-shm`);
  }

  async remove(): Promise<void> {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}
