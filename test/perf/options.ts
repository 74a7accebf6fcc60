import { Command, InvalidArgumentError, Option } from 'commander';

/** The servers that the comparison knows. */
export const servers = ['plain', 'sdk', 'mcp-nest', 'ours'] as const;

/** The name of a server in the comparison. */
export type Server = (typeof servers)[number];

/** What the benchmark is asked to do. */
export interface BenchOptions {
  readonly tools?: true;
  readonly startup?: true;
  readonly sessions?: true;
  readonly idle?: true;
  readonly identity?: true;
  readonly policies?: true;
  readonly features?: true;
  readonly check?: true;
  readonly only?: readonly Server[];
  readonly rounds?: number;
  readonly requests: number;
  readonly connections: number;
  /** A file; `true` is the standard output. */
  readonly json: string | true;
}

/** Reads the command line; `--help` and mistakes end the process. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const command = new Command('bench')
    .description(
      'Measures tools/call of an echo tool: a plain node:http server, the official SDK, MCP-Nest and Rookery, ' +
        'one after another. What counts is the CPU that the server spends on a request, as a ratio to the plain server.',
    )
    .option('--tools', 'compare Rookery with 200 tools against one tool instead')
    .option('--startup', "compare Rookery's start with that of an empty Nest application instead")
    .option('--sessions', 'compare whole sessions of a 2025-11-25 client against the plain server instead')
    .option('--idle', 'measure the memory that idle sessions and open streams cost Rookery instead')
    .option('--identity', 'compare Rookery with identity, permissions and audit against the plain server instead')
    .option('--policies', 'compare Rookery with every policy against the plain server, and with Redis, instead')
    .option('--features', 'switch on one feature of Rookery after another instead')
    .option(
      '--check',
      'end with 1 when a limit is exceeded; with nothing chosen by another option all limits are checked',
    )
    .option('--only <servers>', `compare only these: ${servers.join(',')}`, serverList)
    .option('--rounds <n>', 'interleaved rounds, of which the median counts (3; of pairs: 7)', positive)
    .addOption(count('--requests <n>', 'requests a run; the SDK and MCP-Nest get a fifth', 40_000))
    .addOption(count('--connections <n>', 'connections at once', 50))
    .option('--json [file]', 'where to write the figures as JSON; without a file: the standard output')
    .parse(argv);
  return { json: 'results/bench.json', ...command.opts<Omit<BenchOptions, 'json'>>() };
}

function count(flags: string, description: string, value: number): Option {
  return new Option(flags, description).default(value).argParser(positive);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

function serverList(text: string): readonly Server[] {
  const names = text.split(',');
  const unknown = names.find((name) => !servers.some((server) => server === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${servers.join(', ')}.`);
  return servers.filter((server) => names.includes(server));
}
