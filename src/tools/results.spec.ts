import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SchemaSource } from '../core/index.js';
import { createTestServer, type TestServer } from '../testing/index.js';

const image = { type: 'image', data: 'AA==', mimeType: 'image/png' } as const;
const link = { type: 'resource_link', uri: 'note://1', name: 'one' } as const;

let server: TestServer;
beforeAll(async () => (server = await createTestServer()));
afterAll(() => server.close());

/** What a client gets of a tool that returns this. */
async function sent(value: unknown, outputSchema?: SchemaSource): Promise<object> {
  const name = 'returning';
  const options = { name, description: 'Returns.', ...(outputSchema && { outputSchema }) };
  await server.server.registerTool(options, () => value);
  try {
    await server.client.listTools();
    const { _meta, ...result } = await server.client.callTool({ name });
    return { ...result, code: _meta?.['rookery/code'] };
  } finally {
    server.server.removeTool(name);
  }
}

const text = (value: string): object => ({ content: [{ type: 'text', text: value }] });

describe('a tool', () => {
  it.each<[string, unknown, object]>([
    ['a text, unquoted', 'two "words"', text('two "words"')],
    ['an empty text', '', text('')],
    ['a number', 42, text('42')],
    ['a boolean', false, text('false')],
    ['null', null, text('null')],
    ['an object, as JSON', { a: [1, 'two'] }, text('{"a":[1,"two"]}')],
    ['a list, as JSON', [1, 2], text('[1,2]')],
    ['an empty list, as JSON', [], text('[]')],
    ['a promise', Promise.resolve('later'), text('later')],
    ['nothing', undefined, { content: [] }],
    ['a content block', image, { content: [image] }],
    ['content blocks', [image, link], { content: [image, link] }],
    ['a list that is not all blocks, as JSON', [image, 1], text(JSON.stringify([image, 1]))],
    ['a whole result', { content: [image], isError: true }, { content: [image], isError: true }],
  ])('[S6] may return %s', async (_what, value, result) => {
    expect(await sent(value)).toMatchObject(result);
  });
});

describe('a tool with an output schema', () => {
  const total = z.object({ total: z.number(), unit: z.string().default('m') });

  it('[S5] sends a valid object as structured content and as the same JSON text', async () => {
    const result = await sent({ total: 3, unit: 'km' }, total);
    expect(result).toMatchObject({ structuredContent: { total: 3, unit: 'km' }, ...text('{"total":3,"unit":"km"}') });
  });

  it('[S5] sends what the schema makes of the value: defaults in, unknown properties out', async () => {
    const result = await sent({ total: 3, internals: 'secret' }, total);
    expect(result).toMatchObject({ structuredContent: { total: 3, unit: 'm' }, ...text('{"total":3,"unit":"m"}') });
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it.each<[string, unknown]>([
    ['a wrong type', { total: 'hunter2' }],
    ['something else', 'hunter2'],
    ['nothing', undefined],
    ['what only looks like an error', { isError: true, content: 'hunter2' }],
    ['structured content that is wrong', { content: [], structuredContent: { total: 'hunter2' } }],
    ['a result without structured content', { content: [{ type: 'text', text: 'hunter2' }] }],
  ])('[S5] sends an error that leaks nothing for %s', async (_what, value) => {
    const result = await sent(value, total);
    expect(result).toMatchObject({ isError: true, code: 'internal' });
    expect(result).not.toHaveProperty('structuredContent');
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('[S5] checks structured content that was written out by hand', async () => {
    const written = { content: [image], structuredContent: { total: 3 } };
    expect(await sent(written, total)).toMatchObject({ content: [image], structuredContent: { total: 3, unit: 'm' } });
  });

  it('[S5] sends a failure that was written out by hand as it is', async () => {
    const failed = { ...text('The scale is broken.'), isError: true };
    expect(await sent(failed, total)).toMatchObject(failed);
  });

  it.each<[string, SchemaSource]>([
    ['zod', total],
    ['JSON Schema', { type: 'object', properties: { total: {}, unit: { default: 'm' } } }],
  ])('does not touch an object that the tool keeps, where %s adds defaults', async (_library, schema) => {
    const kept = Object.freeze({ total: 3 });
    expect(await sent(kept, schema)).toMatchObject({ structuredContent: { total: 3, unit: 'm' } });
    expect(kept).toEqual({ total: 3 });
  });

  it('[S5] sends data that has an empty list under "content" as data', async () => {
    const page = z.object({ content: z.array(z.string()), next: z.number() });
    expect(await sent({ content: [], next: 2 }, page)).toMatchObject({ structuredContent: { content: [], next: 2 } });
  });
});
