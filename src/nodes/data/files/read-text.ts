import { ToolError, type FileRoots } from '../../../core/index.js';
import { decodedText } from '../text/text-decoding.js';

/** How a file is read as a whole. */
export interface ReadTextOptions {
  readonly encoding: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A text file with its name. */
export interface WholeText {
  readonly name: string;
  readonly text: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** The text of a file of a root. @throws ToolError when it is larger than `maxBytes`, or not of the encoding */
export async function readText(
  roots: FileRoots,
  path: string,
  { encoding, maxBytes, signal }: ReadTextOptions,
): Promise<WholeText> {
  const file = await roots.resolve(path, { for: 'read' });
  try {
    const { name, size, modifiedAt } = file;
    if (size > maxBytes) throw tooLarge(name, maxBytes);
    let text = '';
    for await (const piece of decodedText(file, encoding, signal)) {
      text += piece;
      // It may have grown since it was opened.
      if (text.length > maxBytes) throw tooLarge(name, maxBytes);
    }
    return { name, text, size, modifiedAt };
  } finally {
    await file.close();
  }
}

function tooLarge(name: string, maxBytes: number): ToolError {
  return new ToolError(
    `${name} has more than ${maxBytes} bytes, the most that is read at once (nodes.data.maxBytes). Read a part of it, or use a node that streams.`,
  );
}
