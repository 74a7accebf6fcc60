import type { NodesOptions } from './nodes.options.js';

/** The section `nodes`, complete. */
export class NodesSettings {
  constructor(readonly options: NodesOptions) {}
}
