import type { Command } from 'commander';
import type { AdminFlags } from '../admin/admin-client.js';
import type { ClearFlags, LimitsFlags } from '../admin/operate.js';
import type { CliContext } from '../context.js';
import { collect, withServer } from '../options.js';

const WHO = `
The server is asked over HTTP with the credential in ROOKERY_API_KEY, or in the file that ROOKERY_API_KEY_FILE names.
It must have the permission rookery:operate.`;

/** `rookery status`, `breakers`, `limits`, `cache` and `principals`: on a running server. */
export function addAdminCommands(program: Command, context: CliContext): void {
  withServer(program.command('status'))
    .summary('say how a running server is doing')
    .description('Says how a running server is doing: audit trail, cache, breakers, calls, store, Redis.')
    .addHelpText('after', `${WHO}\n\nExample:\n  rookery status --url https://mcp.example.com/mcp`)
    .action(async (flags: AdminFlags) => (await work()).showStatus(context, flags));
  addBreakers(program, context);
  addLimits(program, context);
  addCache(program, context);
  const principals = program
    .command('principals')
    .summary('let a running server look at credentials again')
    .description('Whom a running server remembers.');
  withServer(principals.command('forget'))
    .summary('look at every credential again')
    .description('Lets a running server forget who credentials stand for: each is looked at again when it next comes.')
    .addHelpText('after', WHO)
    .action(async (flags: AdminFlags) => (await work()).forgetPrincipals(context, flags));
}

function addBreakers(program: Command, context: CliContext): void {
  const breakers = withServer(program.command('breakers'))
    .summary('list the circuit breakers of a running server, close one')
    .description('Lists the circuit breakers of a running server, with their states.')
    .addHelpText('after', `${WHO}\n\nExamples:\n  rookery breakers\n  rookery breakers reset web_search`)
    .action(async (flags: AdminFlags) => (await work()).showBreakers(context, flags));
  withServer(breakers.command('reset'))
    .summary('close a breaker by hand')
    .description('Closes a breaker by hand: its calls run again at once.')
    .argument('<name>', 'the name of the breaker; `rookery breakers` lists them')
    .action(async (name: string, _own: AdminFlags, command: Command) =>
      (await work()).resetBreaker(context, name, command.optsWithGlobals<AdminFlags>()),
    );
}

function addLimits(program: Command, context: CliContext): void {
  withServer(program.command('limits'))
    .summary('say how much of its limits a caller has used')
    .description('Says which rate limits hold for a caller of a running server, and how much of each is used up.')
    .option('--principal <id>', 'the id of an API key, or the subject of a token')
    .option('--issuer <issuer>', "the token's issuer")
    .option('--tenant <tenant>', 'the tenant of the key or token')
    .option('--address <ip>', 'a caller without a credential, by its address')
    .addHelpText(
      'after',
      `${WHO}\n\nExamples:\n  rookery limits --principal reports\n  rookery limits --address 192.0.2.7`,
    )
    .action(async (flags: LimitsFlags) => (await work()).showLimits(context, flags));
}

function addCache(program: Command, context: CliContext): void {
  const cache = withServer(program.command('cache'))
    .summary('look at the cache of a running server, clear it')
    .description('Says what the cache of a running server holds, and how often it had the answer.')
    .addHelpText('after', `${WHO}\n\nExamples:\n  rookery cache\n  rookery cache clear --tool search_knowledge_base`)
    .action(async (flags: AdminFlags) => (await work()).showCache(context, flags));
  withServer(cache.command('clear'))
    .summary('remove results')
    .description('Removes results from the cache: those of a tool, resource or prompt, those with a tag, or all.')
    .option('--tool <name>', 'results of this tool')
    .option('--resource <name>', 'results of the resource of this name')
    .option('--prompt <name>', 'results of this prompt')
    .option('--tag <tag>', 'results with this tag; repeatable', collect)
    .option('--all', 'everything')
    .action(async (_own: ClearFlags, command: Command) =>
      (await work()).clearCache(context, command.optsWithGlobals<ClearFlags>()),
    );
}

/** Loaded when a command runs, so that `--help` is there at once. */
async function work(): Promise<typeof import('../admin/operate.js')> {
  return await import('../admin/operate.js');
}
