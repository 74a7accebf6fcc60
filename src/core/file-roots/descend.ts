import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import { ToolError } from '../errors.js';
import { Folder } from './folder.js';

/** Where a descent ended. The folder is open and belongs to whoever asked. */
export interface Place {
  readonly folder: Folder;
  /** The last name of the path in that folder; `undefined` when the path ends at the folder itself. */
  readonly name: string | undefined;
  /** What has that name; `undefined` when nothing has. */
  readonly status: Stats | undefined;
}

/** How a descent begins, and what it does at the end. */
export interface DescentOptions {
  /** Every way to write where the root is: absolute. Links that point to such a path stay inside. */
  readonly locations: readonly string[];
  /** Whether a link at the very end is followed; otherwise it is refused. */
  readonly followLast: boolean;
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Goes down from a root, name by name, each opened in the one before it, so that no link is ever followed by the system.
 * Links are read and followed here, and those that lead out are refused, wherever in the path they stand.
 *
 * @param root - open; belongs to the descent from now on
 * @throws ToolError when the way leads out, or is none.
 */
export async function descend(root: Folder, names: readonly string[], options: DescentOptions): Promise<Place> {
  const descent = new Descent(root, names, options);
  try {
    return await descent.run();
  } catch (thrown) {
    await descent.closeAll();
    throw thrown;
  }
}

class Descent {
  /** From the root to where we are; all open. */
  #folders: Folder[];
  #pending: readonly string[];
  #links = 0;

  constructor(
    root: Folder,
    names: readonly string[],
    private readonly options: DescentOptions,
  ) {
    this.#folders = [root];
    this.#pending = names;
  }

  async run(): Promise<Place> {
    for (;;) {
      const [name, ...rest] = this.#pending;
      this.#pending = rest;
      if (name === undefined) return this.#end(undefined, undefined);
      if (name === '..') {
        await this.#up();
        continue;
      }
      const isLast = rest.length === 0;
      const status = await this.#here.status(name);
      if (status?.isSymbolicLink() === true) await this.#follow(name, isLast);
      else if (isLast) return this.#end(name, status);
      else await this.#enter(name, status);
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => folder.close()));
    this.#folders = [];
  }

  get #here(): Folder {
    return this.#folders.at(-1) as Folder;
  }

  async #end(name: string | undefined, status: Stats | undefined): Promise<Place> {
    const folder = this.#folders.pop() as Folder;
    await this.closeAll();
    return { folder, name, status };
  }

  async #enter(name: string, status: Stats | undefined): Promise<void> {
    if (status === undefined) throw new ToolError('There is no such folder.');
    if (!status.isDirectory()) throw new ToolError('A part of the path that should be a folder is none.');
    this.#folders.push(await this.#here.folder(name));
  }

  /** Names from clients hold no `..`; links may, and climb no further than the root. */
  async #up(): Promise<void> {
    if (this.#folders.length === 1) throw leadsOut();
    await this.#folders.pop()?.close();
  }

  async #follow(name: string, isLast: boolean): Promise<void> {
    if (isLast && !this.options.followLast) {
      throw new ToolError('This is a link, and only what is no link is written and deleted.');
    }
    if (++this.#links > MOST_LINKS) throw new ToolError('The path leads through too many links.');
    const target = await this.#here.link(name);
    if (target.startsWith('/')) {
      const inside = this.#inRoot(target);
      const [root, ...below] = this.#folders as [Folder, ...Folder[]];
      this.#folders = [root];
      await Promise.all(below.map((folder) => folder.close()));
      this.#pending = [...inside, ...this.#pending];
    } else {
      this.#pending = [...namesOf(target), ...this.#pending];
    }
  }

  #inRoot(target: string): readonly string[] {
    for (const location of this.options.locations) {
      if (target === location || target.startsWith(location + sep)) return namesOf(target.slice(location.length));
    }
    throw leadsOut();
  }
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function leadsOut(): ToolError {
  return new ToolError('The path leads out of its root through a link.');
}
