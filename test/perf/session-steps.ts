import { z } from 'zod';

const version = '2025-11-25';
const text = 'hello';

/** One request of a session. */
export interface Step {
  readonly method: 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The status it is answered with. */
  readonly status: number;
  /** Which body it is answered with; one of the others is answered without. */
  readonly answer?: keyof SessionAnswers;
}

/** The bodies of the answers that have one. */
export interface SessionAnswers {
  readonly greeting: string;
  readonly echo: string;
}

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const later = { ...headers, 'mcp-protocol-version': version };
const client = {
  protocolVersion: version,
  capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } },
  clientInfo: { name: 'rookery-bench', title: 'The benchmark', version: '1.0.0' },
};

/** What a client of the 2025-11-25 revision sends from the beginning of a session up to its end. */
export function sessionSteps(tool: string): readonly Step[] {
  const call = { name: tool, arguments: { text } };
  return [
    { method: 'POST', headers, body: message('initialize', client, 1), status: 200, answer: 'greeting' },
    { method: 'POST', headers: later, body: message('notifications/initialized'), status: 202 },
    { method: 'POST', headers: later, body: message('tools/call', call, 2), status: 200, answer: 'echo' },
    { method: 'DELETE', headers: { 'mcp-protocol-version': version }, status: 204 },
  ];
}

function message(method: string, params?: object, id?: number): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

const bodies = {
  greeting: z.object({ id: z.literal(1), result: z.object({ protocolVersion: z.literal(version) }) }),
  echo: z.object({
    id: z.literal(2),
    result: z.object({
      content: z.tuple([z.object({ type: z.literal('text'), text: z.literal(text) })]),
      isError: z.literal(false).optional(),
    }),
  }),
};

/**
 * Goes through the steps once and returns the answers' exact bytes.
 *
 * @throws when a step is not answered as a session's must be.
 */
export async function rehearse(steps: readonly Step[], url: string): Promise<SessionAnswers> {
  const answers = { greeting: '', echo: '' };
  let session: Readonly<Record<string, string>> = {};
  for (const { method, headers: own, body = null, status, answer } of steps) {
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(url, { method, headers: { ...own, ...session }, body, signal });
    const received = await response.text();
    if (response.status !== status || !(answer === undefined ? received === '' : isAnswer(answer, received))) {
      throw new Error(`${url} answers ${method} ${body ?? ''} with ${response.status} ${received.slice(0, 500)}`);
    }
    if (answer !== undefined) answers[answer] = received;
    const id = response.headers.get('mcp-session-id');
    if (id !== null) session = { 'mcp-session-id': id };
  }
  return answers;
}

function isAnswer(kind: keyof SessionAnswers, body: string): boolean {
  try {
    return bodies[kind].safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}
