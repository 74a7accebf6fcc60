import type { Logger } from '@nestjs/common';
import { MissingClientCapabilityError, isFailure, type Call, type Outcome } from '../../../core/index.js';
import type { Era, ResultParts } from '../../eras/era.js';
import { isBoundless, type ResultLimit } from '../../limits/result-limit.js';
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

/** What the end of a task is written with. */
export interface TaskEnding {
  readonly era: Era;
  readonly results: ResultLimit;
  readonly logger: Logger;
}

/**
 * What a task is when its call has ended. Failures of a tool are results; only errors of the protocol fail a task. A result
 * that could not be sent is not kept: what the task ends with says so instead.
 */
export function endOf(outcome: Outcome, call: Call, ending: TaskEnding): Partial<TaskRecord> {
  if (isFailure(outcome) && outcome.code === 'cancelled') return { ...CANCELLED, statusMessage: outcome.error.message };
  if (isFailure(outcome) && outcome.error instanceof MissingClientCapabilityError) {
    const { message, requiredCapabilities } = outcome.error;
    const error = { code: MISSING_CLIENT_CAPABILITY, message, data: { requiredCapabilities } };
    return { ...SETTLED, status: 'failed', error };
  }
  const { members, meta } = isFailure(outcome)
    ? failedToolResult(outcome.error)
    : resultOf(outcome.value, call, ending);
  const metadata = meta === undefined ? '' : `,"_meta":{${meta}}`;
  return { ...SETTLED, status: 'completed', result: `{"resultType":"complete",${members}${metadata}}` };
}

function resultOf(value: unknown, call: Call, { era, results, logger }: TaskEnding): ResultParts {
  try {
    return results.bounded('tools/call', servedToolResult(value, call, era, logger), call);
  } catch (error) {
    if (!isBoundless(error)) throw error;
    return results.boundless('tools/call', call);
  }
}
