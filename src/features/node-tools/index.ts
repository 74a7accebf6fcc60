export { NodeToolsModule } from './node-tools.module.js';
export { nodeToolsOptions, type NodeToolsOptions } from './node-tools.options.js';
