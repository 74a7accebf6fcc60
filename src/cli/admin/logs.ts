import { z } from 'zod';
import { LOGGER_LEVELS, MODULE_PATTERN } from '../../core/index.js';
import type { CliContext } from '../context.js';
import { parseDuration } from '../duration.js';
import { CommandFailure, UsageError } from '../exit-code.js';
import { columns, json, printable } from '../output.js';
import { adminClient, type AdminFlags } from './admin-client.js';

/** What the command line says of a level. */
export interface LevelFlags extends AdminFlags {
  /** How long it holds. */
  readonly for?: string;
}

const LONGEST_SECONDS = 86_400;
/** In the place of a level: what the configuration says. */
const RESET = 'reset';

const answer = z.object({
  format: z.string(),
  levels: z.array(
    z.object({
      module: z.string(),
      level: z.string(),
      changed: z.boolean(),
      configured: z.string().optional(),
      until: z.string().optional(),
    }),
  ),
});

/** `rookery logs level`. @throws UsageError for what is no level, or a time without one */
export async function logLevel(
  context: CliContext,
  module: string | undefined,
  level: string | undefined,
  flags: LevelFlags,
): Promise<void> {
  const change = changeOf(module, level, flags);
  const client = await adminClient(context, flags);
  const given = change === undefined ? await client.get('logging') : await client.put('logging', change);
  if (flags.json === true) return context.out(json(given));
  const read = answer.safeParse(given);
  if (!read.success) {
    throw new CommandFailure(
      "error: The server answered what this version does not understand. Use the command line of the server's version, or --json.",
    );
  }
  const table = columns([
    ['MODULE', 'LEVEL', 'CONFIGURED', 'UNTIL'],
    ...read.data.levels.map((one) => [one.module, one.level, one.changed ? (one.configured ?? '-') : '', untilOf(one)]),
  ]);
  context.out(printable(table));
}

function changeOf(module: string | undefined, level: string | undefined, flags: LevelFlags): object | undefined {
  if (module === undefined || level === undefined) {
    if (module !== undefined)
      throw new UsageError(`name a level for ${module}: ${LOGGER_LEVELS.join(', ')}, or ${RESET}`);
    if (flags.for !== undefined) throw new UsageError('--for goes with a module and a level');
    return undefined;
  }
  if (!MODULE_PATTERN.test(module)) {
    throw new UsageError('name a module as it stands in log lines, the beginning of names and a *, or * alone');
  }
  if (level === RESET) {
    if (flags.for !== undefined) throw new UsageError('--for goes with a level');
    return { module, level: null };
  }
  if (!LOGGER_LEVELS.some((known) => known === level)) {
    throw new UsageError(`${level} is no level: use ${LOGGER_LEVELS.join(', ')}, or ${RESET}`);
  }
  return { module, level, ...(flags.for !== undefined && { forSeconds: secondsOf(flags.for) }) };
}

function secondsOf(text: string): number {
  const seconds = parseDuration(text, '--for') / 1000;
  if (seconds < 1 || seconds > LONGEST_SECONDS)
    throw new UsageError('--for takes a second at least, a day at the most');
  return seconds;
}

function untilOf({ changed, until }: { readonly changed: boolean; readonly until?: string | undefined }): string {
  return until ?? (changed ? 'the next start' : '');
}
