import type { Principal } from '../../index.js';
import type { FilesOptions } from './files.options.js';
import { sizeLimit } from './size-limit.js';

/** How much of files the tool takes at once. */
export class FileLimits {
  readonly #maxFileSize: number;
  /** Entries of one page of a listing. */
  readonly maxEntries: number;

  constructor({ maxFileSize, maxEntries }: Pick<FilesOptions, 'maxFileSize' | 'maxEntries'>) {
    this.#maxFileSize = maxFileSize;
    this.maxEntries = maxEntries;
  }

  /** See {@link sizeLimit}. */
  sizeFor(principal: Principal | undefined): number {
    return sizeLimit(principal, this.#maxFileSize);
  }
}
