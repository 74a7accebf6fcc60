import { join } from 'node:path';
import { repository } from './repository.js';
import type { SessionAnswers } from './session-steps.js';
import type { Subject } from './subject.js';

const built = { cwd: repository, env: {}, tool: 'echo', share: 1 };
const peer = { command: ['server.mjs'], env: {}, tool: 'echo', share: 0.2 };

/** Rookery without policies. With several tools the last one is called: whoever looks for it one by one pays. */
export function ours(tools = 1): Subject {
  return {
    ...built,
    name: tools === 1 ? 'ours' : `ours with ${tools} tools`,
    command: ['dist-test/test/perf/serve.js'],
    env: { TOOLS: String(tools), POLICIES: 'none' },
    tool: tools === 1 ? 'echo' : `echo${tools - 1}`,
  };
}

/**
 * A plain `node:http` server that answers in the form of `answer`, byte for byte, so that both send the same.
 *
 * @throws when `answer` is not what `JSON.stringify` writes: the plain server could not answer the same bytes.
 */
export function plain(answer?: string): Subject {
  const subject = { ...built, name: 'plain', command: ['dist-test/test/perf/plain-server.js'] };
  return answer === undefined ? subject : { ...subject, env: { ANSWER: repeatable(answer) } };
}

/** The plain server for whole sessions, with ours' answers to all that has one. */
export function plainSessions({ greeting, echo }: SessionAnswers): Subject {
  return { ...plain(), env: { ANSWER: repeatable(echo), GREETING: repeatable(greeting) } };
}

function repeatable(answer: string): string {
  if (JSON.stringify(JSON.parse(answer)) === answer) return answer;
  throw new Error(`The plain server cannot repeat these bytes: ${answer}`);
}

/** The official SDK: `createMcpHandler` with `McpServer`. */
export const sdk: Subject = { ...peer, name: 'sdk', cwd: join(repository, 'test/perf/peers/sdk') };

/** MCP-Nest on Express. */
export const mcpNest: Subject = { ...peer, name: 'mcp-nest', cwd: join(repository, 'test/perf/peers/mcp-nest') };

/** What takes the spans of servers that trace. */
export const collector: Subject = {
  ...built,
  name: 'collector',
  command: ['dist-test/test/perf/otlp-sink.js'],
};

/** A Nest application on Fastify with nothing in it. */
export const emptyNest: Subject = { ...built, name: 'empty-nest', command: ['dist-test/test/perf/empty-nest.js'] };
