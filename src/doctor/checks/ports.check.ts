import { createServer } from 'node:net';
import { z } from 'zod';
import { MonitoringSettings } from '../../monitoring/index.js';
import { NETWORK_MS, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorConfig } from '../doctor-subject.js';
import { fetchText } from '../fetch-text.js';
import { fail, ok, type Finding } from '../finding.js';
import { reasonOf } from '../probe-tcp.js';

/** What has the port may never answer: then it is not us. Less than what the check gets. */
const PATIENCE_MS = 2_000;

const summary = z.object({ name: z.string(), version: z.string(), protection: z.string() });

/** Whether the server can listen where it should, or does so already: `port:server` and `port:metrics`. */
export const ports: ConfiguredFamily = {
  name: 'port',
  group: 'machine',
  // The server takes them itself.
  atStart: 'never',
  absent: '',
  checks: ({ config }) =>
    listening(config).map((place) => ({
      name: `port:${place.of}`,
      timeoutMs: NETWORK_MS,
      run: async (signal) => [await lookAtPort(place, signal)],
    })),
};

interface Place {
  readonly of: 'server' | 'metrics';
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** Whether who listens there is us. */
  readonly isOurs: (signal: AbortSignal) => Promise<boolean>;
}

function listening({ server, monitoring }: DoctorConfig): readonly Place[] {
  const { metrics } = new MonitoringSettings(monitoring);
  const { host, port, tls, name } = server;
  const ours = async (signal: AbortSignal): Promise<boolean> => {
    const { json } = await fetchText(`${tls === undefined ? 'http' : 'https'}://${reach(host)}:${port}/`, signal);
    return summary.safeParse(json).data?.name === name;
  };
  const { exportHost, exportPort } = metrics;
  if (!metrics.enabled || exportPort === undefined)
    return [{ of: 'server', key: 'server.port', host, port, isOurs: ours }];
  const oursToo = async (signal: AbortSignal): Promise<boolean> =>
    (await fetchText(`http://${reach(exportHost)}:${exportPort}/metrics`, signal)).text.includes('rookery_');
  return [
    { of: 'server', key: 'server.port', host, port, isOurs: ours },
    { of: 'metrics', key: 'monitoring.metrics.exportPort', host: exportHost, port: exportPort, isOurs: oursToo },
  ];
}

/** An address that connects to who listens on `host`. */
function reach(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function lookAtPort({ key, host, port, isOurs }: Place, signal: AbortSignal): Promise<Finding> {
  if (port === 0) return ok(`${key} is 0: the system chooses a free one.`);
  const where = `${host}:${port}`;
  try {
    await listenOnce(host, port);
    return ok(`${where} is free.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') {
      const advice: Readonly<Record<string, string>> = {
        EACCES: 'Ports below 1024 need more rights; choose another.',
        EADDRNOTAVAIL: 'This machine has no such address; correct the host.',
      };
      return fail(`${where} cannot be listened on: ${reasonOf(error)}.`, advice[code ?? ''] ?? `Correct ${key}.`);
    }
  }
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  if (await isOurs(patience).catch(() => false)) return ok(`This server listens on ${where} already.`);
  return fail(`${where} is in use by another program.`, `Stop that, or choose another ${key}.`);
}

/** Takes the port and gives it back: nothing else tells whether that works. */
async function listenOnce(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
