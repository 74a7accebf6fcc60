import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AdaptersModule, SqlAuditModule } from '../adapters/index.js';
import type { AppConfig } from '../app.module.js';
import { AuditAnchors, AuditSinkFactories } from '../audit/index.js';
import { ApiKeyStore } from '../auth/index.js';
import { CoreModule, RookeryLogger, SqlConnections, redactText } from '../core/index.js';
import type { OpenStore } from './context.js';
import { CommandFailure } from './exit-code.js';
import { reasonOf } from './explain-error.js';

/** What a store needs of the application. */
@Module({})
class StoreModule {}

/**
 * Opens the databases of a configuration, and nothing else of the application.
 *
 * @throws CommandFailure when the store cannot be opened, or brought up to date
 */
export async function openStore({ store, monitoring }: AppConfig): Promise<OpenStore> {
  const imports = [CoreModule, AdaptersModule.forRoot({ store }), SqlAuditModule.forRoot()];
  const logger = new RookeryLogger({ level: 'warn', format: monitoring.logging.format });
  const context = await NestFactory.createApplicationContext(
    { module: StoreModule, imports },
    { abortOnError: false, logger },
  );
  try {
    await context.get(SqlConnections).get('store');
  } catch (error) {
    await context.close();
    throw new CommandFailure(`error: the store (store.url) cannot be opened: ${redactText(reasonOf(error))}`);
  }
  return {
    keys: context.get(ApiKeyStore),
    anchors: context.get(AuditAnchors),
    sinks: context.get(AuditSinkFactories),
    close: () => context.close(),
  };
}
