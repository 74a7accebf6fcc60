import { resolve } from 'node:path';
import type { auditOptions } from '../audit/index.js';
import type { authOptions } from '../auth/index.js';
import type { redisOptions, storeOptions } from '../adapters/index.js';
import type { cacheOptions } from '../cache/index.js';
import { configFiles, redactConfig, type Config, type ConfigSections, type ConfigSource } from '../config/index.js';
import type { SelfTests } from '../core/index.js';
import type { serverOptions, transportsOptions } from '../mcp/index.js';
import type { monitoringOptions } from '../monitoring/index.js';
import type { nodesOptions } from '../nodes/index.js';
import type { permissionsOptions } from '../permissions/index.js';
import type { rateLimitOptions, timeoutsOptions } from '../resilience/index.js';
import type { ClockReadings } from './clock-readings.js';
import { secretsBetween } from './secrets-between.js';

/** The sections of the configuration that the doctor looks at; those of features by what it needs of them. */
export interface DoctorConfig extends Config<{
  server: typeof serverOptions;
  transports: typeof transportsOptions;
  auth: typeof authOptions;
  permissions: typeof permissionsOptions;
  audit: typeof auditOptions;
  rateLimit: typeof rateLimitOptions;
  timeouts: typeof timeoutsOptions;
  cache: typeof cacheOptions;
  store: typeof storeOptions;
  redis: typeof redisOptions;
  monitoring: typeof monitoringOptions;
  nodes: typeof nodesOptions;
}> {
  readonly knowledge: { readonly enabled: boolean; readonly folders: readonly NamedFolder[] };
  readonly files: {
    readonly enabled: boolean;
    readonly roots: Readonly<Record<string, { readonly path: string; readonly write: boolean }>>;
  };
}

interface NamedFolder {
  readonly name: string;
  readonly path: string;
}

/** A file of the configuration, or one that a variable names. */
export interface SourceFile {
  readonly path: string;
  /** How people know it: `config/production.yaml`, `JWT_SECRET_KEY_FILE`. */
  readonly label: string;
}

/** A configuration that is valid, and what surrounds it. */
export interface DoctorSubject {
  readonly config: DoctorConfig;
  /** Whether `NODE_ENV` is `production`. */
  readonly production: boolean;
  /** Every text of the configuration that is secret by its schema. Nothing of them is ever printed. */
  readonly secrets: readonly string[];
  readonly sourceFiles: readonly SourceFile[];
  readonly selfTests: SelfTests;
  /** Other clocks that were met on the way. */
  readonly clocks: ClockReadings;
}

/** What {@link doctorSubject} is made of. */
export interface DoctorSubjectInit extends Pick<DoctorSubject, 'config' | 'selfTests' | 'clocks'> {
  readonly sections: ConfigSections;
  readonly source: ConfigSource;
}

/** Puts together what the checks look at. Opens nothing. */
export function doctorSubject({ config, sections, source, selfTests, clocks }: DoctorSubjectInit): DoctorSubject {
  const plain = config as unknown as Readonly<Record<string, unknown>>;
  const variables = Object.entries(source.env).flatMap(([name, path]) =>
    name.endsWith('_FILE') && path !== undefined && path !== ''
      ? [{ path: resolve(source.cwd, path), label: `${name}=${path}` }]
      : [],
  );
  return {
    config,
    production: source.env['NODE_ENV'] === 'production',
    secrets: [...secretsBetween(plain, redactConfig(plain, sections)), ...shortFormKeys(config)],
    sourceFiles: [...configFiles(source).map(({ path, label }) => ({ path, label })), ...variables],
    selfTests,
    clocks,
  };
}

/** API keys whose name is the key; other names are ids, which are no secret. */
function shortFormKeys({ auth }: DoctorConfig): readonly string[] {
  return Object.entries(auth.apiKeys).flatMap(([name, { secret, secretFile, hash }]) =>
    secret === undefined && secretFile === undefined && hash === undefined ? [name] : [],
  );
}
