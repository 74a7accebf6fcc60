export { AdminModule } from './admin.module.js';
export { OPERATE } from './operator.guard.js';
