import { describe, expect, it } from 'vitest';
import { Connected, PAIRS } from './support/connection.js';
import { PNG } from './support/content.tools.js';
import { allPages } from './support/reference-client.js';

describe.each(PAIRS)('documents seen by the client of $revision, $host', (pair) => {
  const connected = new Connected(pair);
  const read = async (uri: string) => (await connected.client.readResource(uri)).contents;
  const notFound = pair.revision === '2026-07-28' ? -32602 : -32002;

  it('[protocol F5] lists resources and templates with what they say of themselves', async () => {
    const { entries: resources } = await allPages(connected.client, 'resources');
    expect(resources.find(({ name }) => name === 'welcome')).toEqual({
      uri: 'note://welcome',
      name: 'welcome',
      title: 'Welcome',
      description: 'A text.',
      mimeType: 'text/markdown',
      size: 9,
      annotations: { audience: ['assistant'], priority: 1 },
    });
    const { entries: templates } = await allPages(connected.client, 'resourceTemplates');
    expect(templates.map(({ uriTemplate }) => uriTemplate)).toEqual(['city://{country}/{city}', 'file://{+path}']);
  });

  it('[protocol F5] reads text', async () => {
    expect(await read('note://welcome')).toEqual([
      { uri: 'note://welcome', mimeType: 'text/markdown', text: '# Welcome' },
    ]);
  });

  it('[protocol F5] reads bytes', async () => {
    expect(await read('image://logo')).toEqual([{ uri: 'image://logo', mimeType: 'image/png', blob: PNG }]);
  });

  it('[protocol F5] reads several contents', async () => {
    expect(await read('note://several')).toEqual([
      { uri: 'note://several', text: 'one' },
      { uri: 'note://several/two', mimeType: 'application/json', text: '2' },
    ]);
  });

  it.each([
    ['city://no/Oslo', '{"country":"no","city":"Oslo"}'],
    ['city://ch/Z%C3%BCrich', '{"country":"ch","city":"Zürich"}'],
    ['city://ch/Zürich', '{"country":"ch","city":"Zürich"}'],
    ['file://a/b.txt', 'file a/b.txt'],
  ])('[protocol F5, protocol H3] reads %s by its template', async (uri, text) => {
    expect(await read(uri)).toMatchObject([{ uri, text }]);
  });

  it.each([
    'note://nowhere',
    'city://ch',
    'city://ch/Bern/old',
    'city://ch/..%2Fno',
    'file://a/../b',
    'file:///etc/./x',
  ])('[protocol F5] is told that %s does not exist', async (uri) => {
    await expect(connected.client.readResource(uri)).rejects.toMatchObject({ code: notFound, data: { uri } });
  });

  it('[S7] is told what the reader of a resource wrote about its failure', async () => {
    await expect(connected.client.readResource('note://locked')).rejects.toMatchObject({
      message: expect.stringContaining('The note is locked.'),
      data: { code: 'tool_error' },
    });
  });

  it('[protocol F6] lists prompts with their arguments', async () => {
    const { entries } = await allPages(connected.client, 'prompts');
    expect(entries.find(({ name }) => name === 'greet')).toEqual({
      name: 'greet',
      title: 'Greeting',
      description: 'Greets somebody.',
      arguments: [
        { name: 'who', required: true, description: 'Whom to greet.' },
        { name: 'city', required: false },
      ],
    });
  });

  it('[protocol F6] gets a prompt with its arguments in', async () => {
    const { messages, description } = await connected.client.getPrompt('greet', { who: 'Ada', city: 'Bern' });
    expect(description).toBe('Greets somebody.');
    expect(messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Say hello to Ada in Bern.' } }]);
  });

  it('[protocol F6] gets every kind of content, from both sides of a conversation', async () => {
    const { messages } = await connected.client.getPrompt('review');
    expect(messages.map(({ role, content }) => [role, content.type])).toEqual([
      ['user', 'text'],
      ['user', 'image'],
      ['user', 'resource'],
      ['assistant', 'text'],
    ]);
  });

  it.each([
    ['unknown', undefined],
    ['greet', {}],
    ['greet', { who: 'Ada', town: 'Bern' }],
  ])('[protocol F6] is refused the prompt %s with arguments %j', async (name, args) => {
    await expect(connected.client.getPrompt(name, args as Record<string, string>)).rejects.toMatchObject({
      code: -32602,
    });
  });

  it('[protocol F7] gets suggestions for an argument of a prompt', async () => {
    const ref = { type: 'ref/prompt', name: 'greet' } as const;
    const { completion } = await connected.client.complete({ ref, argument: { name: 'city', value: 'Ber' } });
    expect(completion).toEqual({ values: ['Bergen', 'Bern'], total: 2, hasMore: false });
  });

  it('[protocol F7] gets suggestions for a variable of a template, by what else was chosen', async () => {
    const { completion } = await connected.client.complete({
      ref: { type: 'ref/resource', uri: 'city://{country}/{city}' },
      argument: { name: 'city', value: 'Be' },
      context: { arguments: { country: 'no' } },
    });
    expect(completion.values).toEqual(['Bergen']);
  });

  it('[protocol F7] gets at most a hundred suggestions and is told that there are more', async () => {
    const ref = { type: 'ref/prompt', name: 'greet' } as const;
    const { completion } = await connected.client.complete({ ref, argument: { name: 'who', value: '' } });
    expect(completion).toMatchObject({ total: 150, hasMore: true });
    expect(completion.values).toHaveLength(100);
  });

  it('[protocol F7] gets no suggestions where there are none, and an error for what does not exist', async () => {
    const argument = { name: 'nothing', value: '' };
    const { completion } = await connected.client.complete({ ref: { type: 'ref/prompt', name: 'greet' }, argument });
    expect(completion.values).toEqual([]);
    const ref = { type: 'ref/prompt', name: 'unknown' } as const;
    await expect(connected.client.complete({ ref, argument })).rejects.toMatchObject({ code: -32602 });
  });
});
