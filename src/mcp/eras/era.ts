import type { RookeryError } from '../../core/index.js';
import type { Reply, RequestId } from '../wire.js';

/** A result in parts: serialised members without braces, so that what was serialised once is not serialised again. */
export interface ResultParts {
  /** What kind of result it is; since 2026 every result says. @default 'complete' */
  readonly type?: 'complete' | 'input_required' | 'task' | undefined;
  /** `"content":[…],"isError":true`; may be empty. */
  readonly members: string;
  /** Members of `_meta`. */
  readonly meta?: string | undefined;
  /** Whether a client may keep the result, and whether it is the same for every principal. */
  readonly cache?: { readonly ttlMs: number; readonly scope: 'public' | 'private' } | undefined;
  /** Why the call failed whose result this is; its headers say so over HTTP. */
  readonly failure?: RookeryError | undefined;
}

/** What differs between the two eras of the protocol. One of each serves the whole server. */
export interface Era {
  readonly name: 'modern' | 'legacy';
  /** The code of an unknown resource: −32602 since 2026, −32002 before. */
  readonly resourceNotFound: number;
  /** Whether structured content may be any JSON value, or an object only. */
  readonly structuredContentIsObject: boolean;
  /** Whether a client that goes away cancels its call. */
  readonly disconnectCancels: boolean;
  /** Whether log messages go only to requests that ask for them, and by which `_meta` key. */
  readonly logLevelKey: string | undefined;
  result(id: RequestId, parts: ResultParts): Reply;
  /** The HTTP status of an error that a method answers with. */
  errorStatus(code: number): number;
  /** A method that this era does not have. */
  methodNotFound(id: RequestId, method: string): Reply;
}
