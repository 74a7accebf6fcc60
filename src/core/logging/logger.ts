import { Logger, type LogLevel as NestLogLevel, type LoggerService } from '@nestjs/common';
import { pino, type Level, type Logger as PinoLogger } from 'pino';
import { redactError } from '../redaction.js';
import { LogLevels, type LoggerLevel } from './log-levels.js';
import { jsonLine, prettyLine } from './log-line.js';
import { LogMeter } from './log-meter.js';
import { LogOutput, type DropReason, type LogDestination } from './log-output.js';
import { LogValues } from './log-values.js';

/** How log lines look: JSON for machines, one readable line for people. */
export type LogFormat = 'json' | 'pretty';

/** What a logger is made from. */
export interface RookeryLoggerOptions {
  /** The least severe lines that are written. */
  readonly level: LoggerLevel;
  readonly format: LogFormat;
  /** Levels of modules: by name, or by how names begin (`Mcp*`). */
  readonly levels?: Readonly<Record<string, LoggerLevel>> | undefined;
  /** Where lines go. @default stderr, so that stdout stays free for the stdio transport */
  readonly destination?: LogDestination | undefined;
  /**
   * The logger of another server in this process: lines of its calls stay its own, whoever is handed them.
   *
   * @default the one that Nest has now, where that is of ours
   */
  readonly beside?: RookeryLogger | undefined;
}

/** What a logger asks about the code that writes a line. */
export interface LogContext {
  /** Whether a call of this server is served here. */
  readonly inside: boolean;
  /** What every line of that call carries. */
  fields(): Readonly<Record<string, string>>;
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

/** So many characters of fields a line has. Escaped they can be six times as many. */
const CHARACTERS = 32_768;
/** Longer lines are made again, from less. */
const LONGEST_LINE = 65_536;
/** What the logger itself says: a field of another meaning keeps its value under its name with `_` before it. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'context']);

/**
 * Nest's `LoggerService` on pino. The message may be a text or an object of fields with `msg`; errors are written with
 * type, message and stack, and everything that looks like a credential is masked.
 *
 * Of every message one line comes, of bounded size, and the process outlives whatever becomes of it. What is written
 * inside a call carries the call's fields, once `Logging` knows of the logger.
 */
export class RookeryLogger implements LoggerService {
  /** What is written; can be changed. */
  readonly levels: LogLevels;
  readonly format: LogFormat;
  readonly #pino: PinoLogger;
  readonly #output: LogOutput;
  readonly #meter = new LogMeter();
  /** The loggers of all servers in this process that have a context, shared by them. */
  readonly #all: Set<RookeryLogger>;
  #context: LogContext | undefined;
  #line = '';
  #lost = 0;

  constructor({ level, format, levels, destination = process.stderr, beside = nestLogger() }: RookeryLoggerOptions) {
    this.levels = new LogLevels(level, levels);
    this.format = format;
    this.#all = beside === undefined ? new Set() : beside.#all;
    this.#output = new LogOutput(destination, (reason) => this.#dropped(reason));
    this.#pino = pino(
      {
        level: 'trace',
        base: null,
        serializers: { err: (error: unknown) => error },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line: string) => void (this.#line = line) },
    );
  }

  /** Learns of the calls that lines are written in, and where they are counted. For `Logging`. */
  attach(context: LogContext, bind: (meter: LogMeter) => void): void {
    this.#context = context;
    this.#all.add(this);
    bind(this.#meter);
  }

  /** The server has ended: there are no calls of it any more. */
  detach(): void {
    this.#context = undefined;
    this.#all.delete(this);
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

  /** Nest has one logger a process, that of the server that was made last: it hands on what is another's. */
  #write(nestLevel: NestLogLevel, message: unknown, rest: readonly unknown[]): void {
    if (this.#context?.inside !== true) {
      for (const other of this.#all)
        if (other.#context?.inside === true) return other.#record(nestLevel, message, rest);
    }
    this.#record(nestLevel, message, rest);
  }

  #record(nestLevel: NestLogLevel, message: unknown, rest: readonly unknown[]): void {
    // Nest passes the context last; what stands before it belongs to the message.
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const level = nestLevel === 'log' && NEST_START.has(context) ? 'debug' : NEST_LEVELS[nestLevel];
    if (!this.levels.allows(level, context ?? '')) return;
    const more = (context === undefined ? rest : rest.slice(0, -1)).filter((value) => value !== undefined);
    const text = this.#lineOf(level, context, message, more);
    if (!this.#output.write(text)) return;
    this.#meter.written(level);
    if (this.#lost > 0) this.#reportLost();
  }

  /** One line without its break, as the format has it. */
  #lineOf(level: Level, context: string | undefined, message: unknown, more: readonly unknown[]): string {
    let line = '';
    for (const characters of [CHARACTERS, CHARACTERS / 8]) {
      const values = new LogValues(characters);
      const call = this.#context?.inside === true ? this.#context.fields() : {};
      const about = context === undefined ? call : { context, ...call };
      const known = values.fields(about);
      this.#pino[level]({ ...known, ...apart(fieldsOf(message, more, values), known) });
      line = this.#line;
      if (line.length <= LONGEST_LINE) break;
    }
    return this.format === 'pretty' ? prettyLine(line) : jsonLine(line);
  }

  #dropped(reason: DropReason): void {
    this.#meter.dropped(reason);
    this.#lost++;
  }

  #reportLost(): void {
    const lines = this.#lost;
    this.#lost = 0;
    this.#record('warn', { msg: 'log lines were lost: nobody read them, or they could not be written', lines }, [
      'Logger',
    ]);
  }
}

function fieldsOf(message: unknown, more: readonly unknown[], values: LogValues): Readonly<Record<string, unknown>> {
  const fields = messageFields(message, values);
  const details: unknown[] = [];
  for (const value of more) {
    if (value instanceof Error && !('err' in fields)) fields['err'] = values.value(redactError(value));
    else if (isStack(value) && !('stack' in fields)) fields['stack'] = values.text(value);
    else details.push(values.value(value));
  }
  return details.length === 0 ? fields : { ...fields, details };
}

function messageFields(message: unknown, values: LogValues): Record<string, unknown> {
  if (message instanceof Error) {
    const err = redactError(message);
    return { msg: values.value(err['message']), err: values.value(err) };
  }
  if (typeof message !== 'object' || message === null) return { msg: values.value(message ?? String(message)) };
  if (Array.isArray(message)) return { msg: JSON.stringify(values.value(message)) };
  const { msg, ...fields } = values.fields(message);
  if (msg === undefined) return fields;
  return { msg: typeof msg === 'string' ? msg : JSON.stringify(msg), ...fields };
}

/** The fields of a message, those of a name that is taken beside it. */
function apart(
  fields: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => !Object.hasOwn(known, name) || known[name] !== value)
      .map(([name, value]) => [RESERVED.has(name) || Object.hasOwn(known, name) ? `_${name}` : name, value]),
  );
}

/** What Nest calls a stack: the text of one. */
function isStack(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

/** Nest keeps the logger of the process, that of the application made last, and has no public way to ask for it. */
function nestLogger(): RookeryLogger | undefined {
  const { staticInstanceRef } = Logger as unknown as { readonly staticInstanceRef?: unknown };
  return staticInstanceRef instanceof RookeryLogger ? staticInstanceRef : undefined;
}
