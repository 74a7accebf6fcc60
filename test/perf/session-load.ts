import autocannon from 'autocannon';
import type { Load } from './load.js';
import type { SessionAnswers, Step } from './session-steps.js';

const longestRun = 180_000;

interface Session {
  id?: string;
}

/**
 * Goes through the steps on every connection again and again until `load.requests` were sent, and compares every
 * answer with what it must be. A session begins with the first step; the later ones carry its id.
 *
 * @throws when one answer has another status or other bytes, or does not come.
 */
export async function driveSessions(
  url: string,
  steps: readonly Step[],
  answers: SessionAnswers,
  load: Load,
): Promise<void> {
  const faults: string[] = [];
  const run = autocannon<Session>({
    url,
    connections: load.connections,
    amount: load.requests,
    bailout: 1,
    sampleInt: 50,
    requests: steps.map(({ method, headers, body, status, answer }) => ({
      method,
      headers,
      ...(body !== undefined && { body }),
      setupRequest: (request, { id }) =>
        id === undefined ? request : { ...request, headers: { ...headers, 'mcp-session-id': id } },
      onResponse: (actual, received, session, { 'mcp-session-id': id }) => {
        if (id !== undefined) session.id = id;
        if (actual === status && received === (answer === undefined ? '' : answers[answer])) return;
        faults.push(`${method} ${body ?? ''}: ${actual} ${received.slice(0, 500)}`);
        run.stop();
      },
    })),
  });
  const timer = setTimeout(() => run.stop(), longestRun);
  const { '2xx': answered, errors, timeouts } = await run;
  clearTimeout(timer);
  if (faults[0] !== undefined) throw new Error(`${url} did not answer as it should: ${faults[0]}`);
  if (answered !== load.requests) {
    const counts = JSON.stringify({ answered, errors, timeouts });
    throw new Error(`${url}: ${load.requests} requests were not all answered: ${counts}`);
  }
}
