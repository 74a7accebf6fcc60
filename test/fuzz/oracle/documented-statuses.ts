/** What a status of the endpoint means, and which JSON-RPC errors come with it. */
export interface DocumentedStatus {
  readonly when: string;
  /** Codes of the error in the body; `'answer'` for any answer, `undefined` for no body at all. */
  readonly codes?: readonly number[] | 'answer';
}

const TRANSPORT = [-32000];

/** Every HTTP status that the endpoint answers with. */
export const DOCUMENTED_STATUSES: Readonly<Record<number, DocumentedStatus>> = {
  200: { when: 'a request was answered, or a stream begins', codes: 'answer' },
  202: { when: 'a notification or a response was taken; a request was cancelled, its session ended' },
  204: { when: 'a session was ended' },
  400: {
    when: 'no JSON-RPC, headers and body disagree, an unknown version, a missing capability or session id',
    codes: [-32700, -32600, -32602, -32020, -32021, -32022, ...TRANSPORT],
  },
  403: { when: 'a foreign Host or Origin, a caller from elsewhere', codes: TRANSPORT },
  404: { when: 'an unknown method since 2026, an unknown session before', codes: [-32601, ...TRANSPORT] },
  405: { when: 'another HTTP method', codes: TRANSPORT },
  406: { when: 'Accept does not list what may come', codes: TRANSPORT },
  413: { when: 'too large a body', codes: TRANSPORT },
  415: { when: 'another content type or encoding', codes: TRANSPORT },
  503: { when: 'the server stops, or has as many sessions as it allows', codes: TRANSPORT },
};

/**
 * Statuses of answers that are not the endpoint's: Node's when it is not sent HTTP, the router's on other paths. Their
 * bodies are no JSON-RPC.
 */
export const OUTSIDE_STATUSES: readonly number[] = [400, 404, 408, 413, 415, 417, 431];
