/** What every request of 2026-07-28 carries in `params._meta`. */
export const ENVELOPE: Readonly<Record<string, unknown>> = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A JSON-RPC message of 2026-07-28. */
export function modernMessage(method: string, params: object = {}, id: unknown = 1): Record<string, unknown> {
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } };
}

/** A JSON-RPC message of the revisions before. */
export function legacyMessage(method: string, params: object = {}, id: unknown = 1): Record<string, unknown> {
  return { jsonrpc: '2.0', id, method, params };
}

/** The headers that go with a message of 2026-07-28 over HTTP. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  };
}

/** The headers that go with a message of 2025-11-25 over HTTP. */
export const LEGACY_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

/** `tools/call`, whole: headers and body. */
export function toolCall(name: string, args: object = {}): { headers: Record<string, string>; body: string } {
  return {
    headers: modernHeaders('tools/call', name),
    body: JSON.stringify(modernMessage('tools/call', { name, arguments: args })),
  };
}
