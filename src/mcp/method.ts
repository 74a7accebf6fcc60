import type { Era, ResultParts } from './eras/era.js';
import type { Exchange } from './exchange.js';
import type { Params, RequestId } from './wire.js';

/** Answers one JSON-RPC method. */
export interface Method {
  readonly name: string;
  /** The eras that have it. @default both */
  readonly eras?: readonly Era['name'][];
  /** Whether the target that it names decides who may come. Every other method needs somebody, once auth is configured. */
  readonly targeted?: boolean;
  /** Whether it has a span of its own. What calls a target has none: the call has one. @default false */
  readonly traced?: boolean;
  /** @throws ProtocolError to answer with an error. */
  handle(params: Params, exchange: Exchange, id: RequestId): ResultParts | Promise<ResultParts>;
}

/** The methods of one part of the protocol. */
export abstract class MethodGroup {
  abstract readonly methods: readonly Method[];
  /** What this part adds to the server's capabilities. */
  abstract readonly capabilities: Readonly<Record<string, object>>;
  /** The extensions that this part serves, with their settings; of the 2026 era. */
  readonly extensions?: Readonly<Record<string, object>>;
}
