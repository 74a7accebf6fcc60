import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** What reading a file gave: its text, or why it is no document. */
export type ReadDocument = { readonly text: string } | { readonly skip: 'unreadable' | 'too_large' | 'not_text' };

/**
 * Reads a text file of at most so many bytes. What the scan saw may have been exchanged since: a link is not followed,
 * a pipe does not block, and only what was opened is measured.
 *
 * Bytes that are not UTF-8 become replacement characters; a NUL says that this is no text at all.
 */
export async function readDocument(path: string, maxBytes: number): Promise<ReadDocument> {
  let file: FileHandle | undefined;
  try {
    // Absent on Windows, where links need a privilege anyway.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants> & { O_RDONLY: number };
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!(await file.stat()).isFile()) return { skip: 'unreadable' };
    const bytes = await readAtMost(file, maxBytes + 1);
    if (bytes.length > maxBytes) return { skip: 'too_large' };
    return bytes.includes(0) ? { skip: 'not_text' } : { text: new TextDecoder().decode(bytes) };
  } catch {
    return { skip: 'unreadable' };
  } finally {
    await file?.close();
  }
}

async function readAtMost(file: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let length = 0; length < limit;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(65_536, limit - length)));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(chunks);
}
