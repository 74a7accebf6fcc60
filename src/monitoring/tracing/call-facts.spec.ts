import { describe, expect, it } from 'vitest';
import {
  Call,
  DenialReason,
  ForbiddenError,
  NO_ARGUMENTS,
  ToolError,
  type CallKind,
  type Outcome,
  type Target,
} from '../../core/index.js';
import { callFacts, errorType, methodFacts, refusalFacts, targetFacts } from './call-facts.js';

const target = (kind: CallKind, name: string): Target => ({
  kind,
  name,
  policy: {},
  origin: { type: Object, methodName: 'run', handler: () => undefined },
  input: { jsonSchema: NO_ARGUMENTS, parse: (value) => ({ ok: true, value }) },
  body: () => undefined,
});
const call = new Call({ kind: 'tool', name: 'echo', input: { text: 'private' } });
const ok: Outcome = { code: 'ok', value: 'private', durationMs: 1 };
const forbidden: Outcome = {
  code: 'forbidden',
  error: new ForbiddenError('private', { cause: new DenialReason('requiredRoles', 'private') }),
  durationMs: 1,
};

describe('what a span says of a call', () => {
  it.each<readonly [CallKind, string, string, string | undefined]>([
    ['tool', 'echo', 'tools/call echo', 'gen_ai.tool.name'],
    ['prompt', 'greet', 'prompts/get greet', 'gen_ai.prompt.name'],
    ['resource', 'notes://{id}', 'resources/read', 'rookery.target'],
  ])('names a %s as the conventions for MCP do', (kind, name, span, attribute) => {
    const facts = targetFacts(target(kind, name));
    expect(facts.name).toBe(span);
    expect(facts.attributes).toMatchObject({ 'mcp.method.name': span.split(' ')[0], [attribute ?? '']: name });
  });

  it('has no name that a caller made up', () => {
    expect(methodFacts('tool')).toEqual({ name: 'tools/call', attributes: { 'mcp.method.name': 'tools/call' } });
  });

  it('[O3] has neither arguments nor results, nor what an error says', () => {
    for (const outcome of [ok, forbidden]) {
      const facts = callFacts(call, outcome, { recordArguments: false, recordPrincipal: true });
      expect(JSON.stringify([facts, refusalFacts(outcome)])).not.toContain('private');
    }
  });

  it('[O3] has arguments where they are asked for: bounded, without credentials, whatever they are', () => {
    const of = (input: unknown): unknown => {
      const made = new Call({ kind: 'tool', name: 'echo', input });
      return callFacts(made, ok, { recordArguments: true, recordPrincipal: true })['gen_ai.tool.call.arguments'];
    };
    expect(of({ text: 'hello' })).toBe('{"text":"hello"}');
    expect(of({ text: 'Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789' })).not.toContain('abcdefghijkl');
    expect(of({ text: 'x'.repeat(100_000) })).toHaveLength(4_096);
    expect(of({ count: 1n })).toBe('[not JSON]');
    expect(of(undefined)).toBe('');
  });

  it('says how it ended, also where a tool says itself that it failed', () => {
    expect(errorType(ok)).toBeUndefined();
    expect(errorType(forbidden)).toBe('forbidden');
    expect(errorType({ ...ok, value: { content: [], isError: true } })).toBe('tool_error');
  });

  it('says which rule refused, and nothing of what ran and failed', () => {
    expect(refusalFacts(forbidden)).toEqual({ 'rookery.outcome': 'forbidden', 'rookery.rule': 'requiredRoles' });
    expect(refusalFacts({ code: 'tool_error', error: new ToolError('no'), durationMs: 1 })).toBeUndefined();
  });
});
