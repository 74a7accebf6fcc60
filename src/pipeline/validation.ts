import { Logger } from '@nestjs/common';
import {
  InternalError,
  InvalidArgumentsError,
  isToolResult,
  type Call,
  type CompiledSchema,
  type ParseResult,
  type Target,
} from '../core/index.js';
import type { StageStep } from './stage.js';

/** Input becomes what the schema says, defaults applied; or the call ends naming every fault, the target not run. */
export function inputValidation(target: Target): StageStep {
  const { parse } = target.input;
  return (call, next) => {
    const result = parse(call.input);
    return result instanceof Promise ? result.then((settled) => proceed(settled)) : proceed(result);

    function proceed(settled: ParseResult): Promise<unknown> {
      if (!settled.ok) return Promise.reject(new InvalidArgumentsError(settled.faults));
      call.input = settled.value;
      return next();
    }
  };
}

/**
 * What a target returns becomes what its output schema says. A result that breaks it is the server's fault: the faults'
 * paths go to the log, the value goes nowhere.
 */
export function outputValidation(logger: Logger): (target: Target) => StageStep | undefined {
  return (target) => {
    const { output } = target;
    if (output === undefined) return undefined;
    return async (call, next) => {
      const value = await next();
      if (!isToolResult(value)) return checked(value, output, call, logger);
      // A result that reports an error is no data, so the schema does not apply to it (MCP, tools: error handling).
      if (value.isError === true) return value;
      if (value.structuredContent === undefined) return checked(value, output, call, logger);
      return { ...value, structuredContent: await checked(value.structuredContent, output, call, logger) };
    };
  };
}

async function checked(value: unknown, output: CompiledSchema, call: Call, logger: Logger): Promise<unknown> {
  const result = await output.parse(value);
  if (result.ok) return result.value;
  // Paths only: the messages of some libraries quote the value.
  const paths = result.faults.map(({ path }) => path || '(the value itself)').join(', ');
  const msg = 'a result breaks the output schema of its target';
  logger.error({ msg, callId: call.id, target: call.target.name, paths });
  throw new InternalError(call.id, undefined);
}
