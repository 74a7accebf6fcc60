import { describe, expect, it } from 'vitest';
import type { Principal } from '../core/index.js';
import { CursorCodec } from './cursor.js';
import type { McpOptions } from './mcp.options.js';

const ada = { id: 'ada' } as Principal;
const bob = { id: 'bob' } as Principal;

const OLD = 'an old secret of more than thirty-two characters';
const NEW = 'a new secret of more than thirty-two characters!';

const codecOf = (stateKeys: string[] = [], name = 'test'): CursorCodec =>
  new CursorCodec({ name, stateKeys } as McpOptions);

describe('a cursor', () => {
  const codec = codecOf();

  it('[S9] brings its place back', () => {
    for (const place of ['echo', '', 'ünï\u0000', '{"a":1}', '.']) {
      expect(codec.decode('tools', ada, codec.encode('tools', ada, place))).toBe(place);
    }
  });

  it.each([
    ['another list', 'prompts', ada],
    ['another principal', 'tools', bob],
    ['nobody', 'tools', undefined],
  ])('[S9] is none of %s', (_whose, list, principal) => {
    const cursor = codec.encode('tools', ada, 'echo');
    expect(() => codec.decode(list, principal, cursor)).toThrow(/cursor/);
  });

  it('[S9] is none of another server', () => {
    expect(() => codecOf().decode('tools', ada, codec.encode('tools', ada, 'echo'))).toThrow(/cursor/);
    const cursor = codecOf([OLD], 'one').encode('tools', ada, 'echo');
    expect(() => codecOf([OLD], 'two').decode('tools', ada, cursor)).toThrow(/cursor/);
  });

  it('[R9] holds in every process with the same keys, and while keys are changed', () => {
    const before = codecOf([OLD]).encode('tools', ada, 'echo');
    expect(codecOf([OLD]).decode('tools', ada, before)).toBe('echo');
    expect(codecOf([NEW, OLD]).decode('tools', ada, before)).toBe('echo');
    const after = codecOf([NEW, OLD]).encode('tools', ada, 'echo');
    expect(codecOf([NEW]).decode('tools', ada, after)).toBe('echo');
    expect(() => codecOf([NEW]).decode('tools', ada, before)).toThrow(/cursor/);
  });

  it('[S9] is not accepted when it was altered', () => {
    const cursor = codec.encode('tools', ada, 'echo');
    const [place = '', mac = ''] = cursor.split('.');
    const other = Buffer.from('break').toString('base64url');
    for (const altered of [`${other}.${mac}`, place, `${place}.`, `.${mac}`, `${cursor}AAAA`, '', 'x'.repeat(2000)]) {
      expect(() => codec.decode('tools', ada, altered), altered.slice(0, 40)).toThrow(/cursor/);
    }
  });
});
