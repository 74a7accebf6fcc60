export { OperationsModule } from './operations.module.js';
export { operationsOptions, type OperationsOptions } from './operations.options.js';
