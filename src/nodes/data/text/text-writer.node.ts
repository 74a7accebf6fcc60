import { z } from 'zod';
import { filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { overwrite, writeFile, writtenFile, type WrittenFile } from '../files/write-file.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { encoded, writtenEncoding } from './text-encoding.js';

const parameters = z.strictObject({
  file_path: filePath,
  text: z.string().describe('What the file is to have.'),
  encoding: writtenEncoding,
  bom: z.boolean().default(false).describe('Whether a byte order mark comes first.'),
  overwrite,
});

/** Writes a text file, whole or not at all. */
@WorkflowNode({
  category: 'data',
  description: 'Write a text file.',
  parameters,
  output: z.strictObject(writtenFile),
  examples: [{ title: 'a note', parameters: { file_path: 'data/note.txt', text: 'Done.\n' } }],
})
export class TextWriterNode extends Node<z.output<typeof parameters>, WrittenFile> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run({
    file_path,
    text,
    encoding,
    bom,
    overwrite: mayReplace,
  }: z.output<typeof parameters>): Promise<WrittenFile> {
    const { maxBytes } = this.settings.options;
    return await writeFile(this.files.roots, file_path, encoded(text, encoding, bom), {
      overwrite: mayReplace,
      maxBytes,
    });
  }
}
