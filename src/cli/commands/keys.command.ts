import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import type { CreateFlags, KeysFlags, RotateFlags } from '../keys/manage-keys.js';
import { withConfig, withJson } from '../options.js';
import { withAttributes, withGrants } from '../principal-options.js';

const EXPIRES = 'a duration, as 90d, or an instant with its time zone, as 2027-01-31T00:00:00Z';

const OVERVIEW = `
Keys are kept in the database of store.url, as digests: a key is shown once, when it is made.
The server takes them when auth.storedKeys is true, changes without a restart included.

Examples:
  rookery keys create reports --role analyst --expires 90d > reports.key
  rookery keys rotate reports --grace 24h > reports.new.key
  rookery keys list
  rookery keys revoke reports`;

const CREATE_EXAMPLES = `
The key alone goes to stdout; whoever has it is let in, so send it into a file or a secret store.

Examples:
  rookery keys create reports --role analyst --expires 90d > reports.key
  rookery keys create etl --permission read --permission execute --tenant acme
  rookery keys create auditor --role viewer --attribute clearanceLevel=3 --attribute department=finance --json`;

/** `rookery keys create`, `list`, `rotate` and `revoke`. */
export function addKeysCommand(program: Command, context: CliContext): void {
  const keys = program
    .command('keys')
    .summary('make, list, replace and end API keys')
    .description('Makes, lists, replaces and ends the API keys in the store. No server needs to run.')
    .addHelpText('after', OVERVIEW);
  addCreate(keys, context);
  addList(keys, context);
  addRotate(keys, context);
  addRevoke(keys, context);
}

function addCreate(keys: Command, context: CliContext): void {
  withConfig(withJson(withAttributes(withGrants(keys.command('create')))))
    .summary('make a key and print it, once')
    .description('Makes an API key, stores its digest, and prints the key: this once and never again.')
    .argument('<id>', 'who the key stands for, in logs, audit and limits: letters, digits and _ . : @ / -')
    .option('--tenant <tenant>', 'the tenant that the key belongs to')
    .option('--expires <when>', `${EXPIRES}; never by default`)
    .addHelpText('after', CREATE_EXAMPLES)
    .action(async (id: string, flags: CreateFlags) => (await work()).createKey(context, id, flags));
}

function addList(keys: Command, context: CliContext): void {
  withConfig(withJson(keys.command('list')))
    .summary('list the keys of the store')
    .description('Lists the keys of the store, revoked and expired ones too. Those of auth.apiKeys are not there.')
    .action(async (flags: KeysFlags) => (await work()).listKeys(context, flags));
}

function addRotate(keys: Command, context: CliContext): void {
  withConfig(withJson(keys.command('rotate')))
    .summary('replace a key and print the new one, once')
    .description('Makes a new key for an id and prints it, once. The old key works beside it for the time of grace.')
    .argument('<id>', 'the id of the key; `rookery keys list` has them')
    .option('--grace <duration>', 'for how long the old key still works; 0s ends it at once', '24h')
    .option('--expires <when>', `${EXPIRES}; what it was by default`)
    .action(async (id: string, flags: RotateFlags) => (await work()).rotateKey(context, id, flags));
}

function addRevoke(keys: Command, context: CliContext): void {
  withConfig(withJson(keys.command('revoke')))
    .summary('end a key for good')
    .description('Ends a key for good, and the one before it. Running servers follow within auth.revocationSeconds.')
    .argument('<id>', 'the id of the key; `rookery keys list` has them')
    .action(async (id: string, flags: KeysFlags) => (await work()).revokeKey(context, id, flags));
}

/** Loaded when a command runs, so that `--help` is there at once. */
async function work(): Promise<typeof import('../keys/manage-keys.js')> {
  return await import('../keys/manage-keys.js');
}
