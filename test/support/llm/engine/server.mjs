/**
 * llama.cpp behind OpenAI's wire, in a process of its own: `node server.mjs <model file>` prints its port.
 * One request at a time, as it has one context.
 */
import { createServer } from 'node:http';
import { LlamaCompletion, LlamaLogLevel, getLlama } from 'node-llama-cpp';

const NAME = 'rookery-random';

// More threads than cores make it a hundred times slower.
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const context = await model.createContext({ contextSize: 2048, sequences: 1, threads: 1 });
const sequence = context.getSequence();
const completion = new LlamaCompletion({ contextSequence: sequence });

let busy = Promise.resolve();
let aborted = 0;

createServer((request, response) => {
  if (request.url === '/v1/models') return json(response, { object: 'list', data: [{ id: NAME, object: 'model' }] });
  if (request.url === '/aborted') return json(response, { aborted });
  busy = busy.then(() => answer(request, response)).catch((error) => fail(response, error));
}).listen(0, '127.0.0.1', function () {
  process.stdout.write(`${this.address().port}\n`);
});

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) gone.abort();
  });
  const schema = body.response_format?.json_schema?.schema;
  const grammar = schema && (await llama.createGrammarForJsonSchema(schema));
  const prompt = body.messages.map(({ role, content }) => `${role}: ${content}`).join('\n');
  const before = sequence.tokenMeter.getState();
  if (body.stream) response.writeHead(200, { 'content-type': 'text/event-stream' });
  const { response: text, metadata } = await completion.generateCompletionWithMeta(prompt, {
    maxTokens: body.max_tokens,
    temperature: body.temperature ?? 0.8,
    seed: 7,
    grammar,
    signal: gone.signal,
    stopOnAbortSignal: true,
    onTextChunk: (delta) =>
      body.stream && send(response, { choices: [{ index: 0, delta: { content: delta }, finish_reason: null }] }),
  });
  if (gone.signal.aborted) {
    aborted++;
    return;
  }
  const { usedInputTokens: input, usedOutputTokens: output } = sequence.tokenMeter.diff(before);
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  const reason = metadata.stopReason === 'maxTokens' ? 'length' : 'stop';
  if (!body.stream) {
    const message = { role: 'assistant', content: text };
    return json(response, {
      id: 'chatcmpl-engine',
      object: 'chat.completion',
      created: 0,
      model: NAME,
      choices: [{ index: 0, message, finish_reason: reason }],
      usage,
    });
  }
  send(response, { choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  send(response, { choices: [], usage });
  response.end('data: [DONE]\n\n');
}

function send(response, part) {
  const chunk = { id: 'chatcmpl-engine', object: 'chat.completion.chunk', created: 0, model: NAME, ...part };
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function json(response, body, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response, error) {
  if (response.headersSent) response.destroy();
  else json(response, { error: { message: String(error), type: 'server_error', code: null, param: null } }, 500);
}
