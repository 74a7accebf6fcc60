/** What the process ends with. */
export const ExitCode = { ok: 0, failure: 1, usage: 2 } as const;

/** One of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command line asks for something that does not exist or does not fit; ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command did what it should and the answer is no. Without a message all has been said. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    message = '',
    readonly code: ExitCode = ExitCode.failure,
  ) {
    super(message);
  }
}
