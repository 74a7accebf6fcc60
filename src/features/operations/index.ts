export { OperationsModule } from './operations.module.js';
export { OperatorAccess } from './operator-access.js';
export { operationsOptions, type OperationsOptions } from './operations.options.js';
