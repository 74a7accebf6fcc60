import type { DynamicModule, Provider, Type } from '@nestjs/common';
import {
  MonitoringAccess,
  MonitoringModule,
  Telemetry,
  createServer,
  type HealthFinding,
  type MonitoringModuleOptions,
  type StandaloneServer,
} from '../../../src/index.js';

/** What a check gets, in milliseconds. */
export const TIMEOUT_MS = 150;
/** What the machine may take on top. */
export const SLACK_MS = 1_000;

class Everybody extends MonitoringAccess {
  override check(): Promise<void> {
    return Promise.resolve();
  }
}

/** What `/health` or `/health/ready` answered, and how long that took. */
export interface HealthAnswer {
  readonly http: number;
  readonly status: string;
  readonly details: Readonly<Record<string, HealthFinding>>;
  readonly tookMs: number;
}

/** A server, and how to ask it for its health. */
export interface HealthServer {
  readonly stop: () => Promise<void>;
  readonly app: StandaloneServer['app'];
  readonly server: StandaloneServer['server'];
  readonly url: string;
  readonly ask: (path?: string) => Promise<HealthAnswer>;
}

/** A server that checks whenever it is asked, and lets everybody see what it found. */
export async function serveHealth(
  { health, ...monitoring }: MonitoringModuleOptions = {},
  { imports = [], providers = [] }: { imports?: (Type | DynamicModule)[]; providers?: Provider[] } = {},
): Promise<HealthServer> {
  const options = { health: { healthCheckInterval: 0, timeoutMs: TIMEOUT_MS, ...health }, ...monitoring };
  const standalone = await createServer({
    port: 0,
    logger: false,
    imports: [...imports, MonitoringModule.forRoot({ ...options, access: Everybody })],
    providers,
  });
  const url = await standalone.start();
  const ask = async (path = '/health'): Promise<HealthAnswer> => {
    const started = performance.now();
    const response = await fetch(new URL(path, url));
    const body = (await response.json()) as Omit<HealthAnswer, 'http' | 'tookMs'>;
    return { http: response.status, ...body, tookMs: performance.now() - started };
  };
  return { ...standalone, url, ask };
}

/** What the gauge of a check stands at. */
export const levelOf = (served: HealthServer, check: string): number | undefined =>
  served.app
    .get(Telemetry)
    .samples()
    .find(({ name, labels }) => name === 'rookery_health_check_state' && labels['check'] === check)?.value;
