import { describe, expect, it } from 'vitest';
import { BLOCKS, SECRET } from './support/content.tools.js';
import { Connected, PAIRS } from './support/connection.js';
import { allPages } from './support/reference-client.js';

/** Text that encodings like to break: plain, astral, combining, right-to-left, controls, line separators, half a pair. */
const TEXTS = ['Grüße', '🦜👩‍🚀', 'e\u0301', 'שלום', '\u0000\u001b\r\n', '\u2028\u2029\ufeff', '\ud800 half', '"\\/', ''];

describe.each(PAIRS)('a tool called by the client of $revision, $host', (pair) => {
  const connected = new Connected(pair);
  const call = (name: string, args?: Record<string, unknown>) => connected.client.callTool(name, args);

  it.each(TEXTS)('[S6] answers text %j as it is', async (text) => {
    expect((await call('echo', { text })).content).toEqual([{ type: 'text', text }]);
  });

  it('[S5] answers structured content and the same as JSON text', async () => {
    await allPages(connected.client, 'tools');
    const { content, structuredContent, isError } = await call('make_person', { name: 'Ada' });
    expect(isError).toBeFalsy();
    expect(structuredContent).toEqual({ name: 'Ada', age: 30 });
    expect(content).toEqual([{ type: 'text', text: '{"name":"Ada","age":30}' }]);
  });

  it('[S5] answers structured content that is no object in the form that the revision has for it', async () => {
    const { structuredContent } = await call('numbers', { to: 3 });
    expect(structuredContent).toEqual(pair.revision === '2026-07-28' ? [1, 2, 3] : { result: [1, 2, 3] });
  });

  it('[S6] answers an object as JSON text', async () => {
    expect((await call('plain_object')).content).toEqual([{ type: 'text', text: '{"answer":42,"list":[true,null]}' }]);
  });

  it('[S6] [protocol F3] answers text, image, audio, an embedded resource and a link', async () => {
    expect((await call('blocks')).content).toEqual(BLOCKS);
  });

  it('[S6] answers a result that was written out by hand', async () => {
    const { content, _meta } = await call('by_hand');
    expect(content).toEqual([{ type: 'text', text: 'by hand' }]);
    expect(_meta).toMatchObject({ 'example.com/mark': 'kept' });
  });

  it('[S7] says of an expected failure what its author wrote', async () => {
    expect(await call('refuse')).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'There is no such city; try "Bern".' }],
      _meta: { 'rookery/code': 'tool_error', city: 'Brn' },
    });
  });

  it('[S7] says of an unexpected failure nothing but a correlation id', async () => {
    const result = await call('break');
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'internal' } });
    expect(result.content).toEqual([
      { type: 'text', text: expect.stringMatching(/^Internal error\. Correlation id: [0-9a-f-]{36}$/) },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/hunter2|postgres|Error:|\.[jt]s/);
  });

  it('[S5, S7] hides a result that breaks its output schema', async () => {
    const result = await call('lie');
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'internal' } });
    expect(JSON.stringify(result)).not.toContain(SECRET);
  });

  it('[S4] [protocol F3] names every fault of its arguments and does not run', async () => {
    const before = await call('strict_runs');
    const result = await call('strict', { city: 'Paris', days: 9, tags: ['a', 1], extra: true });
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'invalid_arguments' } });
    const [{ text } = { text: '' }] = result.content as { text: string }[];
    for (const fault of ['city', 'days', 'tags[1]', 'extra']) expect(text).toContain(fault);
    expect(await call('strict_runs')).toEqual(before);
  });

  it('[S4] gets the defaults of a raw JSON Schema', async () => {
    expect((await call('strict', { city: 'Oslo' })).content).toEqual([
      { type: 'text', text: '{"city":"Oslo","days":3}' },
    ]);
  });

  it('[protocol F3] is an error of the request when there is none of the name', async () => {
    await expect(call('no_such_tool')).rejects.toMatchObject({ code: -32602 });
  });

  it('takes and answers messages of a million characters', async () => {
    const { content } = await call('long_text', { length: 1_000_000 });
    expect((content[0] as { text: string }).text).toHaveLength(1_000_000);
    const text = 'x'.repeat(1_000_000);
    expect((await call('echo', { text })).content).toEqual([{ type: 'text', text }]);
  });

  it('answers many calls at once, each its own', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => `call ${index}`);
    const results = await Promise.all(texts.map((text) => call('echo', { text })));
    expect(results.map(({ content }) => (content[0] as { text: string }).text)).toEqual(texts);
  });
});
