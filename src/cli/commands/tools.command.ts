import type { Command } from 'commander';
import type { RemoteTool } from '../../connectors/index.js';
import type { CliContext } from '../context.js';
import { toOverrides, withConfig, withJson, withUrl, type ConfigOption } from '../options.js';
import { columns, firstLine, json, printable } from '../output.js';

interface ToolsFlags extends ConfigOption {
  readonly url?: string;
  readonly json?: boolean;
}

/** `rookery tools`. */
export function addToolsCommand(program: Command, { application, out }: CliContext): void {
  withConfig(withJson(withUrl(program.command('tools'))))
    .summary('list the tools')
    .description('Lists the tools with the first line of what they say of themselves; --json has their schemas.')
    .action(async (flags: ToolsFlags) => {
      const client = await application.connect({ url: flags.url, overrides: toOverrides(flags) });
      try {
        const tools = await client.listTools();
        out(flags.json === true ? json(tools) : columns(tools.map(toRow)));
      } finally {
        await client.close();
      }
    });
}

function toRow({ name, title, description }: RemoteTool): readonly string[] {
  return [name, firstLine(description ?? title ?? '')].map(printable);
}
