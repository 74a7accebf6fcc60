import type { ConfigOverrides, ConfigSections, ConfigSource } from '../config/index.js';
import type { McpClient } from '../connectors/index.js';

/** Which server a command talks to. */
export interface ServerChoice {
  /** The endpoint of a running server; without it one is started in this process. */
  readonly url?: string | undefined;
  readonly overrides: ConfigOverrides;
}

/** What commands need of the rest of Rookery. Behind an interface, so that `--help` loads nothing of it. */
export interface Application {
  sections(): Promise<ConfigSections>;
  start(transport: 'http' | 'stdio', overrides: ConfigOverrides): Promise<void>;
  connect(choice: ServerChoice): Promise<McpClient>;
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
