import { Injectable } from '@nestjs/common';
import type { ResultParts } from '../eras/era.js';
import { isLogLevel, type Exchange } from '../exchange.js';
import type { Method, MethodGroup } from '../method.js';
import { invalidParams, type Params } from '../wire.js';

/** `logging/setLevel`: which log messages a client of the 2025 era gets; since 2026 each request says for itself. */
@Injectable()
export class LoggingMethods implements MethodGroup {
  readonly capabilities = {};
  readonly methods: readonly Method[] = [
    { name: 'logging/setLevel', eras: ['legacy'], handle: (params, exchange) => setLevel(params, exchange) },
  ];
}

function setLevel({ level }: Params, { state }: Exchange): ResultParts {
  if (!isLogLevel(level)) throw invalidParams('"level" is not a log level');
  if (state !== undefined) state.logLevel = level;
  return { members: '' };
}
