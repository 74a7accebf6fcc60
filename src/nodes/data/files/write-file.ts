import { z } from 'zod';
import { ToolError, type FileRoots } from '../../../core/index.js';

/** Whether a file may be put in the place of another, as a parameter. */
export const overwrite = z
  .boolean()
  .default(false)
  .describe('Whether a file that is there is replaced. One with the same content always is left alone.');

/** What nodes that write files give. */
export const writtenFile = {
  file_path: z.string().describe('`root/folder/file`.'),
  bytes: z.int(),
  replaced: z.boolean().describe('Whether there was a file with other content.'),
};

/** See {@link writtenFile}. */
export interface WrittenFile {
  readonly file_path: string;
  readonly bytes: number;
  readonly replaced: boolean;
}

/** What bounds the writing of a file. */
export interface WriteOptions {
  readonly overwrite: boolean;
  readonly maxBytes: number;
}

/**
 * Puts a file into a root, whole or not at all. A repetition, of a step whose end nobody heard of, finds its own file and
 * changes nothing.
 *
 * @throws ToolError when it is too large, or a file with other content is there; ForbiddenError where nothing is written
 */
export async function writeFile(
  roots: FileRoots,
  path: string,
  content: Uint8Array,
  { overwrite: mayReplace, maxBytes }: WriteOptions,
): Promise<WrittenFile> {
  if (content.length > maxBytes) {
    throw new ToolError(
      `This file would have ${content.length} bytes, and at most ${maxBytes} are written (nodes.data.maxBytes).`,
    );
  }
  const place = await roots.resolve(path, { for: 'write' });
  try {
    const written = { file_path: place.name, bytes: content.length };
    if (place.exists && (await holds(roots, path, content))) return { ...written, replaced: false };
    if (place.exists && !mayReplace) {
      throw new ToolError(`${place.name} is there already, with other content. To replace it, set overwrite: true.`);
    }
    await place.write(content);
    return { ...written, replaced: place.exists };
  } finally {
    await place.close();
  }
}

async function holds(roots: FileRoots, path: string, content: Uint8Array): Promise<boolean> {
  const file = await roots.resolve(path, { for: 'read' });
  try {
    if (file.size !== content.length) return false;
    const found = await file.read(content.length);
    return found?.equals(content) === true;
  } finally {
    await file.close();
  }
}
