import { z } from 'zod';
import { modernRequest, type ModernRequest } from './modern-request.js';

/** A `tools/call` of an echo tool, ready to be sent. */
export interface EchoCall extends ModernRequest {
  readonly text: string;
}

/** The request as a client of the 2026-07-28 revision sends it. */
export function echoCall(tool: string, text = 'hello'): EchoCall {
  return { text, ...modernRequest('tools/call', { name: tool, arguments: { text } }) };
}

/**
 * Sends `call` once and returns the answer's exact bytes.
 *
 * @throws when it is not a successful echo of the text.
 */
export async function answerTo(call: EchoCall, url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: call.headers,
    body: call.body,
    signal: AbortSignal.timeout(10_000),
  });
  const body = await response.text();
  if (response.status !== 200 || !echoes(body, call.text)) {
    throw new Error(`${url} does not echo ${JSON.stringify(call.text)}: ${response.status} ${body.slice(0, 500)}`);
  }
  return body;
}

function echoes(body: string, text: string): boolean {
  const answer = z.object({
    id: z.literal(1),
    result: z.object({
      content: z.tuple([z.object({ type: z.literal('text'), text: z.literal(text) })]),
      resultType: z.literal('complete'),
      isError: z.literal(false).optional(),
    }),
  });
  try {
    return answer.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}
