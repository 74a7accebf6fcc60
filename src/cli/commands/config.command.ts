import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import {
  ConfigurationError,
  configFiles,
  fileExists,
  keyReference,
  loadConfig,
  redactConfig,
  type ConfigSource,
} from '../../config/index.js';
import type { CliContext } from '../context.js';
import { CommandFailure, ExitCode, UsageError } from '../exit-code.js';
import { toOverrides, withConfig, withJson, type ConfigOption } from '../options.js';
import { json } from '../output.js';
import { insertReference } from '../insert-reference.js';

interface ShowFlags extends ConfigOption {
  readonly json?: boolean;
}

interface ReferenceFlags {
  readonly into?: string;
  readonly check?: boolean;
}

/** `rookery config show`, `check` and `reference`. */
export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program
    .command('config')
    .summary('look at the configuration')
    .description('Looks at the configuration.');
  addShow(config, context);
  addCheck(config, context);
  addReference(config, context);
}

function addShow(config: Command, { application, out, source }: CliContext): void {
  withConfig(withJson(config.command('show')))
    .summary('print what is in effect, secrets as ***')
    .description('Prints the configuration that a start would use: all files and variables merged, secrets as ***.')
    .action(async (flags: ShowFlags) => {
      const sections = await application.sections();
      const from = source(toOverrides(flags));
      const shown = redactConfig(loadConfig(sections, from, await application.checks()), sections);
      out(
        flags.json === true
          ? json(shown)
          : `# from ${sourcesOf(from).join(', ')}\n${stringify(shown, { lineWidth: 0 })}`,
      );
    });
}

function addCheck(config: Command, { application, out, err, source }: CliContext): void {
  withConfig(withJson(config.command('check')))
    .summary('say everything that is wrong with it')
    .description('Reads the configuration as a start would and lists every fault. Ends with 2 when there are any.')
    .action(async (flags: ShowFlags) => {
      const from = source(toOverrides(flags));
      try {
        loadConfig(await application.sections(), from, await application.checks());
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        if (flags.json !== true) throw error;
        out(json({ valid: false, faults: error.faults }));
        throw new CommandFailure('', ExitCode.usage);
      }
      if (flags.json === true) out(json({ valid: true, faults: [] }));
      else err(`The configuration is valid (${sourcesOf(from).join(', ')}).\n`);
    });
}

function addReference(config: Command, { application, out, err }: CliContext): void {
  config
    .command('reference')
    .summary('print every key as Markdown')
    .description('Prints every key with type, default and variable as Markdown, generated from the schemas.')
    .option('--into <file>', 'replace what stands between <!-- keys --> and <!-- /keys --> in this file')
    .option('--check', 'change nothing; end with 1 when the file is out of date')
    .action(async ({ into, check }: ReferenceFlags) => {
      if (check === true && into === undefined) throw new UsageError('--check needs --into <file>');
      const reference = keyReference(await application.sections());
      if (into === undefined) return out(reference);
      const before = readFileSync(into, 'utf8');
      const after = insertReference(before, reference);
      if (after === undefined)
        throw new UsageError(`${into} has no line <!-- keys --> followed by a line <!-- /keys -->`);
      if (before === after) return err(`${into} is up to date.\n`);
      if (check === true)
        throw new CommandFailure(`${into} is out of date; run rookery config reference --into ${into}`);
      writeFileSync(into, after);
      err(`${into} was brought up to date.\n`);
    });
}

/** The files that are there and the variables that are set, by name. */
function sourcesOf(source: ConfigSource): readonly string[] {
  const files = configFiles(source).filter(({ path }) => fileExists(path));
  const variables = Object.keys(source.env).filter((name) => name.startsWith('ROOKERY_') && name !== 'ROOKERY_CONFIG');
  const sources = [...files.map(({ label }) => label), ...variables];
  return sources.length === 0 ? ['defaults only'] : sources;
}
