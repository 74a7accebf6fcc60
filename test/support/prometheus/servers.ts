import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../servers/free-port.js';
import { ServerProgram } from '../servers/server-program.js';
import { alertmanager, prometheus } from './programs.js';

/** A server of this test alone, on loopback. */
export interface MonitoringServer {
  readonly url: string;
  /** Its address as others name it: `127.0.0.1:9090`. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts Prometheus on a free loopback port; what it keeps is gone afterwards.
 *
 * @param config - of Prometheus, as an object
 * @param rules - the file of rules that `config` names as `rules.yml`
 */
export async function startPrometheus(config: object, rules: object): Promise<MonitoringServer> {
  return await start(await prometheus(), { 'prometheus.yml': config, 'rules.yml': rules }, (home, address) => [
    `--config.file=${home}/prometheus.yml`,
    `--storage.tsdb.path=${home}/data`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ]);
}

/** Starts Alertmanager on a free loopback port, alone. @param config - of Alertmanager, as an object */
export async function startAlertmanager(config: object): Promise<MonitoringServer> {
  return await start(await alertmanager(), { 'alertmanager.yml': config }, (home, address) => [
    `--config.file=${home}/alertmanager.yml`,
    `--storage.path=${home}/data`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
}

async function start(
  command: string,
  files: Readonly<Record<string, object>>,
  argumentsOf: (home: string, address: string) => readonly string[],
): Promise<MonitoringServer> {
  const home = await mkdtemp(join(tmpdir(), 'rookery-prometheus-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(home, name), stringify(content));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const program = new ServerProgram({
    command,
    args: argumentsOf(home, address),
    connect: async () => {
      const { ok, status } = await fetch(`${url}/-/ready`);
      if (!ok) throw new Error(`It is not ready: ${status}.`);
    },
    endSignal: 'SIGTERM',
  });
  await program.start();
  return {
    url,
    address,
    stop: async () => {
      await program.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
