import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aiOptions } from './ai.options.js';
import { findJson } from './find-json.js';
import { LlmProviders } from './llm-providers.js';
import { parseModelName } from './model-name.js';

describe('the section of the providers', () => {
  it.each([
    [{ providers: { a: { type: 'olama' } } }, 'providers.a.type'],
    [{ providers: { a: { type: 'openai', baseUrl: 'http://user:pass@host/v1' } } }, 'providers.a.baseUrl'],
    [{ providers: { a: { type: 'openai', baseUrl: 'file:///etc/passwd' } } }, 'providers.a.baseUrl'],
    [{ providers: { a: { type: 'openai', apiKey: 'x', apiKeyFile: '/x' } } }, 'providers.a'],
    [{ providers: { 'a:b': { type: 'ollama' } } }, 'providers.a:b'],
    [{ prices: { 'openai:gpt': { input: 1, output: 1 } } }, 'prices.openai:gpt'],
    [{ defaultModel: 'llama' }, 'defaultModel'],
  ])('[N5] refuses %o', (section, path) => {
    const issues = aiOptions.safeParse(section).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  it('[N5] names every key file that cannot be used, with its place', () => {
    const home = mkdtempSync(join(tmpdir(), 'rookery-ai-'));
    writeFileSync(join(home, 'empty'), '\n');
    const entry = (file: string) => ({ type: 'openai', apiKeyFile: join(home, file) });
    const options = aiOptions.parse({ providers: { a: entry('missing'), b: entry('empty') } });
    expect(() => new LlmProviders(options)).toThrow(/providers\.a\.apiKeyFile.*ENOENT[\s\S]*providers\.b.*is empty/);
    rmSync(home, { recursive: true });
  });
});

describe('parseModelName', () => {
  it('[N5] splits at the first colon', () => {
    expect(parseModelName('ollama:llama3.2:3b')).toEqual({ provider: 'ollama', model: 'llama3.2:3b' });
  });

  it.each(['', 'llama', ':llama', 'ollama:', 'ollama: '])('[N5] refuses "%s"', (text) => {
    expect(() => parseModelName(text)).toThrow('provider:name');
  });
});

describe('findJson', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['```json\n{"a":1}\n```', { a: 1 }],
    ['```\n[1]\n```\n', [1]],
    ['<think>{"no":1}</think>\n{"a":1}', { a: 1 }],
    ['Here it is: {"a":1}. Good?', { a: 1 }],
    ['"text"', 'text'],
  ])('[N5] reads %s', (text, value) => {
    expect(findJson(text)).toEqual({ value });
  });

  it('[N5] finds none in other text', () => {
    expect(findJson('I do not know {')).toBeUndefined();
  });
});
