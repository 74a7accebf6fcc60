import { z } from 'zod';
import { ToolError, isObject } from '../../core/index.js';
import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { authSchema, headersSchema } from './api-auth.js';
import { ApiClient } from './api-client.js';
import { readBody } from './body.js';

const parameters = z.strictObject({
  endpoint: z.string().min(1).max(8_192).describe('http or https; its origin must be allowed.'),
  query: z.string().min(1).max(262_144).describe('The document.'),
  variables: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Values of its variables; never put them into the document.'),
  operation_name: z.string().min(1).max(200).optional().describe('Which operation of the document is meant.'),
  headers: headersSchema,
  auth: authSchema,
  allow_errors: z.boolean().default(false).describe('Whether an answer with errors is returned instead of refused.'),
  timeout_seconds: z.number().positive().max(600).optional().describe('Not more than nodes.api.timeoutMs.'),
});

const output = z.strictObject({
  data: z.unknown(),
  errors: z.array(z.unknown()),
});

/** Sends one operation to a GraphQL API (GraphQL over HTTP). */
@WorkflowNode({
  category: 'api',
  description: 'Sends a query or mutation to a GraphQL API and returns its data.',
  parameters,
  output,
  examples: [
    {
      title: 'a query with a variable',
      parameters: {
        endpoint: 'https://api.example.com/graphql',
        query: 'query Item($id: ID!) { item(id: $id) { name } }',
        variables: { id: '1' },
      },
    },
  ],
})
export class GraphQLClientNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly client: ApiClient) {
    super();
  }

  override async run(given: z.output<typeof parameters>, context: NodeContext): Promise<z.output<typeof output>> {
    const { query, variables, operation_name: operationName } = given;
    const answer = await this.client.send(
      {
        url: given.endpoint,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...given.headers,
        },
        body: JSON.stringify({ query, variables, operationName }),
        auth: given.auth,
        timeoutMs: given.timeout_seconds === undefined ? undefined : given.timeout_seconds * 1000,
      },
      context,
    );
    const body = readBody({ ...answer, type: 'application/json' }, 'json');
    if (!isObject(body) || !('data' in body || 'errors' in body)) {
      throw new ToolError(`The answer (${answer.status}) is none of GraphQL: ${answer.text.slice(0, 300)}`);
    }
    const errors = Array.isArray(body['errors']) ? (body['errors'] as unknown[]) : [];
    if (errors.length > 0 && !given.allow_errors) {
      throw new ToolError(`GraphQL answered with errors: ${errors.slice(0, 5).map(messageOf).join('; ')}`, {
        errors: errors.slice(0, 5),
      });
    }
    return { data: body['data'] ?? null, errors };
  }
}

function messageOf(error: unknown): string {
  return isObject(error) && typeof error['message'] === 'string' ? error['message'].slice(0, 300) : 'unnamed';
}
