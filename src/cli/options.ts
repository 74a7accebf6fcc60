import { Option, type Command } from 'commander';
import type { ConfigOverrides, OverrideValue } from '../config/index.js';

/** The option that every command which reads the configuration has. */
export interface ConfigOption {
  readonly config?: readonly string[];
}

/** Adds `--config`. */
export function withConfig(command: Command): Command {
  return command.addOption(
    new Option('--config <files>', 'further YAML files, comma-separated; they win over config/').argParser(splitFiles),
  );
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON, for programs');
}

/** Adds `--url`. */
export function withUrl(command: Command): Command {
  return command.option(
    '--url <url>',
    'a running server, as http://127.0.0.1:3000/mcp; without it one is started in this process',
  );
}

/** Adds `--config`, `--json` and the `--url` of a server that runs already. */
export function withServer(command: Command): Command {
  return withConfig(
    withJson(
      command.option(
        '--url <url>',
        'the running server: its MCP endpoint or base address; by default where the configuration says it is',
      ),
    ),
  );
}

/** What options of a command line add to the configuration; those that were not given add nothing. */
export function toOverrides(
  { config }: ConfigOption,
  values: readonly (Omit<OverrideValue, 'text'> & { readonly text: string | undefined })[] = [],
): ConfigOverrides {
  return {
    ...(config !== undefined && { files: config }),
    values: values.flatMap(({ text, ...value }) => (text === undefined ? [] : { ...value, text })),
  };
}

/** Gathers the values of an option that may stand several times. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

function splitFiles(text: string, previous: readonly string[] | undefined): readonly string[] {
  const files = text.split(',').map((file) => file.trim());
  return [...(previous ?? []), ...files.filter((file) => file !== '')];
}
