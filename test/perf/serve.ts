import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createServer } from '../../src/index.js';
import { authWays, makeCallers } from './credentials.js';
import { featuresOf, policiesServed } from './features.js';
import { modulesOf, policyOf, type PolicySettings } from './policy-modules.js';
import { registerProofTools } from './proof-tools.js';

/**
 * The server that the bench drives: `echo`, and copies of it. Reads no configuration; listens on loopback only.
 *
 * - `PORT` (3200), `TOOLS` (1), `ADAPTER` (`native`)
 * - `POLICIES` (`none`): `identity` is `auth,permissions,audit`; `all` is every policy; a list is what it names: `all,tracing`.
 * - `AUTH` (`key`): how callers are known, or `jwt`, or `jwt-uncached`
 * - `BENCH_KEYS`: the file that the callers' 1,000 credentials are written to, one a line, where there is `auth`
 * - `BENCH_AUDIT`: the file of the audit records; by default one in a new temporary folder
 * - `OTLP`: where spans go, of which a tenth is recorded, where there is `tracing`
 * - `WAITS`: with `1` the tools answer in a later turn of the event loop, as those do that ask others
 * - `REDIS`: the URL of the server where limits are kept; by default they are kept in memory
 */
const { PORT = '3200', TOOLS = '1', POLICIES = 'none', AUTH = 'key', ADAPTER } = process.env;
const { BENCH_KEYS, BENCH_AUDIT, OTLP, REDIS, WAITS } = process.env;

const settings = await settingsOf();
const { server, app, start } = await createServer({
  name: 'bench',
  version: '0.0.0',
  port: Number(PORT),
  adapter: ADAPTER === 'sdk' ? 'sdk' : 'native',
  imports: modulesOf(settings),
});
let executions = 0;
for (let index = 0; index < Number(TOOLS); index++) {
  await server.registerTool(
    {
      name: index === 0 ? 'echo' : `echo${index}`,
      description: 'Answers with the text that it was sent.',
      inputSchema: z.object({ text: z.string().max(10_000) }),
      ...policyOf(settings),
    },
    ({ text }) => {
      executions++;
      return WAITS === '1' ? new Promise((resolve) => setImmediate(() => resolve(text))) : text;
    },
  );
}
await registerProofTools({ server, app }, settings.features, () => executions);
const url = await start();
writeFileSync(1, `listening ${url}\n`);

async function settingsOf(): Promise<PolicySettings> {
  const features = featuresOf(POLICIES);
  if (features === undefined) refuse(`POLICIES=${POLICIES} is not served; ${policiesServed}`);
  const way = authWays.find((name) => name === AUTH);
  const callers = features.has('auth') && way !== undefined ? await makeCallers(way) : undefined;
  if (features.has('auth')) {
    if (callers === undefined) refuse(`AUTH=${AUTH} is not served; use one of ${authWays.join(', ')}.`);
    if (BENCH_KEYS === undefined) refuse('Set BENCH_KEYS to the file that the callers’ keys are to be written to.');
    writeFileSync(BENCH_KEYS, `${callers.credentials.join('\n')}\n`, { mode: 0o600 });
  }
  const auditFile = BENCH_AUDIT ?? join(mkdtempSync(join(tmpdir(), 'rookery-bench-')), 'audit.jsonl');
  return { features, callers, auditFile, redisUrl: REDIS, collectorUrl: OTLP };
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
