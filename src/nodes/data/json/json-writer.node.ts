import { z } from 'zod';
import { InvalidArgumentsError } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { overwrite, writeFile, writtenFile, type WrittenFile } from '../files/write-file.js';
import { encoded } from '../text/text-encoding.js';

const parameters = z.strictObject({
  file_path: filePath,
  data: z.unknown().describe('The value; of jsonl a list, each element a line.'),
  format: z
    .enum(['auto', 'json', 'jsonl'])
    .default('auto')
    .describe('One value, or one in each line; `auto`: by the ending .jsonl or .ndjson.'),
  indent: z.int().min(0).max(8).default(2).describe('Spaces of json; 0 for one line.'),
  overwrite,
});

/** Writes a value as JSON, or the elements of a list as lines. */
@WorkflowNode({
  category: 'data',
  description: 'Write a JSON or JSON lines file.',
  parameters,
  output: z.strictObject(writtenFile),
  examples: [{ title: 'lines', parameters: { file_path: 'data/out.jsonl', data: [{ id: 1 }, { id: 2 }] } }],
})
export class JSONWriterNode extends Node<z.output<typeof parameters>, WrittenFile> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: z.output<typeof parameters>): Promise<WrittenFile> {
    const { file_path, data, format, indent } = given;
    const lines = format === 'jsonl' || (format === 'auto' && /\.(jsonl|ndjson)$/i.test(file_path));
    if (data === undefined) throw wrong('is required');
    if (lines && !Array.isArray(data)) throw wrong('must be a list: each element is a line');
    const text = lines
      ? (data as unknown[]).map((element) => `${JSON.stringify(element)}\n`).join('')
      : `${JSON.stringify(data, undefined, indent)}\n`;
    const { maxBytes } = this.settings.options;
    const { overwrite: mayReplace } = given;
    return await writeFile(this.files.roots, file_path, encoded(text, 'utf-8'), { overwrite: mayReplace, maxBytes });
  }
}

function wrong(message: string): InvalidArgumentsError {
  return new InvalidArgumentsError([{ path: 'data', message }], 'parameters of JSONWriterNode');
}
