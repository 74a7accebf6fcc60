import type { Command } from 'commander';
import type { LevelFlags } from '../admin/logs.js';
import type { CliContext } from '../context.js';
import { withServer } from '../options.js';

/** `rookery logs`: on a running server. */
export function addLogsCommand(program: Command, context: CliContext): void {
  const logs = program
    .command('logs')
    .summary('say what a running server logs, change it')
    .description('What a running server logs.');
  withServer(logs.command('level'))
    .summary('list the levels of modules, set one')
    .description('Lists the levels of modules, or sets one: at once, until the server ends or for a while.')
    .argument('[module]', 'a name as it stands in log lines; how names begin, as Mcp*; * for all others')
    .argument('[level]', 'trace, debug, info, warn, error, fatal, silent; reset for what the configuration says')
    .option('--for <duration>', 'then the configuration holds again, as 15m; a day at the most')
    .addHelpText(
      'after',
      `
The server is asked over HTTP with the credential in ROOKERY_API_KEY, or in the file that ROOKERY_API_KEY_FILE names.
It must have the permission rookery:operate. Of several processes the one that answers is changed.

Examples:
  rookery logs level
  rookery logs level Pipeline debug --for 15m
  rookery logs level Pipeline reset`,
    )
    .action(async (module: string | undefined, level: string | undefined, flags: LevelFlags) =>
      (await import('../admin/logs.js')).logLevel(context, module, level, flags),
    );
}
