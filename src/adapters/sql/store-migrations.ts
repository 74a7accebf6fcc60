import { AUDIT_MIGRATIONS } from './audit/audit-migrations.js';
import type { Migration } from './migrations.js';
import { API_KEY_MIGRATION } from './sql-api-key-store.js';
import { TASK_LEASE_MIGRATION, TASK_MIGRATION } from './sql-task-store.js';
import { TOKEN_MIGRATION } from './sql-token-store.js';

/** The schema of the server's own database, every part of it beside the repository that uses it. */
export const STORE_MIGRATIONS: readonly Migration[] = [
  API_KEY_MIGRATION,
  TOKEN_MIGRATION,
  TASK_MIGRATION,
  TASK_LEASE_MIGRATION,
  ...AUDIT_MIGRATIONS,
];
