import type { LogLevel as NestLogLevel, LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Level, type Logger } from 'pino';
import { redactError, redactText } from './redaction.js';

/** How log lines look: JSON for machines, one readable line for people. */
export type LogFormat = 'json' | 'pretty';

/** What a logger is made from. */
export interface RookeryLoggerOptions {
  readonly level: Level | 'silent';
  readonly format: LogFormat;
  /** Where lines go. @default stderr, so that stdout stays free for the stdio transport */
  readonly destination?: DestinationStream | undefined;
}

const NEST_LEVELS: Readonly<Record<NestLogLevel, Level>> = {
  verbose: 'trace',
  debug: 'debug',
  log: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
};

/** What Nest reports of its own start, line by line: of use to those who look for something, so they get it at `debug`. */
const NEST_START: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Nest's `LoggerService` on pino. The message may be a text or an object of fields with `msg`; errors are written with
 * type, message and stack, and everything that looks like a credential is masked.
 */
export class RookeryLogger implements LoggerService {
  readonly #pino: Logger;

  constructor({ level, format, destination = process.stderr }: RookeryLoggerOptions) {
    const stream = format === 'pretty' ? prettyStream(destination) : destination;
    this.#pino = pino(
      {
        level,
        base: null,
        serializers: { err: (error: unknown) => error },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      stream,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('log', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('verbose', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  /** Nest passes the context last, and before it the stack of an error that is only a text. */
  #write(nestLevel: NestLogLevel, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const level = nestLevel === 'log' && NEST_START.has(context) ? 'debug' : NEST_LEVELS[nestLevel];
    if (!this.#pino.isLevelEnabled(level)) return;
    const stack = rest.length > 1 ? rest[0] : undefined;
    const fields = {
      ...(typeof context === 'string' && { context }),
      ...(typeof stack === 'string' && { stack: redactText(stack) }),
    };
    if (message instanceof Error)
      this.#pino[level]({ ...fields, err: redactError(message) }, redactText(message.message));
    else if (typeof message === 'object' && message !== null)
      this.#pino[level]({ ...fields, ...redactFields(message) });
    else this.#pino[level](fields, redactText(String(message)));
  }
}

function redactFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => {
      if (value instanceof Error) return [key, redactError(value)];
      return [key, typeof value === 'string' ? redactText(value) : value];
    }),
  );
}

/** `12:00:01 warn  [Context] message key=value`, for people; pino's own pretty printer would be a dependency for this. */
function prettyStream(destination: DestinationStream): DestinationStream {
  return {
    write(line: string): void {
      const { level, time, context, msg, stack, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const details = Object.entries(fields).map(
        ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
      const where = typeof context === 'string' ? `[${context}] ` : '';
      const trace = stack ?? (err as { readonly stack?: unknown } | undefined)?.stack;
      const head = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${where}${typeof msg === 'string' ? msg : ''}`;
      destination.write(`${[head, ...details].join(' ')}\n${typeof trace === 'string' ? `${trace}\n` : ''}`);
    },
  };
}
