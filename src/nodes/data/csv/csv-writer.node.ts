import { z } from 'zod';
import { InvalidArgumentsError } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { overwrite, writeFile, writtenFile, type WrittenFile } from '../files/write-file.js';
import { columnsOf, limitRows, valueOf, type Row } from '../rows.js';
import { encoded, writtenEncoding } from '../text/text-encoding.js';
import { filePath } from './csv-parameters.js';
import { CsvText } from './csv-text.js';

const character = z.string().refine((text) => /^[^\r\n\0\uD800-\uDFFF]$/u.test(text), 'must be one character');

const parameters = z
  .strictObject({
    file_path: filePath,
    data: z
      .array(z.record(z.string(), z.unknown()).or(z.array(z.unknown())))
      .describe('The rows: records by column, or lists.'),
    columns: z
      .array(z.string().max(1_000))
      .min(1)
      .max(10_000)
      .optional()
      .describe('The columns in their order. Default: all that the records have; lists then have no header.'),
    include_headers: z.boolean().default(true).describe('Whether the names of the columns are the first row.'),
    delimiter: character.default(',').describe('One character.'),
    quote_char: character.default('"').describe('Around fields with delimiters, quotes or line ends.'),
    line_ending: z.enum(['lf', 'crlf']).default('lf').describe('What ends a row.'),
    encoding: writtenEncoding,
    bom: z.boolean().default(false).describe('Whether a byte order mark comes first: Excel wants one for utf-8.'),
    escape_formulas: z
      .boolean()
      .default(true)
      .describe(
        'Whether texts that a spreadsheet would compute (=, +, -, @ first) get an apostrophe in front. `escaped_fields` counts them.',
      ),
    overwrite,
  })
  .refine(({ delimiter, quote_char }) => delimiter !== quote_char, 'delimiter and quote_char must differ');

const output = z.strictObject({ ...writtenFile, rows: z.int(), escaped_fields: z.int() });

type Parameters = z.output<typeof parameters>;
type Output = WrittenFile & { readonly rows: number; readonly escaped_fields: number };

/** Writes rows as a CSV file that `CSVReaderNode` reads as the same rows. */
@WorkflowNode({
  category: 'data',
  description: 'Write rows to a CSV file.',
  parameters,
  output,
  examples: [
    {
      title: 'two rows',
      parameters: {
        file_path: 'data/out.csv',
        data: [
          { id: 1, name: 'Ada' },
          { id: 2, name: null },
        ],
      },
    },
  ],
})
export class CSVWriterNode extends Node<Parameters, Output> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: Parameters): Promise<Output> {
    const { maxRows, maxBytes } = this.settings.options;
    limitRows(given.data, maxRows);
    const text = new CsvText({
      delimiter: given.delimiter,
      quote: given.quote_char,
      lineEnd: given.line_ending === 'lf' ? '\n' : '\r\n',
      escapeFormulas: given.escape_formulas,
    });
    const records = given.data.filter((row): row is Row => !Array.isArray(row));
    if (records.length > 0 && records.length < given.data.length) {
      throw new InvalidArgumentsError(
        [{ path: 'data', message: 'must hold records or lists, not both' }],
        'parameters',
      );
    }
    const isLists = records.length === 0 && given.data.length > 0;
    const columns = given.columns ?? columnsOf(records);
    if (given.include_headers && columns.length > 0) text.add(columns);
    if (isLists) for (const row of given.data) text.add(row as readonly unknown[]);
    else for (const row of records) text.add(columns.map((name) => valueOf(row, name)));
    const content = encoded(text.toString(), given.encoding, given.bom);
    const written = await writeFile(this.files.roots, given.file_path, content, {
      overwrite: given.overwrite,
      maxBytes,
    });
    return { ...written, rows: given.data.length, escaped_fields: text.escapedFields };
  }
}
