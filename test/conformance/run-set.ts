import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../perf/install.js';
import { repository } from '../perf/repository.js';
import { withServer } from '../perf/server-process.js';
import type { Program } from '../perf/subject.js';
import { type Judgement, judge } from './judgement.js';
import { readResults } from './results.js';
import { readScenarioList } from './scenario-list.js';
import type { ScenarioSet } from './scenario-set.js';
import { runSuite } from './suite.js';

/** The fixture server, as it was built to `dist-test`. */
export function fixtureServer(adapter: ScenarioSet['adapter'] = 'native'): Program {
  return {
    name: 'the fixture server',
    command: ['dist-test/test/conformance/serve.js'],
    cwd: repository,
    env: { ADAPTER: adapter },
  };
}

/** Runs a scenario set against a fixture server of its own; what the suite writes lies in `<output>/<name of the set>`. */
export async function runSet(set: ScenarioSet, output: string): Promise<Judgement> {
  await install(set.folder);
  const results = join(output, set.name);
  rmSync(results, { recursive: true, force: true });
  const listed = await runSuite(set.folder, 'list', ...set.list);
  const run = await withServer(fixtureServer(set.adapter), ({ url }) =>
    runSuite(set.folder, 'server', '--url', url, ...set.run, '--output-dir', results),
  );
  const judgement = judge(set, readScenarioList(listed.output), readResults(results));
  if (run.code === 0 || judgement.faults.length > 0) return judgement;
  const how = run.code === null ? 'took too long' : `ended with ${run.code}`;
  return { ...judgement, faults: [`The suite ${how}: ${run.output.slice(-2_000)}`] };
}
