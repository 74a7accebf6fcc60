import { z } from 'zod';

const version = '2026-07-28';

/** A `tools/call` of an echo tool, ready to be sent. */
export interface EchoCall {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The request as a client of the 2026-07-28 revision sends it. */
export function echoCall(tool: string, text = 'hello'): EchoCall {
  const params = {
    name: tool,
    arguments: { text },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': version,
      'io.modelcontextprotocol/clientInfo': { name: 'rookery-bench', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  return {
    text,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      'mcp-method': 'tools/call',
      'mcp-name': tool,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  };
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
