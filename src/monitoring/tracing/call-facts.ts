import {
  DenialReason,
  isFailure,
  isObject,
  redactText,
  type Call,
  type CallKind,
  type Outcome,
  type OutcomeCode,
  type RefusedAttempt,
  type SpanAttributes,
  type Target,
} from '../../core/index.js';

/** What a span of a call says of its target: made once a target. */
export interface TargetFacts {
  readonly name: string;
  readonly attributes: SpanAttributes;
}

/** What may be said of a call besides what it was and how it ended. */
export interface FactsOptions {
  readonly recordArguments: boolean;
  readonly recordPrincipal: boolean;
}

const METHODS: Readonly<Record<CallKind, string>> = {
  tool: 'tools/call',
  resource: 'resources/read',
  prompt: 'prompts/get',
  completion: 'completion/complete',
  subscription: 'resources/subscribe',
  task: 'tasks/get',
};

/** Ends that a guard, a limit or a breaker decided, before the target ran. */
const REFUSALS: ReadonlySet<OutcomeCode> = new Set([
  'unauthenticated',
  'insufficient_scope',
  'forbidden',
  'rate_limited',
  'overloaded',
  'breaker_open',
]);

const LONGEST_ARGUMENTS = 4_096;
const LONGEST_REASON = 256;
/** Clients choose the ids of their requests. */
const LONGEST_ID = 128;

/** The span of a call whose target is not known: names that callers make up are no names of spans. */
export function methodFacts(kind: CallKind): TargetFacts {
  const method = METHODS[kind];
  return { name: method, attributes: { 'mcp.method.name': method } };
}

/**
 * Name and attributes by the semantic conventions for MCP of OpenTelemetry (semantic-conventions-genai, docs/gen-ai/mcp.md,
 * in development): `{method} {target}` for tools and prompts, the method alone for what has a URI.
 */
export function targetFacts({ kind, name }: Target): TargetFacts {
  const { name: method, attributes } = methodFacts(kind);
  if (kind === 'tool') {
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
    return { name: `${method} ${name}`, attributes: { ...attributes, ...tool } };
  }
  if (kind === 'prompt')
    return { name: `${method} ${name}`, attributes: { ...attributes, 'gen_ai.prompt.name': name } };
  return { name: method, attributes: { ...attributes, 'rookery.target': name } };
}

/** What the span of a call says when the call ends. */
export function callFacts(call: Call, outcome: Outcome, options: FactsOptions): SpanAttributes {
  const { principal, remoteAddress, parent, wire } = call;
  const transport = remoteAddress === undefined ? 'pipe' : 'tcp';
  const { recordPrincipal, recordArguments } = options;
  const facts: SpanAttributes = {
    'rookery.outcome': outcome.code,
    'rookery.call.id': call.id,
    'network.transport': parent === undefined ? transport : undefined,
    'mcp.protocol.version': wire?.protocolVersion,
    'jsonrpc.request.id': wire && String(wire.requestId).slice(0, LONGEST_ID),
    'enduser.id': recordPrincipal ? principal?.id : undefined,
    'client.address': recordPrincipal ? remoteAddress : undefined,
    'error.type': errorType(outcome),
  };
  return recordArguments ? { ...facts, ...argumentsOf(call) } : facts;
}

/** The kind of error that a span has (`error.type`); none of a call that went well. A tool may say itself that it failed. */
export function errorType(outcome: Outcome): string | undefined {
  if (isFailure(outcome)) return outcome.code;
  return isObject(outcome.value) && outcome.value['isError'] === true ? 'tool_error' : undefined;
}

/** Who refused, of a call that did not get to its target. */
export function refusalFacts(outcome: Outcome): SpanAttributes | undefined {
  if (!isFailure(outcome) || !REFUSALS.has(outcome.code)) return undefined;
  const { cause } = outcome.error;
  return { 'rookery.outcome': outcome.code, 'rookery.rule': cause instanceof DenialReason ? cause.rule : undefined };
}

/** The span of what was refused before it became a call: nothing of what was presented, and texts of bounded size. */
export function attemptFacts(
  { kind, outcome, remoteAddress, reason }: RefusedAttempt,
  { recordPrincipal }: Pick<FactsOptions, 'recordPrincipal'>,
): TargetFacts {
  const { name, attributes } = kind === 'request' ? { name: 'request', attributes: {} } : methodFacts(kind);
  return {
    name: `refused ${name}`,
    attributes: {
      ...attributes,
      'rookery.outcome': outcome,
      'rookery.reason': redactText(reason).slice(0, LONGEST_REASON),
      'error.type': outcome,
      'network.transport': remoteAddress === undefined ? 'pipe' : 'tcp',
      ...(recordPrincipal && { 'client.address': remoteAddress }),
    },
  };
}

function argumentsOf({ kind, name, input }: Call): SpanAttributes {
  if (kind === 'resource') return { 'mcp.resource.uri': redactText(name).slice(0, LONGEST_ARGUMENTS) };
  return { 'gen_ai.tool.call.arguments': redactText(textOf(input)).slice(0, LONGEST_ARGUMENTS) };
}

/** After validation an input may be anything, also what JSON has no form for. */
function textOf(input: unknown): string {
  try {
    return JSON.stringify(input) ?? '';
  } catch {
    return '[not JSON]';
  }
}
