import { Injectable, type Type } from '@nestjs/common';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestServer } from '../testing/index.js';
import { McpPrompt, McpResource, McpTool } from './decorators.js';
import type { PromptOptions } from './options.js';
import { snakeCase } from './target-factory.js';

/** A provider with one decorated method. */
function providerOf(decorator: MethodDecorator, name = 'Weather'): Type {
  @Injectable()
  class Provider {
    @decorator
    forecast(): string {
      return 'sunny';
    }
  }
  Object.defineProperty(Provider, 'name', { value: name });
  return Provider;
}

const startOf = (...providers: readonly Type[]): Promise<unknown> => createTestServer({ providers });
const described = { description: 'Says what the weather will be.' };

describe('a declaration', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown option', { requiredRole: 'admin' }, /unknown option "requiredRole"/],
    ['a policy of a wrong type', { tags: 'finance' }, /option "tags": /],
    ['no description', { description: ' ' }, /a "description" is needed/],
    ['a name that the protocol forbids', { name: 'fore cast' }, /the name "fore cast" is not 1-128 of/],
    ['a name that is too long', { name: 'a'.repeat(129) }, /is not 1-128 of/],
    ['a schema that JSON cannot say', { inputSchema: z.object({ on: z.date() }) }, /zod cannot write this schema/],
    ['a bare Valibot schema', { inputSchema: v.object({ a: v.string() }) }, /write \{ schema, jsonSchema: /],
    ['a wrong JSON Schema', { inputSchema: { type: 'objekt' } }, /type/],
    ['arguments that are no object', { inputSchema: z.string() }, /must have type "object" at its root/],
    ['a result that JSON cannot say', { outputSchema: z.object({ on: z.bigint() }) }, /zod cannot write this schema/],
  ])(
    '[S14] of a tool with %s keeps the server from starting, naming class and method',
    async (_what, options, message) => {
      const start = startOf(providerOf(McpTool({ ...described, ...options })));
      await expect(start).rejects.toThrow(/- Weather\.forecast: /);
      await expect(start).rejects.toThrow(message);
    },
  );

  it.each<[string, object, RegExp]>([
    ['neither URI nor template', {}, /has either a "uri" or a "uriTemplate"/],
    ['both', { uri: 'a://b', uriTemplate: 'a://{b}' }, /has either a "uri" or a "uriTemplate"/],
    ['a text that is no URI', { uri: 'not a uri' }, /"not a uri" is not a URI/],
    ['a template of another kind', { uriTemplate: 'a://{?q}' }, /only \{name\} and \{\+path\} are served/],
    [
      'a completer of what is no variable',
      { uriTemplate: 'a://{b}', complete: { c: () => [] } },
      /names "c", .* among: b/,
    ],
    ['a completer that does not exist', { uriTemplate: 'a://{b}', complete: { b: 'nope' } }, /names the method "nope"/],
  ])('of a resource with %s keeps the server from starting', async (_what, options, message) => {
    const start = startOf(providerOf(McpResource({ ...described, ...options })));
    await expect(start).rejects.toThrow(/- Weather\.forecast: /);
    await expect(start).rejects.toThrow(message);
  });

  it('of a prompt with a completer of what is no argument keeps the server from starting', async () => {
    const options: PromptOptions = { ...described, complete: { city: () => [] } };
    const start = startOf(providerOf(McpPrompt(options)));
    await expect(start).rejects.toThrow(
      'Weather.forecast: "complete" names "city", which is not among: (no arguments)',
    );
  });

  it.each([
    ['tool', McpTool({ ...described, name: 'same' })],
    ['prompt', McpPrompt({ ...described, name: 'same' })],
    ['resource', McpResource({ ...described, name: 'same', uriTemplate: 'a://{b}' })],
  ])(
    '[S8] of a second %s of the same name keeps the server from starting, naming both places',
    async (kind, decorator) => {
      const start = startOf(providerOf(decorator, 'Weather'), providerOf(decorator, 'Climate'));
      await expect(start).rejects.toThrow(`Two ${kind}s are named "same": Weather.forecast and Climate.forecast.`);
    },
  );

  it('of a second resource with the same URI keeps the server from starting, naming both', async () => {
    const resource = (name: string): Type => providerOf(McpResource({ ...described, name, uri: 'a://b' }));
    const start = startOf(resource('one'), resource('two'));
    await expect(start).rejects.toThrow('The resources "one" and "two" have the same URI a://b.');
  });

  it('does not keep its faults back until others are repaired', async () => {
    const start = startOf(
      providerOf(McpTool({ description: '', name: 'a b', tags: [''] }), 'First'),
      providerOf(McpResource(described), 'Second'),
      providerOf(McpPrompt({ ...described, argsSchema: z.date() }), 'Third'),
    );
    await expect(start).rejects.toThrow('3 declaration(s) are wrong');
    for (const place of ['First', 'Second', 'Third']) await expect(start).rejects.toThrow(`- ${place}.forecast: `);
    for (const fault of ['the name "a b"', 'a "description" is needed', 'option "tags"']) {
      await expect(start).rejects.toThrow(fault);
    }
  });
});

describe('snakeCase', () => {
  it.each([
    ['forecast', 'forecast'],
    ['searchKnowledgeBase', 'search_knowledge_base'],
    ['getHTTPStatus', 'get_http_status'],
    ['readCSV', 'read_csv'],
    ['version2Report', 'version2_report'],
    ['already_snake', 'already_snake'],
    ['Capital', 'capital'],
    ['_private', '_private'],
  ])('names the method %s %s', (method, name) => {
    expect(snakeCase(method)).toBe(name);
  });
});
