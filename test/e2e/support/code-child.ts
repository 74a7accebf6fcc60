/** A process of its own that chooses runners, runs a piece of code in each language's, and prints what came of it. */
import { CodeRunners, codeOptions, type CodeLanguage } from '../../../src/nodes/code/index.js';

const runners = new CodeRunners(codeOptions.parse(JSON.parse(process.argv[2] ?? '{}')));
await runners.start();
const run = async (language: CodeLanguage): Promise<unknown> =>
  await runners.run({ language, code: 'result = n * 2', variables: { n: 21 } }).then(
    ({ result, runner, isolation }) => ({ result, runner, isolation }),
    (error: unknown) => String(error),
  );
const answer = {
  uid: process.getuid?.(),
  report: Object.fromEntries(runners.report().map((report) => [report.name, report])),
  python: await run('python'),
  javascript: await run('javascript'),
};
await runners.close();
process.stdout.write(JSON.stringify(answer));
