import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import type { NodesFlags, NodesListFlags } from '../nodes/node-answers.js';
import { withConfig, withJson } from '../options.js';

const EXAMPLES = `
Examples:
  rookery nodes show CSVReaderNode
  rookery nodes show SwitchNode --json`;

/** `rookery nodes list` and `show`. */
export function addNodesCommand(program: Command, context: CliContext): void {
  const nodes = program
    .command('nodes')
    .summary('list the kinds of nodes, show one')
    .description('The kinds of nodes of the application, which is started in this process and listens nowhere.');
  withConfig(withJson(nodes.command('list')))
    .summary('list the kinds of nodes')
    .description('Lists the kinds of nodes with what they do; --json has their schemas and examples.')
    .option('--category <category>', 'only these: data, transform, api, code, ai, control, or one of your own')
    .addHelpText('after', '\nExample:\n  rookery nodes list --category data')
    .action(async (flags: NodesListFlags) => (await work()).listNodes(context, flags));
  withConfig(withJson(nodes.command('show')))
    .summary('show parameters, outputs and examples of one')
    .description('Shows what a kind of node takes and gives, with examples to copy.')
    .argument('<type>', 'the type; `rookery nodes list` has them')
    .addHelpText('after', EXAMPLES)
    .action(async (type: string, flags: NodesFlags) => (await work()).showNode(context, type, flags));
}

/** Loaded when a command runs, so that `--help` is there at once. */
async function work(): Promise<typeof import('../nodes/node-answers.js')> {
  return await import('../nodes/node-answers.js');
}
