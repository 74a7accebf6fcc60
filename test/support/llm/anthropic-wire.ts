import { MODELS, type Script, type Wire } from './script.js';

const ID = 'msg_01XFDUDYJgAACzvnptvVoYEL';

/** Anthropic's Messages API, of the version that takes no sampling parameters and of the one before. */
export const anthropicWire: Wire = {
  type: 'anthropic',
  chatPath: '/v1/messages',
  modelsPath: '/v1/models',
  streamType: 'text/event-stream',
  models: () => ({
    data: MODELS.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-02-19T00:00:00Z' })),
    has_more: false,
    first_id: MODELS[0],
    last_id: MODELS.at(-1),
  }),
  whole: (script, model) => ({
    ...begin(model),
    content: blocks(script).map(({ block }) => block),
    stop_reason: finish(script),
    usage: usageOf(script),
  }),
  parts: (script, model) => [
    event('message_start', { message: { ...begin(model), usage: { ...usageOf(script), output_tokens: 1 } } }),
    event('ping', {}),
    ...blocks(script).flatMap(({ empty, deltas }, index) => [
      event('content_block_start', { index, content_block: empty }),
      ...deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: finish(script), stop_sequence: null },
      usage: { output_tokens: usageOf(script).output_tokens },
    }),
    event('message_stop', {}),
  ],
  errorPart: (message) => event('error', { error: { type: 'overloaded_error', message } }),
  part: (data) => `event: content_block_delta\ndata: ${data}\n\n`,
  error: (status, message) => ({
    type: 'error',
    error: { type: status === 404 ? 'not_found_error' : 'invalid_request_error', message },
    request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
  }),
  missing: (model) => `model: ${model}`,
  refuse: (body, headers) => {
    if (typeof body['max_tokens'] !== 'number') return 'max_tokens: Field required';
    const version = headers['anthropic-version'];
    if (version === '2026-10-21' && body['temperature'] !== undefined) {
      return 'temperature: Extra inputs are not permitted';
    }
    return version === undefined ? 'anthropic-version: header is required' : undefined;
  },
};

interface Block {
  readonly block: object;
  readonly empty: object;
  readonly deltas: readonly object[];
}

function blocks({ pieces, toolCalls = [] }: Script): readonly Block[] {
  const texts = pieces?.map((text) => ({ type: 'text_delta', text })) ?? [];
  const text = { type: 'text', text: pieces?.join('') ?? '', citations: null };
  return [
    ...(pieces === undefined ? [] : [{ block: text, empty: { ...text, text: '' }, deltas: texts }]),
    ...toolCalls.map(({ name, input }, index) => {
      const call = { type: 'tool_use', id: `toolu_01${index}`, name };
      const json = JSON.stringify(input);
      const deltas = ['', json.slice(0, 3), json.slice(3)].map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }));
      return { block: { ...call, input }, empty: { ...call, input: {} }, deltas };
    }),
  ];
}

function begin(model: string): object {
  return { id: ID, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
}

function finish({ finish: reason = 'stop', toolCalls }: Script): string {
  if (toolCalls !== undefined) return 'tool_use';
  return reason === 'stop' ? 'end_turn' : 'max_tokens';
}

/** Part of the input was read from the provider's cache. */
function usageOf({ usage }: Script): { input_tokens: number; cache_read_input_tokens: number; output_tokens: number } {
  const { input, output } = usage || { input: 26, output: 12 };
  return { input_tokens: input - 6, cache_read_input_tokens: 6, output_tokens: output };
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
