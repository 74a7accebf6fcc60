import { RookeryError } from '../../core/index.js';

/** Where and how foreign code failed, in its own terms. */
export interface CodeFault {
  /** The exception's type, for example `IndexError`. */
  readonly type: string;
  readonly message: string;
  /** The line of the user's code, from 1, where one is known. */
  readonly line?: number | undefined;
  /** The text of that line. */
  readonly text?: string | undefined;
  /** The frames that lie in the user's code, outermost first, without paths. */
  readonly traceback?: readonly string[] | undefined;
  /** What the code had printed before it failed. */
  readonly stdout?: string | undefined;
}

/** Foreign code threw, could not be parsed, ended its process, or left something in `result` that is not JSON. */
export class CodeError extends RookeryError {
  constructor(readonly fault: CodeFault) {
    const where = fault.line === undefined ? '' : ` (line ${fault.line}${fault.text ? `: ${fault.text.trim()}` : ''})`;
    super('tool_error', `${fault.type}: ${fault.message}${where}`, { error: fault });
  }
}

/** Foreign code ran for longer than it was given; it has been killed. */
export class CodeTimeoutError extends RookeryError {
  constructor(timeoutMs: number) {
    super(
      'timeout',
      `The code ran for longer than ${timeoutMs} ms and was stopped. Give it less to do or a longer timeout.`,
    );
  }
}

/** Foreign code wanted more memory than it was given. */
export class CodeMemoryError extends RookeryError {
  constructor(memoryLimitMb: number, line?: number) {
    super(
      'tool_error',
      `The code needed more memory than its limit of ${memoryLimitMb} MB${line === undefined ? '' : ` (line ${line})`}. Work on less data at once, or raise the memory limit.`,
      line === undefined ? {} : { error: { type: 'MemoryError', line } },
    );
  }
}

/** The result of foreign code, or what it printed, is larger than `maxOutputBytes`. */
export class OutputTooLargeError extends RookeryError {
  constructor(what: 'result' | 'stdout' | 'stderr', limit: number) {
    super(
      'tool_error',
      what === 'result'
        ? `The result of the code is larger than ${limit} bytes. Return less: a summary, fewer rows or fewer columns.`
        : `The code wrote more than ${limit} bytes to ${what} and was stopped. Print less, and return data in \`result\`.`,
    );
  }
}

/** The code and its variables are larger than `maxInputBytes`, or no code could have them as variables. */
export class CodeInputError extends RookeryError {
  constructor(message: string) {
    super('tool_error', message);
  }
}

/** No runner of the language works on this machine; says what to install or set. */
export class NoRunnerError extends RookeryError {
  constructor(language: string, reasons: readonly string[]) {
    super(
      'tool_error',
      `There is no working runner for ${language} code here. ${reasons.length === 0 ? 'It is switched off in the configuration.' : reasons.join(' ')}`,
    );
  }
}

/** The sandbox itself did not work: nothing is known to be wrong with the code. */
export class SandboxError extends RookeryError {
  constructor(message: string, options?: ErrorOptions) {
    super('tool_error', message, {}, options);
  }
}
