import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { KnowledgeOptions } from './knowledge.options.js';

/** A folder of documents, found and real. */
export interface Corpus {
  readonly name: string;
  /** Absolute, links resolved. */
  readonly root: string;
}

/** The folders to search, or the package's own documentation. @throws Error naming every folder that is not there. */
export async function findCorpora(folders: KnowledgeOptions['folders']): Promise<readonly Corpus[]> {
  if (folders.length === 0) return [await ownDocumentation()];
  const faults: string[] = [];
  const corpora: Corpus[] = [];
  for (const [index, { name, path }] of folders.entries()) {
    const root = await realFolder(path);
    if (typeof root === 'string') corpora.push({ name, root });
    else faults.push(`knowledge.folders[${index}].path: "${path}" ${root.fault}`);
  }
  if (faults.length === 0) return corpora;
  throw new Error(
    `${faults.join('; ')}. Create the folder or correct the path (a relative one begins at ${process.cwd()}); ` +
      'without knowledge.folders the documentation of Rookery is searched, and knowledge.enabled: false leaves the tool out.',
  );
}

/** `docs` of this package, whether it runs from sources, built, or built for tests. */
async function ownDocumentation(): Promise<Corpus> {
  let home = import.meta.dirname;
  while (!existsSync(join(home, 'package.json')) && home !== dirname(home)) home = dirname(home);
  const path = join(home, 'docs');
  const root = await realFolder(path);
  if (typeof root === 'string') return { name: 'docs', root };
  throw new Error(
    `knowledge.folders[0].path: none is set, and the documentation that comes with Rookery ${root.fault} at ` +
      `${path}. Name a folder of documents there, or set knowledge.enabled to false.`,
  );
}

async function realFolder(path: string): Promise<string | { readonly fault: string }> {
  try {
    const root = await realpath(resolve(path));
    return (await stat(root)).isDirectory() ? root : { fault: 'is not a folder' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { fault: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
}
