import { lookup } from 'node:dns/promises';
import { MonitoringSettings } from '../../monitoring/index.js';
import { NETWORK_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import { fail, ok, type Finding } from '../finding.js';
import { probeTcp, reasonOf } from '../probe-tcp.js';

/** Whether the receiver of traces takes connections. Nothing is sent to it. */
export const tracing: ConfiguredFamily = {
  name: 'tracing',
  group: 'back ends',
  atStart: 'network',
  absent: 'Calls are not traced.',
  checks: ({ config: { monitoring } }) => {
    const { enabled, url } = new MonitoringSettings(monitoring).tracing;
    if (!enabled) return [];
    return single('tracing', NETWORK_MS, async (signal) => await connects(new URL(url), signal));
  },
};

async function connects(url: URL, signal: AbortSignal): Promise<readonly Finding[]> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  try {
    await probeTcp(url.hostname.replaceAll(/[[\]]/g, ''), port, signal);
    return [ok(`The receiver of traces at ${url.host} takes connections.`)];
  } catch (error) {
    return [
      fail(
        `The receiver of traces at ${url.host} cannot be reached: ${reasonOf(error)}.`,
        'Start it, or correct monitoring.tracing.endpoint (OTLP over HTTP, port 4318). Calls are served without it.',
      ),
    ];
  }
}

/** Whether the hosts of webhooks are known. Nothing is posted, nor connected to. */
export const webhooks: ConfiguredFamily = {
  name: 'webhooks',
  group: 'back ends',
  atStart: 'network',
  absent: 'No alert goes to a webhook.',
  checks: ({ config: { monitoring } }) => {
    const hosts = new Set(urlsIn(memberOf(memberOf(monitoring, 'alerts'), 'actions')).map(({ hostname }) => hostname));
    if (hosts.size === 0) return [];
    return single(
      'webhooks',
      NETWORK_MS,
      async () => await Promise.all([...hosts].map(async (host) => await resolves(host))),
    );
  },
};

async function resolves(host: string): Promise<Finding> {
  try {
    await lookup(host.replaceAll(/[[\]]/g, ''));
    return ok(`${host} is known.`);
  } catch (error) {
    const remedy = 'Correct the URL in monitoring.alerts, or the name servers of this machine.';
    return fail(`The webhook host ${host} is not known: ${reasonOf(error)}.`, remedy);
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Every URL of the web in a value. */
function urlsIn(value: unknown): readonly URL[] {
  if (typeof value === 'string') return /^https?:\/\//.test(value) && URL.canParse(value) ? [new URL(value)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(urlsIn) : [];
}
