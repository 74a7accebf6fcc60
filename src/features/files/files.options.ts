import { z } from 'zod';
import { LARGEST_FILE } from './size-limit.js';

const root = z.strictObject({
  path: z.string().min(1).max(4_096).describe('The folder; a relative path begins at the working directory.'),
  write: z.boolean().default(false).describe('Whether callers with the permission `write` may write files here.'),
  delete: z.boolean().default(false).describe('Whether callers with the permission `write` may delete files here.'),
});

/** The section `files` of the configuration. */
export const filesOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the tool secure_file_operation is served, given a root.'),
  roots: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1–64 of A–Z a–z 0–9 _ - and begin with a letter or digit'),
      root,
    )
    .default({})
    .describe('The folders whose files may be named, as `name/path/in/folder.txt`; none may lie in another.'),
  maxFileSize: z
    .int()
    .min(0)
    .max(LARGEST_FILE)
    .default(1_048_576)
    .describe(
      'Bytes of the largest file that is read or written; the attribute `maxFileSize` (or `max_file_size`) of a caller ' +
        'takes its place.',
    ),
  maxEntries: z.int().min(1).max(10_000).default(1_000).describe('Entries of one page of a listing.'),
});

/** See {@link filesOptions}. */
export type FilesOptions = z.output<typeof filesOptions>;
