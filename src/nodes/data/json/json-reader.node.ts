import { z } from 'zod';
import { ToolError } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { encoding, filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { readText } from '../files/read-text.js';
import { rowLimit } from '../row-limit.js';
import { atPath } from './json-path.js';
import { readJsonLines } from './json-lines.js';

const parameters = z.strictObject({
  file_path: filePath,
  format: z
    .enum(['auto', 'json', 'jsonl'])
    .default('auto')
    .describe('One value, or one in each line; `auto`: by the ending .jsonl or .ndjson.'),
  path: z
    .string()
    .max(1_000)
    .default('')
    .describe('Where in the value the data is: `orders[0].lines`, `items[*].id`. Of json only.'),
  encoding,
  max_rows: z
    .int()
    .min(1)
    .optional()
    .describe('Elements of a list at the most. Default: as many as the server allows.'),
  on_error: z.enum(['error', 'skip']).default('error').describe('What a line of jsonl brings about that is no JSON.'),
});

const output = z.strictObject({
  data: z.unknown().describe('The value, or the list of those of the lines.'),
  rows: z.int().nullable().describe('Elements, if it is a list.'),
  truncated: z.boolean().describe('Whether there are more elements than were given.'),
  skipped_rows: z.int().describe('Faulty lines that were passed over.'),
  skipped: z.array(z.strictObject({ line: z.int(), reason: z.string() })).describe('The first 20 of them.'),
});

type Parameters = z.output<typeof parameters>;
type Output = z.output<typeof output>;

/** Reads JSON, or JSON lines; of those a file of any size, up to the rows asked for. */
@WorkflowNode({
  category: 'data',
  description: 'Read a JSON or JSON lines file.',
  parameters,
  output,
  readOnly: true,
  examples: [
    { title: 'a part of a file', parameters: { file_path: 'data/orders.json', path: 'orders' } },
    { title: 'lines', parameters: { file_path: 'data/events.jsonl', max_rows: 100 } },
  ],
})
export class JSONReaderNode extends Node<Parameters, Output> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: Parameters, { signal }: NodeContext): Promise<Output> {
    const { maxRows, maxBytes, maxFieldBytes } = this.settings.options;
    const limit = rowLimit(given.max_rows, maxRows);
    const lines = given.format === 'jsonl' || (given.format === 'auto' && /\.(jsonl|ndjson)$/i.test(given.file_path));
    if (!lines) return this.#whole(given, limit, maxBytes, signal);
    if (given.path !== '') throw new ToolError('`path` is for json; of lines, MapNode takes parts.');
    const file = await this.files.roots.resolve(given.file_path, { for: 'read' });
    try {
      const skipFaulty = given.on_error === 'skip';
      return await readJsonLines(file, {
        encoding: given.encoding,
        maxRows: limit,
        maxBytes,
        maxLine: maxFieldBytes,
        skipFaulty,
        signal,
      });
    } finally {
      await file.close();
    }
  }

  async #whole(given: Parameters, limit: number, maxBytes: number, signal: AbortSignal): Promise<Output> {
    const { encoding: read } = given;
    const { name, text } = await readText(this.files.roots, given.file_path, { encoding: read, maxBytes, signal });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new ToolError(
        `${name} is no JSON${place(text, cause)}. For one value in each line set format: "jsonl".`,
        undefined,
        { cause },
      );
    }
    const data = atPath(value, given.path);
    if (!Array.isArray(data)) return { data, rows: null, truncated: false, skipped_rows: 0, skipped: [] };
    const elements = data.slice(0, limit) as unknown[];
    const truncated = elements.length < data.length;
    return { data: elements, rows: elements.length, truncated, skipped_rows: 0, skipped: [] };
  }
}

/** The parser quotes the text in its message, so only the place is taken from it. */
function place(text: string, cause: unknown): string {
  const position = /at position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
