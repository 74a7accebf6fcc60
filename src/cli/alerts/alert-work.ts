import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { closest } from '../../core/index.js';
import { Alerts, prometheusRules } from '../../monitoring/index.js';
import { adminClient, type AdminFlags } from '../admin/admin-client.js';
import type { CliContext } from '../context.js';
import { parseDuration } from '../duration.js';
import { CommandFailure, UsageError } from '../exit-code.js';
import { toOverrides, type ConfigOption } from '../options.js';
import { json } from '../output.js';
import { readAlert, readAlerts, renderAlerts } from './alert-answers.js';

/** A silence, as the command line says it. */
export interface SilenceFlags extends AdminFlags {
  readonly for: string;
  readonly reason: string;
}

/** What is exported, and where to. */
export interface ExportFlags extends ConfigOption {
  readonly format: string;
  readonly output?: string;
  readonly together?: boolean;
}

/** Labels by which Prometheus tells processes apart. */
const PROCESS = ['job', 'instance'];

/** `rookery alerts list`. */
export async function listAlerts(context: CliContext, flags: AdminFlags): Promise<void> {
  const given = await (await adminClient(context, flags)).get('alerts');
  if (flags.json === true) return context.out(json(given));
  const alerts = readAlerts(given);
  context.out(renderAlerts(alerts));
  if (alerts.length === 0)
    context.err('The server watches nothing: monitoring.alerts.rules is empty, or alerts are off.\n');
}

/** `rookery alerts silence`. @throws UsageError when there is no such alert */
export async function silenceAlert(context: CliContext, name: string, flags: SilenceFlags): Promise<void> {
  const seconds = parseDuration(flags.for, '--for') / 1_000;
  const given = await changed(context, name, flags, 'silence', { seconds, reason: flags.reason });
  if (flags.json === true) return context.out(json(given));
  context.err(`Nobody is told of ${name} until ${readAlert(given)?.silence?.until ?? 'then'}.\n`);
}

/** `rookery alerts unsilence`. @throws UsageError when there is no such alert */
export async function unsilenceAlert(context: CliContext, name: string, flags: AdminFlags): Promise<void> {
  const given = await changed(context, name, flags, 'unsilence', {});
  if (flags.json === true) return context.out(json(given));
  context.err(`${name} is not silenced; it is ${readAlert(given)?.state ?? 'gone'}.\n`);
}

async function changed(
  context: CliContext,
  name: string,
  flags: AdminFlags,
  change: 'silence' | 'unsilence',
  body: object,
): Promise<unknown> {
  const client = await adminClient(context, flags);
  const names = readAlerts(await client.get('alerts')).map((alert) => alert.name);
  if (!names.includes(name)) {
    const meant = closest(name, names);
    throw new UsageError(
      `there is no alert ${name}; ${meant === undefined ? '`rookery alerts list` has them' : `did you mean ${meant}?`}`,
    );
  }
  return await client.post(`alerts/${encodeURIComponent(name)}/${change}`, body);
}

/** `rookery alerts export`. @throws UsageError for another format; CommandFailure when the file cannot be written */
export async function exportAlerts({ application, source, out, err }: CliContext, flags: ExportFlags): Promise<void> {
  if (flags.format !== 'prometheus') throw new UsageError(`--format takes prometheus, not ${flags.format}`);
  const app = await application.open(await application.configuration(source(toOverrides(flags))));
  try {
    const alerts = app.get(Alerts, { strict: false });
    const file = prometheusRules(alerts.rules, alerts.intervalMs, { by: flags.together === true ? [] : PROCESS });
    const text = `# The alerts of monitoring.alerts, by \`rookery alerts export\`: change them there.\n${stringify(file, { lineWidth: 0 })}`;
    if (flags.output === undefined) out(text);
    else write(flags.output, text);
    if (alerts.rules.length === 0) err('There are no rules: monitoring.alerts.rules is empty, or alerts are off.\n');
    else if (flags.output !== undefined) err(`${alerts.rules.length} rules are in ${flags.output}.\n`);
  } finally {
    await app.close();
  }
}

/** @throws CommandFailure saying why it cannot be written */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new CommandFailure(`error: ${path} cannot be written (${code}).`);
  }
}
