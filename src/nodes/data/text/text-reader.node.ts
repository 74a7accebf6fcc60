import { z } from 'zod';
import { encoding, filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { readText } from '../files/read-text.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';

const parameters = z.strictObject({ file_path: filePath, encoding });

const output = z.strictObject({
  text: z.string(),
  file_path: z.string(),
  bytes: z.int(),
  lines: z.int(),
  modified_at: z.string(),
});

/** Reads a text file as a whole. */
@WorkflowNode({
  category: 'data',
  description: 'Read a text file.',
  parameters,
  output,
  readOnly: true,
  examples: [{ title: 'a note', parameters: { file_path: 'data/notes.txt' } }],
})
export class TextReaderNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: z.output<typeof parameters>, { signal }: NodeContext): Promise<z.output<typeof output>> {
    const { maxBytes } = this.settings.options;
    const read = await readText(this.files.roots, given.file_path, { encoding: given.encoding, maxBytes, signal });
    const ends = read.text.match(/\r\n|\n|\r/g)?.length ?? 0;
    const lines = read.text === '' || /[\r\n]$/.test(read.text) ? ends : ends + 1;
    const { text, name, size, modifiedAt } = read;
    return { text, file_path: name, bytes: size, lines, modified_at: modifiedAt.toISOString() };
  }
}
