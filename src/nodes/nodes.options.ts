import { z } from 'zod';
import { aiOptions } from './ai/ai.options.js';
import { apiOptions } from './api/api.options.js';
import { codeOptions } from './code/code.options.js';
import { dataOptions } from './data/data.options.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const root = z.strictObject({
  path: z.string().min(1).max(4_096).describe('The folder; a relative path begins at the working directory.'),
  write: z.boolean().default(false).describe('Whether nodes may write files here.'),
  delete: z.boolean().default(false).describe('Whether nodes may delete files here.'),
});

const secret = z
  .strictObject({
    value: z.string().min(1).optional().meta({ secret: true }).describe('The value itself.'),
    file: z.string().min(1).optional().describe('The file that holds the value.'),
    origins: z
      .array(
        z
          .url({ protocol: /^https?$/ })
          .refine((url) => isOrigin(url), 'must be an origin, such as https://api.example.com'),
      )
      .optional()
      .describe(
        'Where HTTP nodes may send it: `https://api.example.com`. Without it, the one that nodes.api.allow names, if it names only one.',
      ),
  })
  .refine(({ value, file }) => (value === undefined) !== (file === undefined), 'must have either `value` or `file`');

function isOrigin(text: string): boolean {
  return URL.canParse(text) && !text.includes('*') && new URL(text).href === `${new URL(text).origin}/`;
}

/** The section `nodes` of the configuration. */
export const nodesOptions = z.strictObject({
  roots: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1–64 of A–Z a–z 0–9 _ - and begin with a letter or digit'),
      root,
    )
    .default({})
    .describe('The folders whose files nodes may name, as `name/path/in/folder.csv`; none may lie in another.'),
  secrets: z
    .record(z.string().regex(NAME, 'must be 1–64 of A–Z a–z 0–9 _ . -'), secret)
    .default({})
    .describe('Secrets that parameters of nodes name by `…_ref`; their values stand in no argument and no record.'),
  api: apiOptions.prefault({}).describe('Where HTTP nodes may go.'),
  data: dataOptions.prefault({}).describe('What bounds nodes that read, write and compute with data.'),
  code: codeOptions.prefault({}).describe('Sandboxes of code nodes.'),
  ai: aiOptions.prefault({}).describe('Providers of language models.'),
});

/** See {@link nodesOptions}. */
export type NodesOptions = z.output<typeof nodesOptions>;
