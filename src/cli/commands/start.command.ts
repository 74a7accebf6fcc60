import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import { toOverrides, withConfig, type ConfigOption } from '../options.js';

interface StartFlags extends ConfigOption {
  readonly port?: string;
  readonly host?: string;
}

/** `rookery start` and `rookery stdio`. */
export function addStartCommands(program: Command, { application }: CliContext): void {
  withConfig(program.command('start'))
    .summary('serve over HTTP')
    .description('Serves over HTTP until it is stopped. Command line options win over files and environment.')
    .option('--port <port>', 'listen on this port (server.port); 0 picks a free one')
    .option('--host <address>', 'listen on this address (server.host)')
    .action(async (flags: StartFlags) => {
      await application.start(
        'http',
        toOverrides(flags, [
          { path: 'server.port', text: flags.port, label: '--port' },
          { path: 'server.host', text: flags.host, label: '--host' },
        ]),
      );
    });

  withConfig(program.command('stdio'))
    .summary('serve one client over stdin and stdout')
    .description('Serves the client that started this process, over stdin and stdout. Logs go to stderr.')
    .action((flags: ConfigOption) => application.start('stdio', toOverrides(flags)));
}
