import { ConfigurationError } from '../config/index.js';
import { CommandFailure, ExitCode, UsageError } from './exit-code.js';

/** How a command that threw ends, and what people are told. */
export interface Ending {
  readonly code: ExitCode;
  readonly message: string;
}

/** Says what went wrong and, where we know it, what to do about it. */
export function explainError(error: unknown): Ending {
  if (error instanceof ConfigurationError) return { code: ExitCode.usage, message: error.message };
  if (error instanceof UsageError) return { code: ExitCode.usage, message: `error: ${error.message}` };
  if (error instanceof CommandFailure) return { code: error.code, message: error.message };
  const advice = [...causes(error)].map((cause) => ADVICE[codeOf(cause) ?? '']).find((text) => text !== undefined);
  const message = `error: ${reasonOf(error)}${advice === undefined ? '' : `\n${advice}`}`;
  return { code: ExitCode.failure, message };
}

/** What an error and its causes say, each thing once. */
export function reasonOf(error: unknown): string {
  const told = [...causes(error)]
    .map((cause) => (cause instanceof Error ? cause.message : String(cause)))
    .filter((message, index, all) => message !== '' && !all.slice(0, index).some((said) => said.includes(message)));
  return told.join('\n  because: ') || 'failed';
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'The port is in use. Stop the program that has it, or choose another with --port.',
  EACCES: 'The system does not allow it. Ports below 1024 need more rights; choose another with --port.',
  EADDRNOTAVAIL: 'This machine has no such address. Check server.host.',
  ECONNREFUSED: 'Nothing listens there. Start a server with `rookery start`, or leave --url out.',
  ENOTFOUND: 'The host name is unknown. Check --url.',
};

function* causes(error: unknown, depth = 4): Generator {
  yield error;
  if (error instanceof AggregateError) yield* error.errors.slice(0, 1);
  if (error instanceof Error && error.cause !== undefined && depth > 0) yield* causes(error.cause, depth - 1);
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
