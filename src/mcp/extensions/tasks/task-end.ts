import type { Logger } from '@nestjs/common';
import { MissingClientCapabilityError, ToolError, isFailure, type Call, type Outcome } from '../../../core/index.js';
import type { Era, ResultParts } from '../../eras/era.js';
import { isBoundless } from '../../limits/result-limit.js';
import { servedToolResult } from '../../tool-result.js';
import { failedToolResult } from '../../wire-map.js';
import { MISSING_CLIENT_CAPABILITY, ProtocolErrorCode } from '../../wire.js';
import type { TaskRecord } from './task.js';

/** Nothing is asked any more, and what was answered is not kept. */
const SETTLED: Partial<TaskRecord> = { inputRequests: undefined, answers: undefined };

/** What a task is that its client has cancelled. */
export const CANCELLED: Partial<TaskRecord> = { ...SETTLED, status: 'cancelled' };

/** What a task is whose process has gone. */
export const ABANDONED: Partial<TaskRecord> = {
  ...SETTLED,
  status: 'failed',
  error: {
    code: ProtocolErrorCode.InternalError,
    message: 'The process that ran this task has ended before the task did. Find out what it did, then call again.',
    data: { code: 'internal' },
  },
};

/** What a task is when its call has ended. Failures of a tool are results; only errors of the protocol fail a task. */
export function endOf(outcome: Outcome, call: Call, era: Era, logger: Logger): Partial<TaskRecord> {
  if (isFailure(outcome) && outcome.code === 'cancelled') return { ...CANCELLED, statusMessage: outcome.error.message };
  if (isFailure(outcome) && outcome.error instanceof MissingClientCapabilityError) {
    const { message, requiredCapabilities } = outcome.error;
    const error = { code: MISSING_CLIENT_CAPABILITY, message, data: { requiredCapabilities } };
    return { ...SETTLED, status: 'failed', error };
  }
  const { members, meta } = isFailure(outcome)
    ? failedToolResult(outcome.error)
    : resultOf(outcome.value, call, era, logger);
  const metadata = meta === undefined ? '' : `,"_meta":{${meta}}`;
  return { ...SETTLED, status: 'completed', result: `{"resultType":"complete",${members}${metadata}}` };
}

function resultOf(value: unknown, call: Call, era: Era, logger: Logger): ResultParts {
  try {
    return servedToolResult(value, call, era, logger);
  } catch (error) {
    if (!isBoundless(error)) throw error;
    const { id: callId, name: target, principal } = call;
    const msg = 'the result of a task is longer than a text can be and was not kept';
    logger.warn({ msg, callId, target, principal: principal?.id });
    return failedToolResult(new ToolError('The result is more than half a GiB. Ask for less of it.'));
  }
}
