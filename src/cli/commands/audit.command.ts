import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import { withConfig, withJson } from '../options.js';
import type { VerifyFlags } from '../verify-audit.js';

const EXAMPLES = `
Without paths, everything that audit.sinks names is verified, and compared with the heads that the store keeps.
A server that still writes has no closing mark yet: that is a warning, and no failure unless --strict is given.

Examples:
  rookery audit verify
  rookery audit verify data/audit.jsonl --key-file audit.key
  rookery audit verify /backup/audit --strict --json`;

/** `rookery audit verify`. */
export function addAuditCommand(program: Command, context: CliContext): void {
  const audit = program.command('audit').summary('check the audit trail').description('Checks the audit trail.');
  withConfig(withJson(audit.command('verify')))
    .summary('say whether records were changed or are missing')
    .description('Verifies the hash chains of the audit trail. Ends with 1 when records were changed or are missing.')
    .argument('[paths...]', 'files, folders, or the path of a sink; by default everything in audit.sinks')
    .option('--key-file <file>', 'the file that holds audit.key, where the configuration has another or none')
    .option('--anchors', 'compare with the heads in the store too; without paths that is done anyway')
    .option('--no-anchors', 'do not compare, where the store is not to be looked at')
    .option('--strict', 'warnings fail too: an end without a closing mark, a last line that is cut off')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: VerifyFlags) => {
      const { verifyAudit } = await import('../verify-audit.js');
      await verifyAudit(context, paths, flags);
    });
}
