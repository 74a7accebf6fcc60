export { KnowledgeModule } from './knowledge.module.js';
export { knowledgeOptions, type KnowledgeOptions } from './knowledge.options.js';
