import { z } from 'zod';
import { type FileRoots, type FolderEntry } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { rowLimit } from '../row-limit.js';
import { matchesPattern } from './name-pattern.js';

const parameters = z.strictObject({
  directory_path: z.string().min(1).max(4_096).describe('The folder, as `root/folder`.'),
  pattern: z
    .string()
    .min(1)
    .max(500)
    .default('**')
    .describe('What paths below the folder look like: `*.csv`, `2026-??/*.json`, `**/*.parquet`.'),
  recursive: z
    .boolean()
    .default(false)
    .describe('Whether folders in the folder are listed too. Links are not followed.'),
  include_folders: z.boolean().default(false).describe('Whether folders, links and what is no file are listed too.'),
  max_entries: z.int().min(1).optional().describe('Entries at the most. Default: as many as the server allows.'),
});

const entry = z.strictObject({
  file_path: z.string().describe('`root/folder/file`, as other nodes take it.'),
  name: z.string(),
  type: z.enum(['file', 'folder', 'link', 'other']),
  bytes: z.int().optional(),
  modified_at: z.string().optional(),
});

const output = z.strictObject({
  entries: z.array(entry).describe('By path, folder after folder.'),
  count: z.int(),
  truncated: z.boolean().describe('Whether there are more than were given.'),
});

type Parameters = z.output<typeof parameters>;
type Entry = z.output<typeof entry>;

/** Folders that one listing looks into. */
const MOST_FOLDERS = 10_000;
const PAGE = 1_000;

/** Lists a folder of a root. Hidden entries are not served. */
@WorkflowNode({
  category: 'data',
  description: 'List the files of a folder.',
  parameters,
  output,
  readOnly: true,
  examples: [{ title: 'all CSV files', parameters: { directory_path: 'data', pattern: '**/*.csv', recursive: true } }],
})
export class DirectoryReaderNode extends Node<Parameters, z.output<typeof output>> {
  constructor(
    private readonly files: NodeFiles,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: Parameters, { signal }: NodeContext): Promise<z.output<typeof output>> {
    const limit = rowLimit(given.max_entries, this.settings.options.maxEntries, 'max_entries');
    const found: Entry[] = [];
    const waiting = [''];
    for (let folders = 0; folders < MOST_FOLDERS; folders++) {
      const folder = waiting.shift();
      if (folder === undefined) return { entries: found, count: found.length, truncated: false };
      signal.throwIfAborted();
      for await (const { base, one } of entriesOf(this.files.roots, given.directory_path, folder)) {
        const path = folder === '' ? one.name : `${folder}/${one.name}`;
        if (one.type === 'folder' && given.recursive) waiting.push(path);
        if ((one.type !== 'file' && !given.include_folders) || !matchesPattern(path, given.pattern)) continue;
        if (found.length >= limit) return { entries: found, count: found.length, truncated: true };
        found.push(described(base, one));
      }
    }
    return { entries: found, count: found.length, truncated: true };
  }
}

async function* entriesOf(
  roots: FileRoots,
  top: string,
  folder: string,
): AsyncGenerator<{ readonly base: string; readonly one: FolderEntry }> {
  const opened = await roots.resolve(folder === '' ? top : `${top.replace(/\/+$/, '')}/${folder}`, { for: 'list' });
  try {
    for (let offset = 0; ; offset += PAGE) {
      const { entries, total } = await opened.list(offset, PAGE);
      for (const one of entries) yield { base: opened.name, one };
      if (offset + PAGE >= total) return;
    }
  } finally {
    await opened.close();
  }
}

function described(base: string, { name, type, size, modifiedAt }: FolderEntry): Entry {
  return {
    file_path: `${base}/${name}`,
    name,
    type,
    ...(size === undefined ? {} : { bytes: size }),
    ...(modifiedAt === undefined ? {} : { modified_at: modifiedAt.toISOString() }),
  };
}
