import { isObject, type AskKind, type AskRequest } from '../../core/index.js';
import type { Params } from '../wire.js';

/** A question as the protocol has it. */
export interface WireRequest {
  readonly method: string;
  readonly params?: Params | undefined;
}

const METHODS: Readonly<Record<AskKind, string>> = {
  elicitation: 'elicitation/create',
  sampling: 'sampling/createMessage',
  roots: 'roots/list',
};

/** The question as a request of the protocol. */
export function wireRequest({ kind, params }: AskRequest): WireRequest {
  return { method: METHODS[kind], ...(params !== undefined && { params }) };
}

/** The question that a request of the protocol puts; `undefined` for a request that puts none. */
export function askRequest({ method, params }: WireRequest): AskRequest | undefined {
  const found = Object.entries(METHODS).find(([, known]) => known === method);
  return found && { kind: found[0] as AskKind, params };
}

/** Whether declared capabilities allow a question. An `elicitation` without modes means forms (S/client/elicitation). */
export function supports(capabilities: Params, kind: AskKind, mode: 'form' | 'url' = 'form'): boolean {
  const declared = capabilities[kind];
  if (!isObject(declared)) return false;
  if (kind !== 'elicitation' || mode in declared) return true;
  return mode === 'form' && !('url' in declared);
}

/** The capabilities that a client would have to declare to be asked this. */
export function requiredCapabilities({ kind, params }: AskRequest): Readonly<Record<string, object>> {
  return { [kind]: params?.['mode'] === 'url' ? { url: {} } : {} };
}

/** The mode of a question, where it has one. */
export function modeOf({ params }: AskRequest): 'form' | 'url' {
  return params?.['mode'] === 'url' ? 'url' : 'form';
}
