import {
  CallToolResultSchema,
  CompleteResultSchema,
  DiscoverResultSchema,
  EmptyResultSchema,
  GetPromptResultSchema,
  InitializeResultSchema,
  JSONRPCErrorResponseSchema,
  JSONRPCResultResponseSchema,
  ListPromptsResultSchema,
  ListResourceTemplatesResultSchema,
  ListResourcesResultSchema,
  ListToolsResultSchema,
  ReadResourceResultSchema,
  SubscriptionsListenResultSchema,
} from '@modelcontextprotocol/core';
import { z } from 'zod';

const iso = z.iso.datetime();
const task = z.object({
  taskId: z.string().min(20),
  status: z.enum(['working', 'input_required', 'completed', 'cancelled', 'failed']),
  statusMessage: z.string().optional(),
  createdAt: iso,
  lastUpdatedAt: iso,
  ttlMs: z.int().positive().nullable(),
  pollIntervalMs: z.int().positive(),
});
const question = z.object({
  method: z.enum(['elicitation/create', 'sampling/createMessage', 'roots/list']),
  params: z.record(z.string(), z.unknown()).optional(),
});
const inputRequests = z
  .record(z.string(), question)
  .refine((questions) => Object.keys(questions).length > 0, 'asks nothing');

const inputRequired = z.object({ inputRequests, requestState: z.string().min(1) });
const detailedTask = z.discriminatedUnion('status', [
  task.extend({ status: z.literal('working') }),
  task.extend({ status: z.literal('input_required'), inputRequests }),
  task.extend({ status: z.literal('completed'), result: CallToolResultSchema }),
  task.extend({ status: z.literal('failed'), error: z.object({ code: z.int(), message: z.string() }) }),
  task.extend({ status: z.literal('cancelled') }),
]);

const RESULTS: Readonly<Record<string, z.ZodType>> = {
  'server/discover': DiscoverResultSchema,
  initialize: InitializeResultSchema,
  ping: EmptyResultSchema,
  'logging/setLevel': EmptyResultSchema,
  'resources/subscribe': EmptyResultSchema,
  'resources/unsubscribe': EmptyResultSchema,
  'tools/list': ListToolsResultSchema,
  'tools/call': CallToolResultSchema,
  'resources/list': ListResourcesResultSchema,
  'resources/templates/list': ListResourceTemplatesResultSchema,
  'resources/read': ReadResourceResultSchema.refine(({ contents }) => contents.length > 0, 'has no contents'),
  'prompts/list': ListPromptsResultSchema,
  'prompts/get': GetPromptResultSchema,
  'completion/complete': CompleteResultSchema,
  'subscriptions/listen': SubscriptionsListenResultSchema,
  'tasks/get': detailedTask,
  'tasks/update': z.object({}),
  'tasks/cancel': z.object({}),
};

/** Results of other types, and what may have them. */
const OTHER_TYPES: Readonly<Record<string, { readonly shape: z.ZodType; readonly methods: readonly string[] }>> = {
  input_required: { shape: inputRequired, methods: ['tools/call', 'prompts/get', 'resources/read'] },
  task: { shape: task.extend({ taskId: z.string().min(20) }), methods: ['tools/call'] },
};

/** What is wrong with the shape of an answer, whatever it says. */
export function shapeProblem(
  answer: Readonly<Record<string, unknown>>,
  method: unknown,
  modern: boolean,
): string | undefined {
  if ('error' in answer) {
    // JSON-RPC has `null` where the SDK's schema has nothing.
    const { id, ...rest } = answer;
    return problemOf(JSONRPCErrorResponseSchema, id === null ? rest : answer);
  }
  const problem = problemOf(JSONRPCResultResponseSchema, answer);
  if (problem !== undefined) return problem;
  const result = answer['result'] as Readonly<Record<string, unknown>>;
  const schema = RESULTS[String(method)];
  if (schema === undefined) return `a result to the method ${JSON.stringify(method)}`;
  const { resultType } = result;
  if (!modern) return resultType === undefined ? problemOf(schema, result) : 'a resultType before 2026';
  if (resultType === 'complete') return problemOf(schema, result);
  const other = OTHER_TYPES[String(resultType)];
  if (other === undefined || !other.methods.includes(String(method)))
    return `a resultType ${JSON.stringify(resultType)}`;
  return problemOf(other.shape, result);
}

function problemOf(schema: z.ZodType, value: unknown): string | undefined {
  const { error } = schema.safeParse(value);
  return error && error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
