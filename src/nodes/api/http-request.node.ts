import { z } from 'zod';
import { ToolError } from '../../core/index.js';
import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { authSchema, headersSchema } from './api-auth.js';
import { ApiClient } from './api-client.js';
import { readBody } from './body.js';

const parameters = z
  .strictObject({
    url: z.string().min(1).max(8_192).describe('http or https; its origin must be allowed.'),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET').describe('The method.'),
    headers: headersSchema,
    query: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe('Added to the query of the URL.'),
    json: z.unknown().optional().describe('Sent as JSON.'),
    body: z.string().optional().describe('Sent as it is; give `content-type` in `headers`.'),
    auth: authSchema,
    timeout_seconds: z.number().positive().max(600).optional().describe('Not more than nodes.api.timeoutMs.'),
    follow_redirects: z.boolean().default(true).describe('Whether redirects are followed, each checked again.'),
    response_type: z
      .enum(['auto', 'json', 'text', 'base64'])
      .default('auto')
      .describe('`auto`: JSON and text by what the answer says it is, base64 otherwise.'),
    fail_on_error_status: z.boolean().default(true).describe('Whether a status of 400 and more is an error.'),
  })
  .refine(({ json, body }) => json === undefined || body === undefined, 'must not have both `json` and `body`');

const output = z.strictObject({
  status: z.int(),
  ok: z.boolean(),
  url: z.string().describe('Where the answer came from, after redirects.'),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});

/** Sends one HTTP request. */
@WorkflowNode({
  category: 'api',
  description: 'Sends an HTTP request to an allowed origin and returns status, headers and body.',
  parameters,
  output,
  examples: [{ title: 'a document as JSON', parameters: { url: 'https://api.example.com/items/1' } }],
})
export class HTTPRequestNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly client: ApiClient) {
    super();
  }

  override async run(
    { url, query, json, body, headers, response_type, fail_on_error_status, ...rest }: z.output<typeof parameters>,
    context: NodeContext,
  ): Promise<z.output<typeof output>> {
    const { bytes, text, ...answer } = await this.client.send(
      {
        url: withQuery(url, query),
        method: rest.method,
        headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
        body: json === undefined ? body : JSON.stringify(json),
        auth: rest.auth,
        timeoutMs: rest.timeout_seconds === undefined ? undefined : rest.timeout_seconds * 1000,
        followRedirects: rest.follow_redirects,
      },
      context,
    );
    if (fail_on_error_status && answer.status >= 400) {
      throw new ToolError(`The answer was ${answer.status}: ${text.slice(0, 500)}`, { status: answer.status });
    }
    return { ...answer, body: readBody({ bytes, text, type: answer.headers['content-type'] ?? '' }, response_type) };
  }
}

/** The URL with more parameters of its query; what is no URL is left to the guard to refuse. */
export function withQuery(url: string, query: Readonly<Record<string, string | number | boolean>>): string {
  if (Object.keys(query).length === 0 || !URL.canParse(url)) return url;
  const complete = new URL(url);
  for (const [name, value] of Object.entries(query)) complete.searchParams.set(name, String(value));
  return complete.href;
}
