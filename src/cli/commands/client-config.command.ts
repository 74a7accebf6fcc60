import { dirname, join } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import {
  CLIENT_CONFIG_FILES,
  MCP_CLIENTS,
  clientConfig,
  configFiles,
  fileExists,
  type ConfigSource,
  type McpClient,
} from '../../config/index.js';
import type { CliContext } from '../context.js';
import { toOverrides, withConfig, type ConfigOption } from '../options.js';
import { json } from '../output.js';
import { serverUrl } from '../server-url.js';

interface ClientConfigFlags extends ConfigOption {
  readonly transport: 'http' | 'stdio';
}

/** `rookery client-config <client>`. */
export function addClientConfigCommand(program: Command, { application, out, err, source }: CliContext): void {
  withConfig(program.command('client-config'))
    .summary('print the configuration with which a client finds this server')
    .description('Prints the JSON with which an MCP client finds this server, and on stderr where to put it.')
    .addArgument(new Argument('<client>', 'the client').choices(MCP_CLIENTS))
    .addOption(
      new Option('--transport <transport>', 'how the client connects').choices(['http', 'stdio']).default('http'),
    )
    .action(async (client: McpClient, flags: ClientConfigFlags) => {
      const from = source(toOverrides(flags));
      const { server } = await application.configuration(from);
      const { name } = server;
      const connection =
        flags.transport === 'http' ? { name, url: serverUrl(server) } : { name, ...childProcess(from) };
      out(json(clientConfig(client, connection)));
      err(`Put this into ${CLIENT_CONFIG_FILES[client]}.\n`);
      if (flags.transport === 'stdio') warnOfVariables(from, err);
    });
}

/** Clients start their servers in a folder of their own: what is found only from this one is named in full. */
function childProcess(source: ConfigSource): { command: string; args: string[]; env?: Record<string, string> } {
  const packaged = join(source.packageDirectory, 'config');
  const found = configFiles(source).filter(({ path }) => fileExists(path));
  const files = found.filter(({ path, askedBy }) => askedBy !== undefined || dirname(path) !== packaged);
  const environment = source.env['NODE_ENV'];
  const env = {
    ...(environment && { NODE_ENV: environment }),
    ...(files.length > 0 && { ROOKERY_CONFIG: files.map(({ path }) => path).join(',') }),
  };
  return {
    command: process.execPath,
    args: [join(source.packageDirectory, 'dist', 'main.js'), '--stdio'],
    ...(Object.keys(env).length > 0 && { env }),
  };
}

/** Variables may hold secrets, so they are not copied into another program's file. */
function warnOfVariables(source: ConfigSource, err: (text: string) => void): void {
  const names = Object.keys(source.env).filter((name) => name.startsWith('ROOKERY_') && name !== 'ROOKERY_CONFIG');
  if (names.length > 0)
    err(`These variables are set here and not copied; add them to "env" if needed: ${names.join(', ')}\n`);
}
