import { z } from 'zod';
import { Node, type NodeContext } from '../../model/node.js';
import { NodeFiles } from '../../model/node-files.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { rowLimit } from '../row-limit.js';
import { decodedText } from '../text/text-decoding.js';
import { detectDelimiter } from './csv-delimiter.js';
import { delimiter, encoding, escapeCharacter, filePath, quoteCharacter } from './csv-parameters.js';
import { CsvParser, type CsvRecord } from './csv-parser.js';
import { CsvTable, type CsvResult } from './csv-table.js';

const parameters = z.strictObject({
  file_path: filePath,
  delimiter,
  encoding,
  include_headers: z
    .boolean()
    .default(true)
    .describe('Whether the first row names the columns: rows are records then, else lists.'),
  skip_empty_rows: z.boolean().default(true).describe('Whether rows without any value are passed over.'),
  data_types_inference: z
    .boolean()
    .default(true)
    .describe('Whether columns of numbers and booleans are given as such, and nothing as null; else all is text.'),
  quote_char: quoteCharacter,
  escape_char: escapeCharacter,
  null_values: z
    .array(z.string().max(100))
    .max(20)
    .default([])
    .describe('Texts that mean that there is no value, such as NA. A field without anything always does.'),
  skip_rows: z.int().min(0).default(0).describe('Rows to pass over, those without value and faulty ones not counted.'),
  max_rows: z.int().min(1).optional().describe('Rows at the most. Default: as many as the server allows.'),
  on_error: z
    .enum(['error', 'skip'])
    .default('error')
    .describe('What a row brings about that has too few or too many fields, or wrong quotes.'),
});

const output = z.strictObject({
  data: z.array(z.unknown()).describe('The rows: records by column, or lists.'),
  rows: z.int(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  truncated: z.boolean().describe('Whether there are more rows than were given.'),
  skipped_rows: z.int().describe('Faulty rows that were passed over.'),
  skipped: z.array(z.strictObject({ line: z.int(), reason: z.string() })).describe('The first 20 of them.'),
  empty_rows: z.int().describe('Rows without value that were passed over.'),
  renamed_columns: z
    .array(z.strictObject({ position: z.int(), header: z.string(), name: z.string() }))
    .describe('Headers that were empty or there twice, and the names that they got.'),
  delimiter: z.string(),
});

type Parameters = z.output<typeof parameters>;

/** Characters that `auto` looks at. */
const SAMPLE = 65_536;

/**
 * Reads a CSV file, row by row: its memory is that of the rows that it gives, not of the file. Every row is judged, and
 * one that is faulty is an error with its line, or counted.
 */
@WorkflowNode({
  category: 'data',
  description: 'Read and parse a CSV file: rows by column name, with types.',
  parameters,
  output,
  readOnly: true,
  examples: [
    { title: 'rows by header', parameters: { file_path: 'data/sales.csv' } },
    {
      title: 'a German export, faulty rows passed over',
      parameters: { file_path: 'data/umsatz.csv', delimiter: ';', encoding: 'windows-1252', on_error: 'skip' },
    },
  ],
})
export class CSVReaderNode extends Node<Parameters, CsvResult & { readonly delimiter: string }> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: Parameters, { signal }: NodeContext): Promise<CsvResult & { readonly delimiter: string }> {
    const { maxRows, maxBytes } = this.settings.options;
    const limit = rowLimit(given.max_rows, maxRows);
    const file = await this.files.roots.resolve(given.file_path, { for: 'read' });
    try {
      const table = new CsvTable({
        name: file.name,
        headers: given.include_headers,
        skipEmptyRows: given.skip_empty_rows,
        infer: given.data_types_inference,
        nullValues: new Set(given.null_values),
        skipRows: given.skip_rows,
        maxRows: limit,
        maxBytes,
        skipFaulty: given.on_error === 'skip',
      });
      const used = await this.#read(decodedText(file, given.encoding, signal), given, table);
      return { ...table.finish(), delimiter: used };
    } finally {
      await file.close();
    }
  }

  async #read(pieces: AsyncGenerator<string>, given: Parameters, table: CsvTable): Promise<string> {
    let used = given.delimiter;
    let parser: CsvParser | undefined;
    let sample = '';
    const add = (records: readonly CsvRecord[]): boolean => records.every((record) => table.add(record));
    const begin = (text: string): CsvParser => {
      const dialect = {
        quote: given.quote_char,
        escape: given.escape_char ?? given.quote_char,
        maxRecord: this.settings.options.maxFieldBytes,
      };
      if (used === 'auto') used = detectDelimiter(text.slice(0, SAMPLE), dialect);
      return new CsvParser({ ...dialect, delimiter: used });
    };
    for await (const piece of pieces) {
      sample += piece;
      if (parser === undefined && given.delimiter === 'auto' && sample.length < SAMPLE) continue;
      parser ??= begin(sample);
      const more = add(parser.push(sample));
      sample = '';
      if (!more) return used;
    }
    if (parser === undefined) {
      parser = begin(sample);
      if (!add(parser.push(sample))) return used;
    }
    add(parser.end());
    return used;
  }
}
