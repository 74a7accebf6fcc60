const version = '2026-07-28';

/** A request of the 2026-07-28 revision, ready to be sent. */
export interface ModernRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The request as a client of that revision sends it; `params.name` is said in a header too. */
export function modernRequest(method: string, params: Readonly<Record<string, unknown>>): ModernRequest {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'rookery-bench', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(typeof params['name'] === 'string' && { 'mcp-name': params['name'] }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  };
}
