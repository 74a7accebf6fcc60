import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { httpProblem } from '../oracle/http-answer.js';
import type { Received } from './http-wire.js';
import { ResponseReader } from './response-reader.js';

/** How long the server may be quiet before the client goes. */
const QUIET_MS = 2;

/** Writes bytes on a connection of their own, and says what is wrong with the responses, if any come. */
export async function rawExchange(connect: () => Duplex, bytes: Buffer): Promise<readonly string[]> {
  const stream = connect();
  const responses: Received[] = [];
  let problem: string | undefined;
  let heard = true;
  const reader = new ResponseReader({
    head: (status, headers) => {
      responses.push({ status, headers, body: '', ended: false, problem: undefined });
    },
    data: (data) => void ((responses.at(-1) as Received).body += data.toString('utf8')),
    end: () => void ((responses.at(-1) as Received).ended = true),
  });
  stream.on('error', () => undefined);
  stream.on('data', (data: Buffer) => {
    heard = true;
    try {
      reader.push(data);
    } catch (error) {
      problem ??= String(error);
    }
  });
  stream.write(bytes);
  for (; heard && !stream.destroyed; await delay(QUIET_MS)) heard = false;
  stream.destroy();
  const problems = responses.map((response) => (response.ended ? httpProblem(response, true) : undefined));
  return [problem, ...problems].filter((found) => found !== undefined);
}
