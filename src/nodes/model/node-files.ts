import type { FileRoots } from '../../core/index.js';

/** The folders whose files nodes may name: those of `nodes.roots`. */
export class NodeFiles {
  constructor(readonly roots: FileRoots) {}
}
