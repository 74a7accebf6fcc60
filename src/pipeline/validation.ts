import { Logger } from '@nestjs/common';
import {
  InternalError,
  InvalidArgumentsError,
  andThen,
  isToolResult,
  type Call,
  type CompiledSchema,
  type MaybePromise,
  type ParseResult,
  type Target,
} from '../core/index.js';
import type { Check, StageStep } from './stage.js';

/** Input becomes what the schema says, defaults applied; or the call ends naming every fault, the target not run. */
export function inputValidation(target: Target): Check {
  const { parse } = target.input;
  return {
    check: (call) => {
      const result = parse(call.input);
      return result instanceof Promise ? result.then((settled) => accept(settled, call)) : accept(result, call);
    },
  };
}

function accept(result: ParseResult, call: Call): void {
  if (!result.ok) throw new InvalidArgumentsError(result.faults);
  call.input = result.value;
}

/**
 * What a target returns becomes what its output schema says. A result that breaks it is the server's fault: the faults'
 * paths go to the log, the value goes nowhere.
 */
export function outputValidation(logger: Logger): (target: Target) => StageStep | undefined {
  return (target) => {
    const { output } = target;
    if (output === undefined) return undefined;
    return (call, next) =>
      andThen(next(), (value) => {
        if (!isToolResult(value)) return checked(value, output, call, logger);
        // A result that reports an error is no data, so the schema does not apply to it (MCP, tools: error handling).
        if (value.isError === true) return value;
        const { structuredContent } = value;
        if (structuredContent === undefined) return checked(value, output, call, logger);
        return andThen(checked(structuredContent, output, call, logger), (valid) => ({
          ...value,
          structuredContent: valid,
        }));
      });
  };
}

function checked(value: unknown, output: CompiledSchema, call: Call, logger: Logger): MaybePromise<unknown> {
  return andThen(output.parse(value), (result) => conforming(result, call, logger));
}

function conforming(result: ParseResult, call: Call, logger: Logger): unknown {
  if (result.ok) return result.value;
  // Paths only: the messages of some libraries quote the value.
  const paths = result.faults.map(({ path }) => path || '(the value itself)').join(', ');
  const msg = 'a result breaks the output schema of its target';
  logger.error({ msg, callId: call.id, target: call.target.name, paths });
  throw new InternalError(call.id, undefined);
}
