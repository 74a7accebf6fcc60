import type { Logger } from '@nestjs/common';
import type { Call } from '../../core/index.js';

/** Writes to the operator's log. Each line carries the node, the call and the principal; give it no parameters. */
export interface NodeLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** An `err` among the fields is written with its stack and causes. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The log of one run of a node. */
export function nodeLog(logger: Logger, type: string, node: string, { id: callId, principal }: Call): NodeLog {
  const line = (msg: string, fields: Readonly<Record<string, unknown>> = {}): object => ({
    ...fields,
    msg,
    type,
    node,
    callId,
    ...(principal !== undefined && { principal: principal.id }),
  });
  return {
    debug: (message, fields) => logger.debug(line(message, fields)),
    info: (message, fields) => logger.log(line(message, fields)),
    warn: (message, fields) => logger.warn(line(message, fields)),
    error: (message, fields) => logger.error(line(message, fields)),
  };
}
