/** A message of JSON-RPC, as loosely as tests look at it. */
export interface RawMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

const BOTH = 'application/json, text/event-stream';

/** A request of the 2025 era. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: BOTH, ...headers },
    body: JSON.stringify(body),
  });
}

/** What a request of the 2026 era has besides its method and parameters. */
export interface ModernOptions {
  readonly capabilities?: object;
  readonly id?: number;
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
}

/** A request of the 2026 era, with its envelope and the headers that mirror it. */
export function postModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  { capabilities = {}, id = 1, signal, headers = {} }: ModernOptions = {},
): Promise<Response> {
  const version = '2026-07-28';
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: BOTH,
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }),
    ...(signal !== undefined && { signal }),
  });
}

/** The message of a JSON answer. */
export async function messageOf(response: Response): Promise<RawMessage> {
  return (await response.json()) as RawMessage;
}

/** Begins a session of the 2025 era; its id. */
export async function openSession(
  url: string,
  protocolVersion = '2025-11-25',
  capabilities: object = {},
): Promise<string> {
  const params = { protocolVersion, capabilities, clientInfo: { name: 'raw', version: '1' } };
  const response = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}

/** One event of a stream. */
export interface RawEvent {
  readonly id?: string | undefined;
  readonly message?: RawMessage | undefined;
}

/** The events of a stream, as they come. */
export async function* eventsOf(response: Response): AsyncGenerator<RawEvent> {
  let pending = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    pending += chunk;
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = fieldOf(block, 'id');
      const data = fieldOf(block, 'data');
      if (id !== undefined || data) yield { id, message: data ? (JSON.parse(data) as RawMessage) : undefined };
    }
  }
}

/** Lines end with a line feed only: U+2028 and its like may stand in data as they are. */
function fieldOf(block: string, name: string): string | undefined {
  const line = block.split('\n').find((candidate) => candidate.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

/** The next message of a stream. */
export async function nextMessage(events: AsyncGenerator<RawEvent>): Promise<RawMessage> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error('The stream has ended.');
    if (value.message !== undefined) return value.message;
  }
}
