import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/internal';
import { from, lastValueFrom } from 'rxjs';
import { MCP_CONTEXT, type Call, type Target } from '../core/index.js';
import type { Stage, StageStep } from './stage.js';

/** An interceptor that looks at a target once, and then at its calls. */
interface PreparedInterceptor extends NestInterceptor {
  prepare(target: Target): StageStep | undefined;
}

/** An interceptor of ours as a stage. What a test or a team has put in its place is called like any interceptor of Nest's. */
export function interceptorStage(interceptor: NestInterceptor | undefined): Stage {
  return (target) => {
    if (interceptor === undefined) return undefined;
    if (isPrepared(interceptor)) return interceptor.prepare(target);
    return (call, next) => intercepted(interceptor, target, call, next);
  };
}

function isPrepared(interceptor: NestInterceptor): interceptor is PreparedInterceptor {
  return 'prepare' in interceptor && typeof interceptor.prepare === 'function';
}

async function intercepted(
  interceptor: NestInterceptor,
  { origin }: Target,
  call: Call,
  next: () => unknown,
): Promise<unknown> {
  const context: ExecutionContextHost & ExecutionContext = new ExecutionContextHost(
    [call.input, call],
    origin.type,
    origin.handler,
  );
  context.setType(MCP_CONTEXT);
  const handler: CallHandler = { handle: () => from(promised(next)) };
  return lastValueFrom(await interceptor.intercept(context, handler), { defaultValue: undefined });
}

async function promised(next: () => unknown): Promise<unknown> {
  return next();
}
