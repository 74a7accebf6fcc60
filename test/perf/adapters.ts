import { interleave } from './rounds.js';
import { withServer, type RunningServer } from './server-process.js';
import { sessionSteps } from './session-steps.js';
import { median } from './statistics.js';
import { ours } from './subjects.js';

/**
 * What each adapter costs a client of the 2025 era: CPU of a `tools/call` within a session, and memory of an idle one.
 *
 * `node dist-test/test/perf/adapters.js`
 */
const rounds = 5;
const warmUp = 10_000;
const calls = 20_000;
const clients = 50;
const idle = 2_000;

const { tool } = ours();
const [begin, ready, call] = sessionSteps(tool);

const subjects = ['native', 'sdk'].map((adapter) => ({
  ...ours(),
  name: adapter,
  nodeOptions: ['--expose-gc'],
  env: { ...ours().env, ADAPTER: adapter },
}));
const costs = await interleave(subjects, rounds, (subject) => withServer(subject, cpuOfCall), progress);
const sizes = await interleave(subjects, 1, (subject) => withServer(subject, memoryOfSession), progress);
for (const [index, { name }] of subjects.entries()) {
  const cpu = median(costs[index] ?? []).toFixed(0);
  const memory = (median(sizes[index] ?? []) / 1000).toFixed(1);
  console.log(`${name}: ${cpu} µs of CPU a call, ${memory} kB an idle session`);
}

function progress({ name }: { readonly name: string }, round: number): void {
  process.stderr.write(`round ${round}: ${name}\n`);
}

/** Microseconds. */
async function cpuOfCall({ url, read }: RunningServer): Promise<number> {
  const sessions = await Promise.all(Array.from({ length: clients }, () => openSession(url)));
  const drive = (total: number): Promise<unknown> =>
    Promise.all(
      sessions.map(async (session) => {
        for (let sent = 0; sent < total / clients; sent++) await send(url, call, session);
      }),
    );
  await drive(warmUp);
  const before = await read();
  await drive(calls);
  return ((await read()).cpuMicroseconds - before.cpuMicroseconds) / calls;
}

/** Bytes of the heap and outside of it, after garbage collection; each session has begun and called a tool. */
async function memoryOfSession({ url, readMemory }: RunningServer): Promise<number> {
  const open = async (count: number): Promise<number> => {
    for (let opened = 0; opened < count; opened++) await send(url, call, await openSession(url));
    const { heapUsed, external } = await readMemory();
    return heapUsed + external;
  };
  const before = await open(idle);
  return ((await open(idle)) - before) / idle;
}

async function openSession(url: string): Promise<string> {
  const session = await send(url, begin);
  await send(url, ready, session);
  return session;
}

async function send(url: string, step: typeof call, session?: string): Promise<string> {
  if (step === undefined) throw new Error('A session has these steps.');
  const { method, body = null, status } = step;
  const headers = { ...step.headers, ...(session !== undefined && { 'mcp-session-id': session }) };
  const response = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${url} answers with ${response.status} ${text.slice(0, 500)}`);
  return response.headers.get('mcp-session-id') ?? '';
}
