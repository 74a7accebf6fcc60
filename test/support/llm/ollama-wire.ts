import { MODELS, type Script, type Wire } from './script.js';

const CREATED = '2026-11-22T08:52:19.385406455Z';
const KNOWN = ['model', 'messages', 'stream', 'format', 'options', 'tools', 'keep_alive', 'think'];

/** Ollama's own API (docs/api.md of its repository). */
export const ollamaWire: Wire = {
  type: 'ollama',
  chatPath: '/api/chat',
  modelsPath: '/api/tags',
  streamType: 'application/x-ndjson',
  models: () => ({
    models: MODELS.map((name) => ({ name, model: name, modified_at: CREATED, size: 1, digest: 'd', details: {} })),
  }),
  whole: (script, model) => ({ ...last(script, model), message: message((script.pieces ?? []).join(''), script) }),
  parts: (script, model) => [
    ...(script.pieces ?? []).map((content) =>
      line({ model, created_at: CREATED, message: { role: 'assistant', content }, done: false }),
    ),
    ...(script.toolCalls === undefined
      ? []
      : [line({ model, created_at: CREATED, message: message('', script), done: false })]),
    line(last(script, model)),
  ],
  errorPart: (error) => line({ error }),
  part: (data) => `${data}\n`,
  error: (_, error) => ({ error }),
  missing: (model) => `model '${model}' not found`,
  refuse: (body) => {
    // Ollama itself ignores what it does not know; a setting that is ignored is what this is here to find.
    const unknown = Object.keys(body).find((key) => !KNOWN.includes(key));
    return unknown === undefined ? undefined : `unknown field ${unknown}`;
  },
  other: (path, body) => {
    if (path === '/api/version') return { version: '0.12.0' };
    if (path !== '/api/embed') return undefined;
    const input = body['input'] as readonly string[];
    const embeddings = input.map((text) => [text.length, 0.5]);
    return { model: body['model'], embeddings, total_duration: 1, load_duration: 1, prompt_eval_count: input.length };
  },
};

function message(content: string, { toolCalls }: Script): unknown {
  const calls = toolCalls?.map(({ name, input }) => ({ function: { name, arguments: input } }));
  return { role: 'assistant', content, ...(calls && { tool_calls: calls }) };
}

function last({ finish = 'stop', usage = { input: 26, output: 12 } }: Script, model: string): object {
  return {
    model,
    created_at: CREATED,
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: finish,
    total_duration: 4_883_583_458,
    load_duration: 1_334_875,
    ...(usage && { prompt_eval_count: usage.input, prompt_eval_duration: 342_546_000 }),
    ...(usage && { eval_count: usage.output, eval_duration: 4_535_599_000 }),
  };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
