export { McpEnhancers, type EnhancerOptions } from './enhancers.options.js';
export { PipelineModule } from './pipeline.module.js';
