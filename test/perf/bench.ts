import { compare, type Row } from './comparison.js';
import { answerTo, echoCall } from './echo-call.js';
import { type Findings, gatesOf, kept } from './gate.js';
import { measureIdle } from './idle.js';
import { install } from './install.js';
import type { Load } from './load.js';
import { compareTools } from './many-tools.js';
import { type BenchOptions, readOptions, type Server, servers } from './options.js';
import { compareFeatures, compareIdentity, comparePolicies } from './policy-costs.js';
import { publish } from './report.js';
import { repository } from './repository.js';
import { withServer } from './server-process.js';
import { compareSessions } from './session.js';
import { compareStartup } from './startup.js';
import type { Subject } from './subject.js';
import { mcpNest, ours, plain, sdk } from './subjects.js';

/** The command line of the benchmark: chooses what to measure, publishes it, and with `--check` judges it. */
const options = readOptions(process.argv);
const found = await run(options);
const gates = gatesOf(found);
publish({ ...found, gates }, options);
if (options.check && !(gates.length > 0 && gates.every(kept))) process.exitCode = 1;

async function run(asked: BenchOptions): Promise<Findings> {
  const { tools, startup, sessions, idle, identity, policies, features, check, only, rounds, ...load } = asked;
  const chosen = [tools, startup, sessions, idle, identity, policies, features].every((part) => part === undefined);
  const all = chosen && check && !only;
  return {
    ...(chosen && {
      comparison: await compareServers(only ?? (check ? ['plain', 'ours'] : servers), rounds ?? 3, load),
    }),
    ...((tools ?? all) && { tools: await compareTools(rounds ?? 7, load, progress) }),
    ...((sessions ?? all) && { sessions: await compareSessions(rounds ?? 7, load, progress) }),
    ...((identity ?? all) && { identity: await compareIdentity(rounds ?? 7, load, progress) }),
    ...((policies ?? all) && { policies: await comparePolicies(rounds ?? 7, load, progress) }),
    ...(features && { features: await compareFeatures(rounds ?? 5, load, progress) }),
    ...((idle ?? all) && { idle: await measureIdle(progress) }),
    ...((startup ?? all) && { startup: await compareStartup(rounds ?? 7, progress) }),
  };
}

/** The plain server learns from ours what to answer, so that both send the same bytes. */
async function compareServers(names: readonly Server[], rounds: number, load: Load): Promise<readonly Row[]> {
  const own = ours();
  const answer = names.includes('ours')
    ? await withServer(own, ({ url }) => answerTo(echoCall(own.tool), url))
    : undefined;
  const known: Record<Server, Subject> = { plain: plain(answer), sdk, 'mcp-nest': mcpNest, ours: own };
  const subjects = names.map((name) => known[name]);
  for (const { cwd } of subjects) if (cwd !== repository) await install(cwd);
  return compare(subjects, rounds, load, progress);
}

function progress({ name }: { readonly name: string }, round: number): void {
  process.stderr.write(`round ${round}: ${name}\n`);
}
