import { type EchoCall, echoCall } from './echo-call.js';
import { HttpConnection } from './http-connection.js';
import type { Load } from './load.js';

const longestRun = 180_000;

/** Where the calls of a load come from. */
export interface Calls {
  next(): EchoCall;
}

/** Calls of an echo tool, each with another text, by each caller in turn. */
export class VariedCalls implements Calls {
  #sent = 0;

  constructor(
    private readonly tool: string,
    private readonly credentials: readonly string[],
  ) {}

  /** The next call; every text has the same length. */
  next(): EchoCall {
    const index = this.#sent++;
    const call = echoCall(this.tool, `text ${String(index).padStart(9, '0')}`);
    const credential = this.credentials[index % this.credentials.length];
    return credential === undefined ? call : as(credential, call);
  }
}

/** The call of whoever has the credential. */
export function as(credential: string, call: EchoCall): EchoCall {
  return { ...call, headers: { ...call.headers, authorization: `Bearer ${credential}` } };
}

/** The bytes of an echo before and after its text. */
export interface EchoForm {
  readonly before: string;
  readonly after: string;
}

/** What is around the text in the answer to a call. @throws when the text is not there, or several times */
export function formOf(answer: string, text: string): EchoForm {
  const [before, after, ...rest] = answer.split(text);
  if (before === undefined || after === undefined || rest.length > 0)
    throw new Error(`No echo of "${text}": ${answer}`);
  return { before, after };
}

/**
 * Sends `load.requests` of the calls and compares every answer with the echo of its text, byte for byte.
 *
 * @throws when one answer has another status or other bytes, or does not come.
 */
export async function driveVaried(url: string, calls: Calls, form: EchoForm, load: Load): Promise<void> {
  let left = load.requests;
  const connections = Array.from({ length: load.connections }, () => new HttpConnection(url, longestRun));
  const drive = async (connection: HttpConnection): Promise<void> => {
    while (left-- > 0) {
      const call = calls.next();
      const { status, body } = await connection.post(call);
      const expected = form.before + call.text + form.after;
      if (status === 200 && body === expected) continue;
      throw new Error(`${url} did not answer as it should: ${status} ${body.slice(0, 500)} instead of ${expected}`);
    }
  };
  const rest = stayAwake();
  try {
    await Promise.all(connections.map(drive));
  } finally {
    rest();
    for (const connection of connections) connection.close();
  }
}

/**
 * Keeps this process from sleeping. On the loopback whoever writes to a process that sleeps pays for waking it, up to
 * 10 µs a write, and a slower server meets a driver that sleeps more often: the figure would be of the driver.
 *
 * @returns how to let it sleep again
 */
function stayAwake(): () => void {
  let awake = true;
  const turn = (): void => {
    if (awake) setImmediate(turn);
  };
  turn();
  return () => {
    awake = false;
  };
}
