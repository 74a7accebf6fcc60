import type { INestApplicationContext } from '@nestjs/common';
import type { AppConfig } from '../app.module.js';
import type { AuditAnchors, AuditSinkFactories } from '../audit/index.js';
import type { ApiKeyStore } from '../auth/index.js';
import type { ConfigOverrides, ConfigSections, ConfigSource, CrossCheck } from '../config/index.js';
import type { McpClient } from '../connectors/index.js';

/** Which server a command talks to. */
export interface ServerChoice {
  /** The endpoint of a running server; without it one is started in this process. */
  readonly url?: string | undefined;
  readonly overrides: ConfigOverrides;
}

/** The store of `store.url`, opened without a server, its schema up to date. */
export interface OpenStore {
  readonly keys: ApiKeyStore;
  readonly anchors: AuditAnchors;
  /** Makes the audit sinks that are databases. */
  readonly sinks: AuditSinkFactories;
  close(): Promise<void>;
}

/** What commands need of the rest of Rookery. Behind an interface, so that `--help` loads nothing of it. */
export interface Application {
  sections(): Promise<ConfigSections>;
  /** What must hold between the sections. */
  checks(): Promise<readonly CrossCheck<ConfigSections>[]>;
  /** @throws ConfigurationError listing every fault */
  configuration(source: ConfigSource): Promise<AppConfig>;
  start(transport: 'http' | 'stdio', overrides: ConfigOverrides): Promise<void>;
  connect(choice: ServerChoice): Promise<McpClient>;
  /** @throws CommandFailure when the database cannot be opened */
  openStore(config: AppConfig): Promise<OpenStore>;
  /** The whole application, prepared and not listening; close it. */
  open(config: AppConfig): Promise<INestApplicationContext>;
}

/** Everything outside that commands touch. */
export interface CliContext {
  /** Answers, to stdout. */
  readonly out: (text: string) => void;
  /** Errors and remarks, to stderr. */
  readonly err: (text: string) => void;
  readonly source: (overrides: ConfigOverrides) => ConfigSource;
  readonly application: Application;
}
