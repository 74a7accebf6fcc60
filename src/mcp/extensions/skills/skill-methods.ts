import { SKILLS_EXTENSION_ID } from '@modelcontextprotocol/server/ext/skills';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { RookeryServer } from '../../../tools/index.js';
import { CursorCodec } from '../../cursor.js';
import type { ResultParts } from '../../eras/era.js';
import type { Exchange } from '../../exchange.js';
import { McpOptions } from '../../mcp.options.js';
import type { Method, MethodGroup } from '../../method.js';
import { invalidParams, requireString, type Params } from '../../wire.js';
import { SkillLibrary } from './skill-library.js';

/** Something with a URI, on a page of a list. */
interface Located {
  readonly uri: string;
}

/**
 * The skills extension (SEP-2640): `skills/list`, `skills/get`, `resources/directory/read`, and the files of skills as
 * resources. Off unless a folder is configured.
 */
@Injectable()
export class SkillMethods implements MethodGroup, OnModuleInit {
  readonly capabilities = {};
  readonly extensions: Readonly<Record<string, object>>;
  readonly methods: readonly Method[];
  readonly #logger = new Logger('Skills');
  #library: SkillLibrary | undefined;

  constructor(
    private readonly server: RookeryServer,
    private readonly cursors: CursorCodec,
    private readonly options: McpOptions,
  ) {
    const enabled = options.skills.folder !== undefined;
    this.extensions = enabled ? { [SKILLS_EXTENSION_ID]: { directoryRead: true } } : {};
    this.methods = enabled
      ? [
          { name: 'skills/list', traced: true, handle: (params, exchange) => this.#list(params, exchange) },
          { name: 'skills/get', handle: (params) => this.#get(params) },
          { name: 'resources/directory/read', handle: (params, exchange) => this.#directory(params, exchange) },
        ]
      : [];
  }

  /** @throws Error naming the key, when the folder can't be read. */
  async onModuleInit(): Promise<void> {
    const { folder } = this.options.skills;
    if (folder === undefined) return;
    try {
      this.#library = await SkillLibrary.load(folder, (problem) =>
        this.#logger.warn({ msg: 'a skill is left out', problem }),
      );
    } catch (error) {
      throw new Error(`server.skills.folder: "${folder}" cannot be served; name a folder of skill folders.`, {
        cause: error,
      });
    }
    await this.#publish(this.#library);
  }

  /** Files are resources: each `SKILL.md` is listed, the files beside it are found by their template. */
  async #publish(library: SkillLibrary): Promise<void> {
    for (const { uri, frontmatter } of library.entries) {
      const { name, description } = frontmatter;
      await this.server.registerResource({ name, description, uri, mimeType: 'text/markdown' }, () =>
        library.read(uri),
      );
    }
    await this.server.registerResource(
      {
        name: 'skill-files',
        uriTemplate: 'skill://{+path}',
        description: 'Files of the skills that skills/list names.',
      },
      (_variables, call) => library.read(call.name),
    );
  }

  #list(params: Params, exchange: Exchange): ResultParts {
    return this.#page('skills', this.#skills().entries, params, exchange);
  }

  #get(params: Params): ResultParts {
    const uri = requireString(params, 'uri');
    const skill = this.#skills().skill(uri);
    if (skill === undefined) throw invalidParams(`no skill is served at ${uri}`, { uri });
    return { members: `"skill":${JSON.stringify(skill)}`, cache: this.#cache() };
  }

  #directory(params: Params, exchange: Exchange): ResultParts {
    const uri = requireString(params, 'uri');
    const children = this.#skills().directory(uri);
    if (children === undefined) throw invalidParams(`${uri} is not a directory of skills`, { uri });
    return this.#page('resources', children, params, exchange);
  }

  #page(member: string, entries: readonly Located[], params: Params, { principal }: Exchange): ResultParts {
    const list = `${member} ${typeof params['uri'] === 'string' ? params['uri'] : ''}`;
    const after = params['cursor'] === undefined ? undefined : this.cursors.decode(list, principal, params['cursor']);
    const start = after === undefined ? 0 : entries.findIndex(({ uri }) => uri === after) + 1;
    const page = entries.slice(start, start + this.options.pageSize);
    const last = start + page.length < entries.length ? page.at(-1) : undefined;
    const next = last && `,"nextCursor":${JSON.stringify(this.cursors.encode(list, principal, last.uri))}`;
    return { members: `"${member}":${JSON.stringify(page)}${next ?? ''}`, cache: this.#cache() };
  }

  #cache(): NonNullable<ResultParts['cache']> {
    return { ttlMs: this.options.listTtlMs, scope: 'private' };
  }

  #skills(): SkillLibrary {
    if (this.#library === undefined) throw new Error('Skills are asked for before the server has started.');
    return this.#library;
  }
}
