import { Option, type Command } from 'commander';
import { ConfigurationError } from '../../config/index.js';
import type { DoctorReport, DoctorRequest } from '../../doctor/index.js';
import type { CliContext } from '../context.js';
import { CommandFailure, ExitCode, UsageError } from '../exit-code.js';
import { toOverrides, withConfig, withJson, type ConfigOption } from '../options.js';
import { json } from '../output.js';

interface DoctorFlags extends ConfigOption {
  readonly json?: boolean;
  readonly only?: readonly string[];
}

const EXAMPLES = `
It changes nothing and may be run beside a running server. Ends with 0, with 1 when something fails, and with 2 when
the configuration cannot be used. Warnings do not change that.

Examples:
  rookery doctor
  rookery doctor --only database,redis,clock
  NODE_ENV=production rookery doctor --json`;

/** `rookery doctor`. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  withConfig(withJson(program.command('doctor')))
    .summary('look at everything that a server needs')
    .description('Looks at configuration, posture, back ends, files and machine, and says what to do.')
    .addOption(new Option('--only <checks>', 'only these, comma-separated').argParser(names))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: DoctorFlags) => {
      const report = await examined(context, flags);
      if (flags.json === true) context.out(json(report));
      else context.out((await import('../../doctor/index.js')).renderReport(report));
      const invalid = report.checks.some(({ name, status }) => name === 'configuration' && status === 'fail');
      if (invalid) throw new CommandFailure('', ExitCode.usage);
      if (report.status === 'fail') throw new CommandFailure();
    });
}

async function examined(context: CliContext, flags: DoctorFlags): Promise<DoctorReport> {
  const { ClockReadings, FAMILY_NAMES, diagnose, diagnoseFaulty, doctorSubject, selfTestsOf, unknownNames } =
    await import('../../doctor/index.js');
  const { only = [] } = flags;
  const unknown = unknownNames(only);
  if (unknown.length > 0) {
    throw new UsageError(`--only names ${unknown.join(', ')}; there are ${FAMILY_NAMES.join(', ')}`);
  }
  // What adapters log is what the report says better.
  (await import('@nestjs/common')).Logger.overrideLogger(false);
  const source = context.source(toOverrides(flags));
  const line = progressLine(context);
  const request: DoctorRequest = { only, progress: line.show };
  try {
    const config = await context.application.configuration(source);
    const sections = await context.application.sections();
    const selfTests = selfTestsOf(config);
    return await diagnose(doctorSubject({ config, sections, source, selfTests, clocks: new ClockReadings() }), request);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return await diagnoseFaulty(error, request);
  } finally {
    line.clear();
  }
}

/** One line on a terminal that says what is waited for; nothing elsewhere. */
function progressLine({ err }: CliContext): { show: NonNullable<DoctorRequest['progress']>; clear: () => void } {
  const clear = (): void => {
    if (process.stderr.isTTY) err('\r\u001b[K');
  };
  const show = (running: readonly string[], done: number): void => {
    if (!process.stderr.isTTY || running.length === 0) return;
    const width = (process.stderr.columns || 80) - 1;
    err(`\r\u001b[K${`${done} done, waiting for ${running.join(', ')}`.slice(0, width)}`);
  };
  return { show, clear };
}

function names(text: string, previous: readonly string[] | undefined): readonly string[] {
  const given = text.split(',').map((name) => name.trim());
  return [...(previous ?? []), ...given.filter((name) => name !== '')];
}
