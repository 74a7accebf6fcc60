import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import type { z } from 'zod';
import { AuditLog } from './audit-log.js';
import { AuditLogger } from './audit-logger.js';
import { AuditSettings } from './audit-settings.js';
import { AuditTrail } from './audit-trail.js';
import { auditOptions } from './audit.options.js';

/** What {@link AuditModule} takes: the section `audit`, and what the application knows. */
export interface AuditModuleOptions extends z.input<typeof auditOptions> {
  /** Whether the stdio transport is served, which has stdout to itself. @default false */
  readonly stdoutTaken?: boolean | undefined;
  /** Whether callers are authenticated: without a trail the start then says so. @default false */
  readonly authenticated?: boolean | undefined;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AuditModuleOptions>({
  moduleName: 'Audit',
})
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

/**
 * The audit trail: a record of every call, hash-chained, in files, on stdout or in a database. Global; injects
 * {@link AuditLogger} for a tool's own records. Without `audit.sinks` nothing is recorded.
 *
 * Import the modules whose databases it writes to before it, so that they are closed after it.
 *
 * @example
 * ```ts
 * AuditModule.forRoot({ mode: 'strict', sinks: [{ type: 'file', path: 'data/audit.jsonl' }] })
 * ```
 */
@Module({
  providers: [
    { provide: AuditSettings, useFactory: parse, inject: [MODULE_OPTIONS_TOKEN] },
    AuditTrail,
    AuditLog,
    AuditLogger,
  ],
  exports: [AuditLogger, AuditTrail],
})
export class AuditModule extends ConfigurableModuleClass {}

/** @throws Error listing every fault with its key. */
function parse({ stdoutTaken = false, authenticated = false, ...options }: AuditModuleOptions): AuditSettings {
  const result = auditOptions.safeParse(options);
  if (result.success) return new AuditSettings(result.data, stdoutTaken, authenticated);
  const faults = result.error.issues.map(({ path, message }) => `- ${['audit', ...path].join('.')}: ${message}`);
  throw new Error(`AuditModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
