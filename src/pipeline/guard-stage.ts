import { ForbiddenException, type CanActivate } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/internal';
import { isObservable, lastValueFrom } from 'rxjs';
import { MCP_CONTEXT, type Call, type CallCheck, type Target } from '../core/index.js';
import type { Stage } from './stage.js';

/** A guard that looks at a target once, and then at its calls: `CallGuard` and whatever has its shape. */
interface PreparedGuard extends CanActivate {
  prepare(target: Target): CallCheck | undefined;
}

/** A guard of ours as a stage. What a test or a team has put in its place is asked like any guard of Nest's. */
export function guardStage(guard: CanActivate | undefined): Stage {
  return (target) => {
    const check = guard && checkOf(guard, target);
    return check && { check };
  };
}

function checkOf(guard: CanActivate, target: Target): CallCheck | undefined {
  return isPrepared(guard) ? guard.prepare(target) : (call) => activate(guard, target, call);
}

function isPrepared(guard: CanActivate): guard is PreparedGuard {
  return 'prepare' in guard && typeof guard.prepare === 'function';
}

async function activate(guard: CanActivate, { origin }: Target, call: Call): Promise<void> {
  const context = new ExecutionContextHost([call.input, call], origin.type, origin.handler);
  context.setType(MCP_CONTEXT);
  const decision = await guard.canActivate(context);
  if (!(isObservable(decision) ? await lastValueFrom(decision) : decision)) throw new ForbiddenException();
}
