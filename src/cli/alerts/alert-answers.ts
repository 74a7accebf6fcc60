import { z } from 'zod';
import { CommandFailure } from '../exit-code.js';
import { columns, printable } from '../output.js';

const alert = z.object({
  name: z.string(),
  condition: z.string(),
  state: z.string(),
  since: z.string().optional(),
  value: z.number().optional(),
  silence: z.object({ until: z.string(), reason: z.string(), by: z.string() }).optional(),
});
const listed = z.object({ alerts: z.array(alert) });
const changed = z.object({ alert: alert.optional() });

/** An alert as the server has it. */
export type AlertAnswer = z.output<typeof alert>;

/** @throws CommandFailure when the server means something else by it than this version */
export function readAlerts(given: unknown): readonly AlertAnswer[] {
  return read(listed, given).alerts;
}

/** @throws CommandFailure when the server means something else by it than this version */
export function readAlert(given: unknown): AlertAnswer | undefined {
  return read(changed, given).alert;
}

/** Alerts with a heading; without any nothing. */
export function renderAlerts(alerts: readonly AlertAnswer[]): string {
  if (alerts.length === 0) return '';
  const rows = alerts.map(({ name, state, since, value, silence, condition }) => [
    name,
    state,
    since?.replace(/\.\d+Z$/, 'Z') ?? '-',
    value === undefined ? 'no data' : String(Number(value.toPrecision(4))),
    silence === undefined ? '-' : `until ${silence.until.replace(/\.\d+Z$/, 'Z')}: ${silence.reason}`,
    condition,
  ]);
  return columns(
    [['ALERT', 'STATE', 'SINCE', 'VALUE', 'SILENCED', 'CONDITION'], ...rows].map((row) => row.map(printable)),
  );
}

function read<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new CommandFailure(
    `error: The server answered what this version does not understand (${issue?.path.join('.') || 'answer'}: ${issue?.message}). ` +
      "Use the command line of the server's version, or --json.",
  );
}
