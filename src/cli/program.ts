import { Command, CommanderError } from 'commander';
import { packageInfo } from '../config/index.js';
import { addAdminCommands } from './commands/admin.command.js';
import { addAlertsCommand } from './commands/alerts.command.js';
import { addAuditCommand } from './commands/audit.command.js';
import { addCallCommand } from './commands/call.command.js';
import { addClientConfigCommand } from './commands/client-config.command.js';
import { addConfigCommand } from './commands/config.command.js';
import { addDoctorCommand } from './commands/doctor.command.js';
import { addKeysCommand } from './commands/keys.command.js';
import { addLogsCommand } from './commands/logs.command.js';
import { addNodesCommand } from './commands/nodes.command.js';
import { addPolicyCommand } from './commands/policy.command.js';
import { addStartCommands } from './commands/start.command.js';
import { addTokenCommand } from './commands/token.command.js';
import { addToolsCommand } from './commands/tools.command.js';
import type { CliContext } from './context.js';
import { explainError } from './explain-error.js';
import { ExitCode } from './exit-code.js';

/** The whole command line as commander knows it. */
export function createProgram(context: CliContext): Command {
  const program = new Command('rookery')
    .description('An enterprise MCP server built of Nest modules.')
    .version(packageInfo().version)
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('(add --help for what there is)');
  addStartCommands(program, context);
  addToolsCommand(program, context);
  addCallCommand(program, context);
  addAdminCommands(program, context);
  addLogsCommand(program, context);
  addClientConfigCommand(program, context);
  addKeysCommand(program, context);
  addTokenCommand(program, context);
  addPolicyCommand(program, context);
  addAuditCommand(program, context);
  addAlertsCommand(program, context);
  addNodesCommand(program, context);
  addConfigCommand(program, context);
  addDoctorCommand(program, context);
  return program;
}

/** Runs one command line, without the program's name. Never throws; resolves with what the process should end with. */
export async function run(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  try {
    await createProgram(context).parseAsync(argv, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    // commander has said it already; asking for help or the version is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    const { code, message } = explainError(error);
    if (message !== '') context.err(`${message}\n`);
    return code;
  }
}
