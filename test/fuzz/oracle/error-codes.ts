/** JSON-RPC's own codes. */
const JSON_RPC = [-32700, -32600, -32601, -32602];
/** Those that the protocol adds since 2026: headers, capabilities, versions. */
const MODERN = [-32020, -32021, -32022];
/** The one that it had before: an unknown resource. */
const LEGACY = [-32002];
/** Refusals by the transport itself. */
const TRANSPORT = [-32000];
/** Outcomes of calls, outside the ranges that others reserve. */
const OUTCOMES = [401, 403, 422, 429, 499, 503, 504];

/** Whether an error may have this code. An internal one never: nothing that a client sends breaks the server. */
export function isDocumentedCode(code: unknown, modern: boolean): boolean {
  const codes = [...JSON_RPC, ...TRANSPORT, ...OUTCOMES, ...(modern ? MODERN : [...LEGACY, ...MODERN])];
  return codes.includes(code as number);
}
