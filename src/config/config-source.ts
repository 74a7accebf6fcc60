import { packageInfo } from './package-info.js';

/** A value from the command line; it wins over files and environment. */
export interface OverrideValue {
  /** Dotted path of the key: `server.port`. */
  readonly path: string;
  readonly text: string;
  /** Named in faults: `--port`. */
  readonly label: string;
}

/** What the command line adds to the configuration. */
export interface ConfigOverrides {
  /** Further files, after those of `ROOKERY_CONFIG`. They must exist. */
  readonly files?: readonly string[] | undefined;
  readonly values?: readonly OverrideValue[] | undefined;
}

/** Where configuration is read from. */
export interface ConfigSource extends ConfigOverrides {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `config/` and relative paths are looked for here. */
  readonly cwd: string;
  /** Its `config/` is used when `cwd` has none, so that `npx rookery` works anywhere. */
  readonly packageDirectory: string;
}

/** This process's environment and working directory: the only place in `src/` where they are read. */
export function processSource(overrides: ConfigOverrides = {}): ConfigSource {
  return { ...overrides, env: { ...process.env }, cwd: process.cwd(), packageDirectory: packageInfo().directory };
}
