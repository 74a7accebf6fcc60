import { formatPath } from '../core/index.js';
import { ConfigurationError, type ConfigurationFault } from './configuration-error.js';
import type { SchemaNode } from './schema-node.js';
import { below, hasSecretKeys } from './schema-walk.js';

interface ListedFault extends ConfigurationFault {
  readonly segments: readonly PropertyKey[];
}

/** Gathers faults of all kinds, so that one start names them all, each place once. */
export class FaultList {
  readonly #faults: ListedFault[] = [];

  constructor(private readonly tree: SchemaNode) {}

  /** A fault of a key. Names that are secrets themselves (keys of a map) are masked. */
  add(segments: readonly PropertyKey[], message: string, origin?: string, meant?: readonly PropertyKey[]): void {
    const suggestion = meant && this.#format(meant);
    this.#faults.push({ segments, path: this.#format(segments), message, origin, suggestion });
  }

  /** A fault of a file or a variable as a whole. */
  addGeneral(fault: ConfigurationFault): void {
    this.#faults.push({ ...fault, segments: [] });
  }

  get empty(): boolean {
    return this.#faults.length === 0;
  }

  /** Whether a fault of this key, or of a group it is in, is on the list. */
  covers(path: readonly PropertyKey[]): boolean {
    return this.#faults.some(
      ({ segments }) =>
        segments.length > 0 && segments.every((segment, index) => String(segment) === String(path[index])),
    );
  }

  /** Throws when anything was found. */
  throwIfAny(): void {
    if (this.empty) return;
    throw new ConfigurationError(
      this.#faults.map(({ path, message, origin, suggestion }) => ({
        path,
        message,
        ...(origin !== undefined && { origin }),
        ...(suggestion !== undefined && { suggestion }),
      })),
    );
  }

  #format(segments: readonly PropertyKey[]): string {
    return formatPath(maskKeys(this.tree, segments));
  }
}

/** A path with the names of maps that hold secrets as `***`. */
function maskKeys(tree: SchemaNode, segments: readonly PropertyKey[]): readonly PropertyKey[] {
  let node: SchemaNode | undefined = tree;
  return segments.map((segment) => {
    const masked = node !== undefined && hasSecretKeys(node);
    node = node && below(node, segment);
    return masked ? '***' : segment;
  });
}
