import { Option, type Command } from 'commander';
import type { CliContext } from '../context.js';
import { collect, withConfig, withJson } from '../options.js';
import type { ExplainFlags, PolicyFlags } from '../policy/policy-answers.js';
import { withAttributes, withGrants } from '../principal-options.js';

const EXAMPLES = `
Without --principal, --role, --permission, --attribute and --scope, the caller is nobody: without a credential.
--principal takes the id of a key, never the key. Rate limits and guards of your own are not looked at.

Examples:
  rookery policy explain --tool sensitive_data_operation --principal reports
  rookery policy explain --tool sensitive_data_operation --role analyst --resource-id sales
  rookery policy explain --resource docs://index --scope docs:read --json`;

/** `rookery policy explain` and `list`. */
export function addPolicyCommand(program: Command, context: CliContext): void {
  const policy = program
    .command('policy')
    .summary('say who may call what, and why')
    .description('Says who may call what, and why. The application is started in this process and asked.');
  addExplain(policy, context);
  addList(policy, context);
}

function addExplain(policy: Command, context: CliContext): void {
  const grants = ['role', 'permission', 'attribute', 'scope'];
  const explain = policy
    .command('explain')
    .summary('say which rules let somebody call a target, or refuse it')
    .description(
      'Prints every rule of a target for one caller: granted or refused, and by what. Ends with 1 when refused.',
    )
    .addOption(new Option('--tool <name>', 'the tool').conflicts(['resource', 'prompt']))
    .addOption(new Option('--resource <uri>', 'the resource, by its URI').conflicts(['tool', 'prompt']))
    .addOption(new Option('--prompt <name>', 'the prompt').conflicts(['tool', 'resource']))
    .addOption(
      new Option('--key, --principal <id>', 'the id of an API key, in the configuration or the store').conflicts(
        grants,
      ),
    );
  withConfig(withJson(withAttributes(withGrants(explain))))
    .option('--scope <scope>', 'a scope of an access token; repeatable', collect)
    .option('--resource-id <id>', 'what the call is about: it is loaded, and its validators are asked')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ExplainFlags) => (await work()).explainPolicy(context, flags));
}

function addList(policy: Command, context: CliContext): void {
  withConfig(withJson(policy.command('list')))
    .summary('list what each target asks for, and those that ask for nothing')
    .description('Lists tools, resources and prompts with what they ask of callers, and those without a policy.')
    .action(async (flags: PolicyFlags) => (await work()).listPolicies(context, flags));
}

/** Loaded when a command runs, so that `--help` is there at once. */
async function work(): Promise<typeof import('../policy/policy-answers.js')> {
  return await import('../policy/policy-answers.js');
}
