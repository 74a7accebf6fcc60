import { z } from 'zod';

/** What may be done with a file. */
export const fileOperation = z.enum(['read', 'write', 'list', 'delete']);

/** See {@link fileOperation}. */
export type FileOperation = z.output<typeof fileOperation>;

const encoding = z.enum(['utf-8', 'base64']);

/** The arguments of `secure_file_operation`. */
export const fileInput = z.object({
  file_path: z
    .string()
    .min(1)
    .describe('The file or folder, as root/folder/file.txt; "." with the operation list lists the roots'),
  operation: fileOperation,
  content: z
    .string()
    .meta({ sensitive: true })
    .optional()
    .describe('What to write, in the encoding; for the operation write only'),
  encoding: encoding.default('utf-8').describe('Of the content; base64 for files that are no text'),
  offset: z.int().min(0).default(0).describe('Entries to skip, for the operation list'),
});

/** What {@link fileInput} lets through. */
export type FileInput = z.output<typeof fileInput>;

const file_path = z.string().describe('What it was done with, as root/folder/file.txt');
const size = z.int().min(0).describe('Bytes');
const time = z.iso.datetime().describe('When it was last changed');

const read = z.object({
  operation: z.literal('read'),
  file_path,
  content: z.string(),
  encoding,
  size,
  modified: time,
});

const write = z.object({
  operation: z.literal('write'),
  file_path,
  size,
  created: z.boolean().describe('Whether there was no such file before'),
});

const list = z.object({
  operation: z.literal('list'),
  file_path,
  entries: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['root', 'folder', 'file', 'link', 'other']),
      size: size.optional(),
      modified: time.optional(),
    }),
  ),
  total: z.int().min(0).describe('All entries, those on other pages included'),
  next_offset: z.int().min(0).optional().describe('The offset of the next page, where there is one'),
});

const remove = z.object({ operation: z.literal('delete'), file_path, deleted: z.literal(true) });

/**
 * The result of `secure_file_operation`, one shape for each operation. A union has no type of its own in JSON Schema, but
 * MCP asks for `object` at the root.
 */
export const fileOutput = z.discriminatedUnion('operation', [read, write, list, remove]).meta({ type: 'object' });

/** See {@link fileOutput}. */
export type FileOutput = z.output<typeof fileOutput>;
/** The result of a listing. */
export type Listing = z.output<typeof list>;
