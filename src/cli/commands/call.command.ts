import type { Command } from 'commander';
import { closest } from '../../core/index.js';
import type { RemoteTool } from '../../connectors/index.js';
import { callArguments } from '../call-arguments.js';
import type { CliContext } from '../context.js';
import { CommandFailure, UsageError } from '../exit-code.js';
import { readGivenFile } from '../given-file.js';
import { collect, toOverrides, withConfig, withJson, withUrl, type ConfigOption } from '../options.js';
import { json } from '../output.js';
import { renderResult } from '../render-result.js';

interface CallFlags extends ConfigOption {
  readonly data?: string;
  readonly arg?: readonly string[];
  readonly url?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  rookery call analyze_data --data 1,2,3,4 --arg analysis_type=statistical
  rookery call search_knowledge_base --arg query="rate limits" --json
  rookery call analyze_data --data @request.json --url http://127.0.0.1:3000/mcp`;

/** `rookery call <tool>`. */
export function addCallCommand(program: Command, { application, out, err }: CliContext): void {
  withConfig(withJson(withUrl(program.command('call'))))
    .summary('call a tool')
    .description('Calls a tool with a real client and prints its answer. Ends with 1 when the tool fails.')
    .argument('<tool>', 'name of the tool; `rookery tools` lists them')
    .option('--data <data>', 'numbers (1,2,3) or a JSON array for the argument `data`, a JSON object for all, or @file')
    .option('--arg <key=value>', 'one argument; repeatable', collect)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: CallFlags) => {
      const data = readData(flags.data);
      const client = await application.connect({ url: flags.url, overrides: toOverrides(flags) });
      try {
        const tool = findTool(await client.listTools(), name);
        const result = await client.callTool(name, callArguments({ data, arg: flags.arg }, tool.inputSchema));
        if (flags.json === true) out(json(result));
        else if (result.isError) err(renderResult(result));
        else out(renderResult(result));
        if (result.isError) throw new CommandFailure();
      } finally {
        await client.close();
      }
    });
}

function readData(data: string | undefined): string | undefined {
  return data?.startsWith('@') === true ? readGivenFile(data.slice(1)) : data;
}

function findTool(tools: readonly RemoteTool[], name: string): RemoteTool {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool !== undefined) return tool;
  const meant = closest(
    name,
    tools.map((candidate) => candidate.name),
  );
  throw new UsageError(
    `there is no tool ${name}; ${meant === undefined ? '`rookery tools` lists them' : `did you mean ${meant}?`}`,
  );
}
