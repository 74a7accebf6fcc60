import { MODELS, type Script, type Wire } from './script.js';

const ID = 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT';
const CREATED = 1_763_800_000;

/** OpenAI's chat completions, as vLLM and llama.cpp's server speak them too. */
export const openAiWire: Wire = {
  type: 'openai',
  chatPath: '/v1/chat/completions',
  modelsPath: '/v1/models',
  streamType: 'text/event-stream',
  models: () => ({
    object: 'list',
    data: MODELS.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'rookery' })),
  }),
  whole: (script, model) => ({
    id: ID,
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: script.pieces?.join('') ?? null,
          refusal: null,
          ...(script.toolCalls && { tool_calls: calls(script) }),
        },
        logprobs: null,
        finish_reason: finish(script),
      },
    ],
    ...usageOf(script),
  }),
  parts: (script, model) => {
    const chunk = (rest: object): string =>
      sse({ id: ID, object: 'chat.completion.chunk', created: CREATED, model, ...rest });
    const delta = (value: object, reason: string | null = null): string =>
      chunk({ choices: [{ index: 0, delta: value, logprobs: null, finish_reason: reason }] });
    return [
      delta({ role: 'assistant', content: '' }),
      ...(script.pieces ?? []).map((content) => delta({ content })),
      ...calls(script).flatMap((call, index) => {
        // Arguments come in pieces, the name with the first.
        const { arguments: json } = call.function;
        const half = Math.ceil(json.length / 2);
        const begin = { index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } };
        return [
          delta({ tool_calls: [begin] }),
          ...[json.slice(0, half), json.slice(half)].map((piece) =>
            delta({ tool_calls: [{ index, function: { arguments: piece } }] }),
          ),
        ];
      }),
      delta({}, finish(script)),
      ...(script.usage === false ? [] : [chunk({ choices: [], ...usageOf(script) })]),
      'data: [DONE]\n\n',
    ];
  },
  errorPart: (message) => sse({ error: { message, type: 'server_error', param: null, code: null } }),
  part: (data) => `data: ${data}\n\n`,
  error: (status, message) => ({
    error: { message, type: 'invalid_request_error', param: null, code: status === 404 ? 'model_not_found' : null },
  }),
  missing: (model) => `The model '${model}' does not exist or you do not have access to it.`,
  refuse: (body) =>
    body['stream'] === true && body['stream_options'] === undefined ? 'no usage asked for' : undefined,
  other: (path, body) => {
    if (path !== '/v1/embeddings') return undefined;
    const input = body['input'] as readonly string[];
    const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.5] }));
    const usage = { prompt_tokens: input.length, total_tokens: input.length };
    // The order is the indexes', not the list's.
    return { object: 'list', data: data.toReversed(), model: body['model'], usage };
  },
};

function calls({ toolCalls = [] }: Script): readonly {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}[] {
  return toolCalls.map(({ name, input }, index) => ({
    id: `call_abc${index}`,
    type: 'function',
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  }));
}

function finish({ finish: reason = 'stop', toolCalls }: Script): string {
  return toolCalls === undefined ? reason : 'tool_calls';
}

function usageOf({ usage = { input: 26, output: 12 } }: Script): object {
  if (usage === false) return {};
  const { input, output } = usage;
  return { usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } };
}

function sse(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
