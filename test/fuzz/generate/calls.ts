import fc from 'fast-check';
import { argumentsFor } from './from-schema.js';
import type { Callable, Catalog } from './catalog.js';
import { capabilities } from './envelope.js';
import { handles } from './handle.js';
import { texts, values } from './json.js';

/** A method and its parameters, with handles to be filled in. */
export interface CallRecipe {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

type Calls = fc.Arbitrary<CallRecipe>;
type Model = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2026-07-28', 'v999'];
const LISTS = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'];
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency', 'loud'];
const FAULTY = [
  'faulty://error',
  'faulty://text',
  'faulty://bigint',
  'faulty://cycle',
  'faulty://nothing',
  'faulty://nan',
];
const UNKNOWN = ['tasks/result', 'tasks/list', 'tools/unknown', 'rpc.discover', 'notifications/cancelled', ''];

/** `initialize` with a version and capabilities. */
export const initializes: Calls = call('initialize', {
  protocolVersion: fc.constantFrom(...VERSIONS),
  capabilities,
  clientInfo: fc.constant({ name: 'fuzz', version: '0' }),
});

/** Requests of the 2026 era. */
export function modernCalls(catalog: Catalog): Calls {
  const responses = fc.dictionary(fc.oneof(fc.constantFrom('user_name', 'confirm', 'name', 'first'), texts), values, {
    maxKeys: 2,
  });
  return fc.oneof(
    { weight: 12, arbitrary: sharedCalls(catalog) },
    { weight: 1, arbitrary: fc.constantFrom<CallRecipe>({ method: 'server/discover' }, { method: 'ping' }) },
    { weight: 1, arbitrary: call('subscriptions/listen', { notifications: filters(catalog) }) },
    { weight: 2, arbitrary: call('tasks/get', { taskId: handles('taskId') }) },
    { weight: 2, arbitrary: call('tasks/update', { taskId: handles('taskId'), inputResponses: responses }) },
    { weight: 1, arbitrary: call('tasks/cancel', { taskId: handles('taskId') }) },
  );
}

/** Requests of the 2025 era. */
export function legacyCalls(catalog: Catalog): Calls {
  const uri = uris(catalog);
  return fc.oneof(
    { weight: 12, arbitrary: sharedCalls(catalog) },
    { weight: 1, arbitrary: fc.constant<CallRecipe>({ method: 'ping' }) },
    { weight: 1, arbitrary: call('logging/setLevel', { level: fc.constantFrom(...LEVELS) }) },
    { weight: 1, arbitrary: call('resources/subscribe', { uri }) },
    { weight: 1, arbitrary: call('resources/unsubscribe', { uri }) },
  );
}

function sharedCalls(catalog: Catalog): Calls {
  return fc.oneof(
    { weight: 10, arbitrary: fc.oneof(...catalog.tools.map((tool) => named('tools/call', tool))) },
    { weight: 2, arbitrary: fc.oneof(...catalog.prompts.map((prompt) => named('prompts/get', prompt))) },
    { weight: 3, arbitrary: call('resources/read', { uri: uris(catalog) }) },
    { weight: 3, arbitrary: fc.constantFrom(...LISTS).chain((method) => listing(method)) },
    { weight: 2, arbitrary: call('completion/complete', completion(catalog)) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...UNKNOWN), texts).map((method) => ({ method })) },
  );
}

function listing(method: string): Calls {
  return fc.record({ cursor: handles('cursor') }, { requiredKeys: [] }).map((params) => ({ method, params }));
}

function named(method: string, { name, schema }: Callable): Calls {
  return call(method, { name: fc.constant(name), arguments: argumentsFor(schema) }, ['name']);
}

/** Resources by their URIs, templates filled with anything. */
function uris({ uris: fixed, templates }: Catalog): fc.Arbitrary<string> {
  const filled = fc
    .tuple(fc.constantFrom(...templates), texts, fc.boolean())
    .map(([template, text, encoded]) =>
      template.replaceAll(/\{\+?\w+\}/g, encoded ? encodeURIComponent(Buffer.from(text).toString()) : text),
    );
  return fc.oneof(fc.constantFrom(...fixed), filled, texts, fc.constantFrom(...FAULTY));
}

function completion(catalog: Catalog): Model {
  const prompts = fc.record({
    type: fc.constant('ref/prompt'),
    name: fc.oneof(fc.constantFrom(...catalog.prompts.map(({ name }) => name)), texts),
  });
  const resources = fc.record({
    type: fc.constant('ref/resource'),
    uri: fc.oneof(fc.constantFrom(...catalog.templates), uris(catalog)),
  });
  const argument = fc.record({ name: fc.oneof(fc.constantFrom('arg1', 'topic', 'id'), texts), value: texts });
  return { ref: fc.oneof(prompts, resources), argument };
}

function filters(catalog: Catalog): fc.Arbitrary<object> {
  return fc.record(
    {
      toolsListChanged: fc.boolean(),
      promptsListChanged: fc.boolean(),
      resourcesListChanged: fc.boolean(),
      resourceSubscriptions: fc.array(uris(catalog), { maxLength: 2 }),
      taskIds: fc.array(handles('taskId'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
}

function call(method: string, model: Model, requiredKeys?: string[]): Calls {
  const params = fc.record(model, requiredKeys === undefined ? {} : { requiredKeys });
  return params.map((given) => ({ method, params: given }));
}
