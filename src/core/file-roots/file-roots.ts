import { realpath, stat } from 'node:fs/promises';
import { resolve as absolute, join } from 'node:path';
import { ForbiddenError, ToolError } from '../errors.js';
import { descend, type Place } from './descend.js';
import { FilePlace, ListableFolder, ReadableFile } from './file-handles.js';
import { parseFilePath } from './file-path.js';
import { Folder, hasDescriptorPaths } from './folder.js';

/** A folder that is served, and what may be done in it. Reading and listing always may. */
export interface FileRootOptions {
  /** The folder; a relative path begins at the working directory. */
  readonly path: string;
  /** Whether files may be written. @default false */
  readonly write?: boolean | undefined;
  /** Whether files may be deleted. @default false */
  readonly delete?: boolean | undefined;
}

/** What is to be done with what a path names. */
export type FileUse = 'read' | 'list' | 'write' | 'delete';

/** How a descriptor's folder is reached; for tests of what other systems do. */
export interface FileRootsSettings {
  /** @default whether the system can */
  readonly byDescriptor?: boolean;
}

interface Root extends Required<FileRootOptions> {
  readonly name: string;
  /** The folder with its links resolved, and as it was configured. */
  readonly locations: readonly [string, string];
}

/**
 * The folders whose files clients may name, and the only way from a client's path to a file.
 *
 * A path is `root/folder/file.txt`, or absolute inside a root. Refused are `..`, absolute paths outside, links that lead
 * out wherever they stand in the path, hidden and reserved names, NUL bytes, characters that only look like separators,
 * and whatever is no regular file. On Linux the descent goes from open folder to open folder, so that nobody can swap
 * a part of the path in between; elsewhere (macOS) what was opened is compared with its path again, which leaves a gap
 * of microseconds for writing and deleting.
 *
 * Not covered: hard links and mounts that whoever owns the folder puts into it. They are inside.
 */
export class FileRoots {
  readonly #roots: ReadonlyMap<string, Root>;
  readonly #byDescriptor: boolean;

  private constructor(roots: readonly Root[], { byDescriptor = hasDescriptorPaths() }: FileRootsSettings) {
    this.#roots = new Map(roots.map((root) => [root.name, root]));
    this.#byDescriptor = byDescriptor;
  }

  /** @throws Error listing every root that is no folder, is all of the disk, or lies in another. */
  static async open(
    options: Readonly<Record<string, FileRootOptions>>,
    settings: FileRootsSettings = {},
  ): Promise<FileRoots> {
    const faults: string[] = [];
    const roots: Root[] = [];
    if (process.platform === 'win32' && Object.keys(options).length > 0) {
      throw new Error('Roots of files need Linux or macOS: Windows can not open a path without following its links.');
    }
    for (const [name, { path, write = false, delete: remove = false }] of Object.entries(options)) {
      const real = await folderAt(path);
      if (real === undefined) faults.push(`- ${name}: there is no folder ${absolute(path)}`);
      else if (real === '/') faults.push(`- ${name}: all of the disk can not be a root`);
      else roots.push({ name, path, write, delete: remove, locations: [real, absolute(path)] });
    }
    for (const { name, locations } of roots) {
      const outer = roots.find((other) => other.name !== name && isInside(locations[0], other.locations[0]));
      if (outer !== undefined) faults.push(`- ${name}: it lies in the root ${outer.name}, whose rules would apply too`);
    }
    if (faults.length > 0) throw new Error(`The roots of files are wrong:\n${faults.join('\n')}`);
    return new FileRoots(roots, settings);
  }

  /** The names of the roots, in the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#roots.keys()];
  }

  /**
   * Finds what a path names and opens it, or the folder it is in; whoever asked closes it.
   *
   * @throws ToolError saying what is wrong with the path, or what is not there; ForbiddenError when the root does not
   * allow the use.
   */
  async resolve(path: string, options: { readonly for: 'read' }): Promise<ReadableFile>;
  async resolve(path: string, options: { readonly for: 'list' }): Promise<ListableFolder>;
  async resolve(path: string, options: { readonly for: 'write' | 'delete' }): Promise<FilePlace>;
  async resolve(
    path: string,
    { for: use }: { readonly for: FileUse },
  ): Promise<ReadableFile | ListableFolder | FilePlace> {
    const { root, names } = this.#find(path);
    if ((use === 'write' && !root.write) || (use === 'delete' && !root.delete)) {
      const what = use === 'write' ? 'written' : 'deleted';
      throw new ForbiddenError(`Insufficient file permissions: files of the root "${root.name}" can not be ${what}.`);
    }
    const followLast = use === 'read' || use === 'list';
    const top = await Folder.open(root.locations[0], this.#byDescriptor);
    const place = await descend(top, names, { locations: root.locations, followLast });
    const name = [root.name, ...names].join('/');
    if (use === 'read') return readable(name, root.name, place);
    if (use === 'list') return listable(name, root.name, place);
    return target(name, root.name, place, use);
  }

  #find(path: string): { readonly root: Root; readonly names: readonly string[] } {
    const { absolute: isAbsolute, components } = parseFilePath(path);
    const known = this.#roots.size === 0 ? 'there are no roots yet' : `the roots are: ${this.names.join(', ')}`;
    if (isAbsolute) {
      const whole = `/${components.join('/')}`;
      for (const root of this.#roots.values()) {
        const location = root.locations.find((candidate) => isInside(whole, candidate));
        if (location !== undefined) {
          return { root, names: whole.slice(location.length).split('/').filter(Boolean) };
        }
      }
      throw new ToolError(`Invalid file path: it is absolute and lies outside; ${known}.`);
    }
    const [first, ...names] = components;
    const root = first === undefined ? undefined : this.#roots.get(first);
    if (root === undefined) throw new ToolError(`Invalid file path: it must begin with the name of a root; ${known}.`);
    return { root, names };
  }
}

async function readable(name: string, root: string, { folder, name: last, status }: Place): Promise<ReadableFile> {
  try {
    if (last === undefined || status?.isDirectory() === true) {
      throw new ToolError('This is a folder; it can be listed, not read.');
    }
    const handle = await folder.file(last);
    const { size, mtime } = await handle.stat();
    const path = folder.byDescriptor ? `/proc/self/fd/${handle.fd}` : join(folder.location, last);
    return new ReadableFile(name, root, handle, size, mtime, path);
  } finally {
    await folder.close();
  }
}

async function listable(name: string, root: string, { folder, name: last, status }: Place): Promise<ListableFolder> {
  if (last === undefined) return new ListableFolder(name, root, folder);
  try {
    if (status === undefined) throw new ToolError('There is no such folder.');
    if (!status.isDirectory()) throw new ToolError('This is no folder; only folders are listed.');
    return new ListableFolder(name, root, await folder.folder(last));
  } finally {
    await folder.close();
  }
}

async function target(
  name: string,
  root: string,
  { folder, name: last, status }: Place,
  use: 'write' | 'delete',
): Promise<FilePlace> {
  if (last !== undefined && (status === undefined ? use === 'write' : status.isFile())) {
    return new FilePlace(name, root, folder, last, status !== undefined);
  }
  await folder.close();
  if (status === undefined && last !== undefined) throw new ToolError('There is no such file.');
  throw new ToolError('This is no regular file; only files are written and deleted.');
}

/** The folder's path with its links resolved; `undefined` when there is none. */
async function folderAt(path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  const status = real === undefined ? undefined : await stat(real).catch(() => undefined);
  return status?.isDirectory() === true ? real : undefined;
}

/** Whether a path is a folder or below it: `/data2` is not in `/data`. */
function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
