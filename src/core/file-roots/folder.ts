import { constants, existsSync, type Stats } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** Whether what an open descriptor refers to can be reached by a path, as on Linux. */
export function hasDescriptorPaths(): boolean {
  return existsSync('/proc/self/fd');
}

/**
 * An open folder. What is in it is reached through its descriptor where the system allows that, so that nobody can put
 * something else in its place or in that of a folder above; elsewhere by its path, and checked again after opening.
 */
export class Folder {
  private constructor(
    private readonly handle: FileHandle,
    /** Where it was when it was opened: absolute, links resolved. */
    readonly location: string,
    /** Whether what is in here is reached through the descriptor. */
    readonly byDescriptor: boolean,
  ) {}

  /** @param location - absolute, links resolved */
  static async open(location: string, byDescriptor: boolean): Promise<Folder> {
    return Folder.#checked(location, location, byDescriptor);
  }

  static async #checked(path: string, location: string, byDescriptor: boolean): Promise<Folder> {
    const handle = await opened(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const folder = new Folder(handle, location, byDescriptor);
    await folder.#confirm(handle, location);
    return folder;
  }

  /** A path that reaches what has this name in here, now. */
  at(name: string): string {
    return this.byDescriptor ? `/proc/self/fd/${this.handle.fd}/${name}` : join(this.location, name);
  }

  /** A path that reaches this folder while it is open. */
  get path(): string {
    return this.byDescriptor ? `/proc/self/fd/${this.handle.fd}` : this.location;
  }

  /** What has this name, links not followed; `undefined` when nothing has. @throws ToolError when it may not be asked. */
  async status(name: string): Promise<Stats | undefined> {
    try {
      return await lstat(this.at(name));
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return undefined;
      throw explained(thrown);
    }
  }

  /** Where a link points, as it was written. */
  async link(name: string): Promise<string> {
    return readlink(this.at(name)).catch((thrown: unknown) => {
      throw codeOf(thrown) === 'EINVAL' ? changed(thrown) : explained(thrown);
    });
  }

  /** Opens a folder in here. @throws ToolError when it is none, or became something else. */
  async folder(name: string): Promise<Folder> {
    return Folder.#checked(this.at(name), join(this.location, name), this.byDescriptor);
  }

  /**
   * Opens a file for reading. Nothing that isn't a regular file is opened: opening a device may already do something,
   * and a FIFO would block.
   *
   * @throws ToolError when it is no regular file, or became something else.
   */
  async file(name: string): Promise<FileHandle> {
    const before = await this.status(name);
    if (before !== undefined && !before.isFile()) throw notAFile();
    const handle = await opened(this.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    await this.#confirm(handle, join(this.location, name));
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw notAFile();
  }

  /** Writes the folder's entries to the disk, so that a rename in it lasts. */
  async sync(): Promise<void> {
    await this.handle.sync();
  }

  /** Whether this is still the folder that its path leads to. @throws ToolError when it isn't. */
  async confirm(): Promise<void> {
    await this.#check(this.handle, this.location);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Closes what turns out to be something else than what its path leads to. */
  async #confirm(handle: FileHandle, location: string): Promise<void> {
    try {
      await this.#check(handle, location);
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  }

  async #check(handle: FileHandle, location: string): Promise<void> {
    if (this.byDescriptor) return;
    const [real, there, held] = await Promise.all([
      realpath(location).catch(() => undefined),
      lstat(location).catch(() => undefined),
      handle.stat(),
    ]);
    if (real !== location || there?.ino !== held.ino || there.dev !== held.dev) throw changed();
  }
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  return open(path, flags).catch((thrown: unknown) => {
    throw explained(thrown);
  });
}

/** What the system refused, for the client; whatever else goes wrong stays as it is. */
export function explained(thrown: unknown): unknown {
  switch (codeOf(thrown)) {
    case 'ENOENT':
      return new ToolError('There is no such file or folder.', undefined, { cause: thrown });
    case 'ELOOP':
    case 'ENOTDIR':
      return changed(thrown);
    case 'EISDIR':
    case 'ENXIO':
    case 'ENODEV':
      return notAFile(thrown);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ToolError('The system does not let this server do that there.', undefined, { cause: thrown });
    case 'ENAMETOOLONG':
      return new ToolError('Invalid file path: it is too long for this file system.', undefined, { cause: thrown });
    case 'ENOSPC':
    case 'EDQUOT':
      return new ToolError('There is no space left for this file.', undefined, { cause: thrown });
    default:
      return thrown;
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

function changed(cause?: unknown): ToolError {
  return new ToolError('The path was changed while it was being opened; try again.', undefined, { cause });
}

function notAFile(cause?: unknown): ToolError {
  return new ToolError('This is no regular file: folders, devices, pipes and sockets are not read.', undefined, {
    cause,
  });
}
