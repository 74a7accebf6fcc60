import { Injectable } from '@nestjs/common';
import {
  AuditLogger,
  FileRoots,
  ForbiddenError,
  InvalidArgumentsError,
  McpTool,
  PermissionManager,
  ToolError,
  type Call,
  type FilePlace,
  type ListableFolder,
  type ReadableFile,
} from '../../index.js';
import { decode, encode } from './file-content.js';
import { FileLimits } from './file-limits.js';
import { fileInput, fileOutput, type FileInput, type FileOutput, type Listing } from './files.schema.js';

/** What lists the roots themselves. */
const TOP = '.';

/**
 * The guide's secure file tool (guide, "Security Best Practices"), with its checks in its order: path, permission, size,
 * audit, and only then the operation.
 *
 * Besides `file_access`, reading and listing take the permission `read`, writing and deleting `write`; and the root must
 * allow writing or deleting. What is about to be done is in the audit before it is done; where it then fails, a second
 * record says so. Refusals are in the record of the call.
 */
@Injectable()
export class FilesTools {
  constructor(
    private readonly roots: FileRoots,
    private readonly limits: FileLimits,
    private readonly permissions: PermissionManager,
    private readonly audit: AuditLogger,
  ) {}

  /** Reads, writes, lists or deletes a file under the configured roots. */
  @McpTool({
    title: 'Secure file operation',
    description:
      'Read, write or delete a file, or list a folder, below the roots of this server. Paths are root/folder/file.txt; ' +
      'the operation list with the path "." names the roots. Long lists come in pages: go on at next_offset.',
    inputSchema: fileInput,
    outputSchema: fileOutput,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    requiresAuth: true,
    requiredPermissions: ['file_access'],
    auditLogging: true,
    tags: ['files'],
  })
  async secureFileOperation(input: FileInput, call: Call): Promise<FileOutput> {
    checkContent(input);
    const { file_path: path, operation } = input;
    if (operation === 'read') {
      return holding(await this.roots.resolve(path, { for: operation }), (file) => this.#read(file, input, call));
    }
    if (operation === 'write') {
      return holding(await this.roots.resolve(path, { for: operation }), (place) => this.#write(place, input, call));
    }
    if (operation === 'delete') {
      return holding(await this.roots.resolve(path, { for: operation }), (place) => this.#delete(place, input, call));
    }
    if (path === TOP) return this.#listRoots(input, call);
    return holding(await this.roots.resolve(path, { for: operation }), (folder) => this.#list(folder, input, call));
  }

  async #read(file: ReadableFile, input: FileInput, call: Call): Promise<FileOutput> {
    this.#permit('read', call);
    const limit = this.limits.sizeFor(call.principal);
    if (file.size > limit) throw tooLarge(file.size, limit);
    return this.#recorded(file.name, file.size, input, call, async () => {
      const bytes = await file.read(limit, call.signal);
      if (bytes === undefined) throw tooLarge(undefined, limit);
      const { encoding } = input;
      const content = encode(bytes, encoding);
      const modified = file.modifiedAt.toISOString();
      return { operation: 'read', file_path: file.name, content, encoding, size: bytes.length, modified };
    });
  }

  async #write(place: FilePlace, input: FileInput, call: Call): Promise<FileOutput> {
    this.#permit('write', call);
    const bytes = decode(input.content ?? '', input.encoding);
    const limit = this.limits.sizeFor(call.principal);
    if (bytes.length > limit) throw tooLarge(bytes.length, limit);
    return this.#recorded(place.name, bytes.length, input, call, async () => {
      await place.write(bytes);
      return { operation: 'write', file_path: place.name, size: bytes.length, created: !place.exists };
    });
  }

  async #delete(place: FilePlace, input: FileInput, call: Call): Promise<FileOutput> {
    this.#permit('write', call);
    return this.#recorded(place.name, undefined, input, call, async () => {
      await place.delete();
      return { operation: 'delete', file_path: place.name, deleted: true };
    });
  }

  async #list(folder: ListableFolder, input: FileInput, call: Call): Promise<FileOutput> {
    this.#permit('read', call);
    return this.#recorded(folder.name, undefined, input, call, async () => {
      const { entries, total } = await folder.list(input.offset, this.limits.maxEntries);
      const listed = entries.map(({ name, type, size, modifiedAt }) => ({
        name,
        type,
        ...(size !== undefined && { size }),
        ...(modifiedAt !== undefined && { modified: modifiedAt.toISOString() }),
      }));
      return page(folder.name, listed, total, input.offset);
    });
  }

  async #listRoots(input: FileInput, call: Call): Promise<FileOutput> {
    this.#permit('read', call);
    return this.#recorded(TOP, undefined, input, call, () => {
      const all = this.roots.names.map((name) => ({ name, type: 'root' as const }));
      const { offset } = input;
      return Promise.resolve(page(TOP, all.slice(offset, offset + this.limits.maxEntries), all.length, offset));
    });
  }

  /** @throws ForbiddenError when the caller has not the permission that an operation takes. */
  #permit(permission: 'read' | 'write', { principal }: Call): void {
    if (this.permissions.effective(principal).permissions.has(permission)) return;
    throw new ForbiddenError(`Insufficient file permissions: this operation takes the permission "${permission}".`);
  }

  /** Does something that is in the audit already, so that nothing happens to a file that nobody could find out. */
  async #recorded(
    path: string,
    bytes: number | undefined,
    { operation }: FileInput,
    call: Call,
    work: () => Promise<FileOutput>,
  ): Promise<FileOutput> {
    await this.audit.logFileAccess({ call, path, operation, bytes, success: true });
    try {
      return await work();
    } catch (thrown) {
      await this.audit.logFileAccess({ call, path, operation, bytes, success: false });
      throw thrown;
    }
  }
}

/** Content belongs to writing, and only to it. @throws InvalidArgumentsError */
function checkContent({ operation, content }: FileInput): void {
  if (operation === 'write' && content === undefined) {
    throw new InvalidArgumentsError([{ path: 'content', message: 'is needed to write' }]);
  }
  if (operation !== 'write' && content !== undefined) {
    throw new InvalidArgumentsError([{ path: 'content', message: `must not be there to ${operation}` }]);
  }
}

async function holding<Held extends { close(): Promise<void> }, T>(
  held: Held,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  try {
    return await work(held);
  } finally {
    await held.close();
  }
}

function page(file_path: string, entries: Listing['entries'], total: number, offset: number): Listing {
  const next = offset + entries.length;
  return {
    operation: 'list',
    file_path,
    entries,
    total,
    ...(entries.length > 0 && next < total && { next_offset: next }),
  };
}

function tooLarge(size: number | undefined, limit: number): ToolError {
  const has = size === undefined ? 'it grew beyond' : `it has ${size} bytes, more than`;
  return new ToolError(`File too large for user tier: ${has} the ${limit} that this caller may use.`);
}
