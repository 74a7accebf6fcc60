import { z } from 'zod';

const folder = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1–64 of A–Z a–z 0–9 _ . - and begin with a letter or digit')
    .describe('What its documents are quoted under: `name/path/in/folder.md`.'),
  path: z.string().min(1).max(4_096).describe('The folder; a relative path begins at the working directory.'),
});

const MIB = 1_048_576;

/** The section `knowledge` of the configuration. */
export const knowledgeOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the tool search_knowledge_base is served.'),
  folders: z
    .array(folder)
    .max(100)
    .refine((folders) => new Set(folders.map(({ name }) => name)).size === folders.length, 'two folders have one name')
    .default([])
    .describe('The folders to search; with none, the documentation that comes with Rookery, as `docs`.'),
  extensions: z
    .array(z.string().regex(/^\.[A-Za-z0-9]{1,16}$/, 'must be a dot and 1–16 letters or digits'))
    .min(1)
    .max(50)
    .default(['.md', '.markdown', '.txt'])
    .describe('Endings of the files to search; .md and .markdown are split at their headings.'),
  maxFileBytes: z
    .int()
    .min(1)
    .max(64 * MIB)
    .default(MIB)
    .describe('Larger files are skipped.'),
  maxFiles: z
    .int()
    .min(1)
    .max(100_000)
    .default(5_000)
    .describe('Files of all folders together; those beyond are skipped.'),
  maxTotalBytes: z
    .int()
    .min(1)
    .max(4_096 * MIB)
    .default(64 * MIB)
    .describe('Bytes of all files together, as the index is kept in memory; files beyond are skipped.'),
  watch: z.boolean().default(true).describe('Whether changed files are indexed again while the server runs.'),
  watchDelayMs: z.int().min(10).max(60_000).default(300).describe('How long files must be quiet before they are.'),
});

/** See {@link knowledgeOptions}. */
export type KnowledgeOptions = z.output<typeof knowledgeOptions>;
