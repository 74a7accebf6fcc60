import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import type { IssueFlags } from '../issue-service-token.js';
import { collect, withConfig, withJson } from '../options.js';
import { withGrants } from '../principal-options.js';

const EXAMPLES = `
Signed with auth.jwt.secret, or with auth.jwt.privateKey beside a public key. The token alone goes to stdout.
A token cannot be revoked: keep its life short, or use an API key (rookery keys create).

Examples:
  rookery token issue --subject nightly-report --role analyst --expires 12h > token
  rookery token issue --subject etl --permission read --scope datasets:read --json`;

/** `rookery token issue`. */
export function addTokenCommand(program: Command, context: CliContext): void {
  const token = program
    .command('token')
    .summary('issue access tokens for service accounts')
    .description('Issues access tokens for service accounts.');
  const issue = token
    .command('issue')
    .summary('sign a token that this server accepts, and print it')
    .description('Signs an access token that this server accepts, and prints it. No server needs to run.')
    .requiredOption('--subject <id>', 'who the token stands for, in logs, audit and limits');
  withConfig(withJson(withGrants(issue)))
    .option('--scope <scope>', 'a scope; repeatable', collect)
    .option('--audience <audience>', 'one of auth.jwt.audience; the first by default')
    .option('--expires <duration>', 'how long it lives, as 12h; auth.jwt.tokenExpiryHours by default, and at the most')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: IssueFlags) => {
      const { issueServiceToken } = await import('../issue-service-token.js');
      await issueServiceToken(context, flags);
    });
}
