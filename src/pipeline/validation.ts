import { Logger } from '@nestjs/common';
import { InternalError, InvalidArgumentsError, describeFault, type ParseResult, type Target } from '../core/index.js';
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
      if (isWrittenOut(value)) return value;
      const result = await output.parse(value);
      if (result.ok) return result.value;
      const faults = result.faults.map(describeFault).join('; ');
      logger.error({
        msg: 'a result breaks the output schema of its target',
        callId: call.id,
        target: target.name,
        faults,
      });
      throw new InternalError(call.id, undefined);
    };
  };
}

/** A result that reports an error is no data, so the output schema does not apply to it (MCP, tools: error handling). */
function isWrittenOut(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'isError' in value && value.isError === true && 'content' in value
  );
}
