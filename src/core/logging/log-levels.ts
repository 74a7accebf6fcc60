import type { Level } from 'pino';
import { RookeryError } from '../errors.js';

/** How severe a line must be to be written, from everything to nothing. */
export const LOGGER_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One of {@link LOGGER_LEVELS}. */
export type LoggerLevel = (typeof LOGGER_LEVELS)[number];

/** What a level is set for: a module's name, how names begin (`Mcp*`), or every module that nothing else names (`*`). */
export const MODULE_PATTERN = /^(?:[\w.:@/ -]{1,100}\*?|\*)$/;

/** So many modules have a level of their own: each is looked through for every new name. */
export const MAX_MODULE_LEVELS = 100;
/** As many names of modules are remembered: a name can be made of anything. */
const REMEMBERED = 500;

/** The level of some modules. */
export interface ModuleLevel {
  readonly module: string;
  readonly level: LoggerLevel;
  /** What the configuration says, where it was changed since. */
  readonly configured?: LoggerLevel | undefined;
  /** Whether it was changed since the start. */
  readonly changed: boolean;
  /** When the configuration's is back, in milliseconds since the epoch. */
  readonly until?: number | undefined;
}

interface Change {
  readonly level: LoggerLevel;
  readonly until: number | undefined;
  readonly timer: NodeJS.Timeout | undefined;
}

const SEVERITY: Readonly<Record<LoggerLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: 100,
};

/** What is logged of which module: as configured, and as changed since. A full name goes before a pattern, a longer pattern before a shorter. */
export class LogLevels {
  readonly #configured: ReadonlyMap<string, LoggerLevel>;
  readonly #changes = new Map<string, Change>();
  readonly #thresholds = new Map<string, number>();
  readonly #now: () => number;

  /** @param now - milliseconds since the epoch */
  constructor(
    level: LoggerLevel,
    levels: Readonly<Record<string, LoggerLevel>> = {},
    now: () => number = () => Date.now(),
  ) {
    this.#configured = new Map([['*', level], ...Object.entries(levels)]);
    this.#now = now;
  }

  /** Whether a line of a module is to be written. */
  allows(level: Level, module: string): boolean {
    let threshold = this.#thresholds.get(module);
    if (threshold === undefined) {
      if (this.#thresholds.size >= REMEMBERED) this.#thresholds.clear();
      this.#thresholds.set(module, (threshold = SEVERITY[this.#levelOf(module)]));
    }
    return SEVERITY[level] >= threshold;
  }

  /** Every level that is set, `*` first. */
  get all(): readonly ModuleLevel[] {
    const modules = new Set([...this.#configured.keys(), ...this.#changes.keys()]);
    return [...modules].map((module) => {
      const change = this.#changes.get(module);
      const configured = this.#configured.get(module);
      if (change === undefined) return { module, level: configured as LoggerLevel, changed: false };
      return { module, level: change.level, configured, changed: true, until: change.until };
    });
  }

  /**
   * Sets a level until it is set again or reset, or for some time: then the configuration holds again.
   *
   * @throws RookeryError `invalid_arguments` for a name that is none, or one more than {@link MAX_MODULE_LEVELS}
   */
  set(module: string, level: LoggerLevel, forMs?: number): void {
    if (!MODULE_PATTERN.test(module)) {
      throw new RookeryError(
        'invalid_arguments',
        'Name a module, the beginning of names with a * behind it, or * alone.',
      );
    }
    const known = this.#configured.has(module) || this.#changes.has(module);
    if (!known && this.all.length > MAX_MODULE_LEVELS) {
      const message = `At most ${MAX_MODULE_LEVELS} modules have a level of their own; reset one first.`;
      throw new RookeryError('invalid_arguments', message);
    }
    this.#forget(module);
    const timer = forMs === undefined ? undefined : setTimeout(() => this.reset(module), forMs).unref();
    this.#changes.set(module, { level, timer, until: forMs === undefined ? undefined : this.#now() + forMs });
    this.#thresholds.clear();
  }

  /** Back to what the configuration says. */
  reset(module: string): void {
    this.#forget(module);
    this.#thresholds.clear();
  }

  #forget(module: string): void {
    clearTimeout(this.#changes.get(module)?.timer);
    this.#changes.delete(module);
  }

  #levelOf(module: string): LoggerLevel {
    let [best, level]: [string, LoggerLevel] = ['', 'info'];
    for (const rule of this.all) {
      if (rule.module === module) return rule.level;
      const begins = rule.module.endsWith('*') && module.startsWith(rule.module.slice(0, -1));
      if (begins && rule.module.length > best.length) [best, level] = [rule.module, rule.level];
    }
    return level;
  }
}
