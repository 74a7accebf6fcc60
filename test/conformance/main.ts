import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Judgement, line } from './judgement.js';
import { runSet } from './run-set.js';
import { type ScenarioSet, scenarioSets } from './scenario-set.js';

/** The command line of the conformance run: what to run, and how to tell what came of it. */
interface ConformanceOptions {
  readonly only: readonly ScenarioSet[];
  readonly output: string;
  readonly json?: true;
}

const names = scenarioSets.map(({ name }) => name);
const options = new Command('conformance')
  .description(
    'Runs every server scenario of the official conformance suites against the fixture server. A failed or warned ' +
      'check, scored or not, a scenario that did not run or checked nothing is a fault, and the run ends with 1.',
  )
  .addOption(
    new Option('--only <sets>', `run only these: ${names.join(',')}`).argParser(chosen).default(scenarioSets, 'all'),
  )
  .option('--output <folder>', 'where the suites write what they saw', 'results/conformance')
  .option('--json', 'print what was found as JSON')
  .parse(process.argv)
  .opts<ConformanceOptions>();

const judgements: Judgement[] = [];
for (const set of options.only) {
  process.stderr.write(`running ${set.name}\n`);
  const judgement = await runSet(set, resolve(options.output));
  judgements.push(judgement);
  if (!options.json) console.log([line(judgement), ...judgement.faults.map((fault) => `  ${fault}`)].join('\n'));
}
if (options.json) console.log(JSON.stringify(judgements, null, 2));
if (judgements.some(({ faults }) => faults.length > 0)) process.exitCode = 1;

function chosen(text: string): readonly ScenarioSet[] {
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${names.join(', ')}.`);
  return scenarioSets.filter(({ name }) => wanted.includes(name));
}
