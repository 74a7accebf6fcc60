import type { Skill } from '@modelcontextprotocol/server/ext/skills';
import { UnknownTargetError } from '../../../core/index.js';

/** What one read of a skill's file gives. */
export interface SkillFile {
  readonly mimeType: string;
  readonly text?: string;
  readonly blob?: Uint8Array;
}

/** One child of a directory of skills. */
export interface DirectoryEntry {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size?: number;
}

/** Reads a file by its path below the folder of skills. */
type ReadFile = (path: string) => Promise<Uint8Array>;

const SCHEME = 'skill://';
const DIRECTORY = 'inode/directory';
const MIME_TYPES: Readonly<Record<string, string>> = {
  md: 'text/markdown',
  txt: 'text/plain',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  html: 'text/html',
  css: 'text/css',
  csv: 'text/csv',
  js: 'text/javascript',
  ts: 'text/x-typescript',
  py: 'text/x-python',
  sh: 'text/x-shellscript',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  pdf: 'application/pdf',
};

/** Skills of one folder (SEP-2640), as the SDK reads and checks them: frontmatter, digests, limits. */
export class SkillLibrary {
  readonly #skills: ReadonlyMap<string, Skill>;
  readonly #files = new Map<string, { readonly path: string; readonly size: number; readonly digest: string }>();
  readonly #directories = new Map<string, Map<string, DirectoryEntry>>();

  private constructor(
    skills: readonly Skill[],
    private readonly readFile: ReadFile,
    private readonly digestOf: (bytes: Uint8Array) => Promise<string>,
  ) {
    this.#skills = new Map(skills.map((skill) => [skill.uri, skill]));
    for (const { resources } of skills) {
      for (const { uri, size, digest } of resources === 'dynamic' ? [] : resources) this.#add(uri, size, digest);
    }
  }

  /**
   * @param warn - hears of skills that are left out, and why
   * @throws Error when the folder can't be read
   */
  static async load(folder: string, warn: (problem: string) => void): Promise<SkillLibrary> {
    const { nodeSkillFiles, loadSkills } = await import('@modelcontextprotocol/server/ext/skills/node');
    const catalog = await loadSkills(folder, { onWarning: ({ path, message }) => warn(`${path}: ${message}`) });
    const files = nodeSkillFiles(folder);
    return new SkillLibrary(catalog.entries, (path) => files.read(path), sha256);
  }

  /** By URI of their `SKILL.md`, in order. */
  get entries(): readonly Skill[] {
    return [...this.#skills.values()];
  }

  /** The skill whose `SKILL.md` has this URI. */
  skill(uri: string): Skill | undefined {
    return this.#skills.get(uri);
  }

  /** What a directory holds, by name. */
  directory(uri: string): readonly DirectoryEntry[] | undefined {
    const children = this.#directories.get(uri.replace(/\/$/, ''));
    return children && [...children.values()];
  }

  /**
   * Reads a file of a skill as it was published.
   *
   * @throws UnknownTargetError for a URI that is no file of a skill
   * @throws Error when the file has changed since the start
   */
  async read(uri: string): Promise<SkillFile> {
    const file = this.#files.get(uri);
    if (file === undefined) throw new UnknownTargetError('resource', uri);
    const bytes = await this.readFile(file.path);
    if (bytes.byteLength !== file.size || (await this.digestOf(bytes)) !== file.digest) {
      throw new Error(`The skill file ${file.path} has changed since the start; restart the server to publish it.`);
    }
    const mimeType = mimeTypeOf(uri);
    const text = decode(bytes);
    return text === undefined ? { mimeType, blob: bytes } : { mimeType, text };
  }

  #add(uri: string, size: number, digest: string): void {
    this.#files.set(uri, { path: decodeURIComponent(uri.slice(SCHEME.length)), size, digest });
    let child: DirectoryEntry = { uri, name: nameOf(uri), mimeType: mimeTypeOf(uri), size };
    for (let parent = parentOf(uri); parent !== undefined; parent = parentOf(parent)) {
      const children = this.#directories.get(parent) ?? new Map<string, DirectoryEntry>();
      this.#directories.set(parent, children.set(child.uri, child));
      child = { uri: parent, name: nameOf(parent), mimeType: DIRECTORY };
    }
  }
}

function parentOf(uri: string): string | undefined {
  const slash = uri.lastIndexOf('/');
  return slash < SCHEME.length ? undefined : uri.slice(0, slash);
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
}

function mimeTypeOf(uri: string): string {
  return MIME_TYPES[uri.slice(uri.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(bytes));
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}
