import type { Command } from 'commander';
import type { AdminFlags } from '../admin/admin-client.js';
import type { ExportFlags, SilenceFlags } from '../alerts/alert-work.js';
import type { CliContext } from '../context.js';
import { withConfig, withServer } from '../options.js';

const WHO = `
The server is asked over HTTP with the credential in ROOKERY_API_KEY, or in the file that ROOKERY_API_KEY_FILE names.
It must have the permission rookery:operate. Each process of several watches itself: ask each by its own --url.`;

/** `rookery alerts list`, `silence` and `unsilence` on a running server, and `rookery alerts export`. */
export function addAlertsCommand(program: Command, context: CliContext): void {
  const alerts = program
    .command('alerts')
    .summary('look at alerts, silence them, export their rules')
    .description('The alerts of monitoring.alerts: where they stand, silences, and the same rules for Prometheus.');
  withServer(alerts.command('list'))
    .summary('say where each alert of a running server stands')
    .description(
      'Lists the alerts of a running server: inactive, pending, firing or resolved, since when, silenced or not.',
    )
    .addHelpText('after', `${WHO}\n\nExample:\n  rookery alerts list --url https://mcp.example.com/mcp`)
    .action(async (flags: AdminFlags) => (await work()).listAlerts(context, flags));
  withServer(alerts.command('silence'))
    .summary('let nobody be told of an alert for a while')
    .description('Lets nobody be told of an alert for a while. What still holds when the silence ends is told then.')
    .argument('<rule>', 'the name of the alert; `rookery alerts list` has them')
    .requiredOption('--for <duration>', 'for how long, as 2h; 30d at the most')
    .requiredOption('--reason <text>', 'why, for the others')
    .addHelpText(
      'after',
      `${WHO}\n\nExample:\n  rookery alerts silence high_latency --for 2h --reason "moving the store"`,
    )
    .action(async (name: string, flags: SilenceFlags) => (await work()).silenceAlert(context, name, flags));
  withServer(alerts.command('unsilence'))
    .summary('end a silence')
    .description('Ends the silence of an alert.')
    .argument('<rule>', 'the name of the alert')
    .addHelpText('after', WHO)
    .action(async (name: string, flags: AdminFlags) => (await work()).unsilenceAlert(context, name, flags));
  withConfig(alerts.command('export'))
    .summary('write the rules as Prometheus takes them')
    .description(
      'Writes the configured rules as a rule file of Prometheus that means the same. The application is started in this ' +
        'process, listens nowhere, and is asked which metrics it has.',
    )
    .requiredOption('--format <format>', 'prometheus, which is all there is')
    .option('--output <file>', 'where it is written; without it, stdout')
    .option('--together', 'watch all processes together, and not each by itself')
    .addHelpText('after', '\nExample:\n  rookery alerts export --format prometheus --output rookery.rules.yaml')
    .action(async (flags: ExportFlags) => (await work()).exportAlerts(context, flags));
}

/** Loaded when a command runs, so that `--help` is there at once. */
async function work(): Promise<typeof import('../alerts/alert-work.js')> {
  return await import('../alerts/alert-work.js');
}
