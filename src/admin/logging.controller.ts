import { Body, ConflictException, Controller, Get, Header, Put, UseGuards, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { AuditLogger } from '../audit/index.js';
import { CurrentPrincipal } from '../auth/index.js';
import {
  LOGGER_LEVELS,
  Logging,
  MODULE_PATTERN,
  type LoggerLevel,
  type Principal,
  type RookeryLogger,
} from '../core/index.js';
import { HttpErrorsInterceptor } from './http-errors.interceptor.js';
import { OperatorGuard } from './operator.guard.js';
import { parsed } from './parsed.js';

/** A day: who wants to know more for longer says so in the configuration. */
const LONGEST_SECONDS = 86_400;

/** The level of some modules of this server. */
export interface ModuleLevelStatus {
  /** A name, how names begin (`Mcp*`), or `*` for all that nothing else names. */
  readonly module: string;
  readonly level: LoggerLevel;
  /** Whether it was changed since the start. */
  readonly changed: boolean;
  /** What the configuration says, where it was changed and the configuration says anything. */
  readonly configured?: LoggerLevel | undefined;
  /** When the configuration holds again, ISO 8601; absent where that is at the next start. */
  readonly until?: string | undefined;
}

/** What this server logs. */
export interface LoggingStatus {
  readonly format: 'json' | 'pretty';
  readonly levels: readonly ModuleLevelStatus[];
}

const change = z.strictObject({
  module: z
    .string()
    .regex(MODULE_PATTERN, 'name a module as it stands in log lines, the beginning of names and a *, or * alone'),
  level: z.enum(LOGGER_LEVELS).nullable(),
  forSeconds: z.number().int().min(1).max(LONGEST_SECONDS).optional(),
});

/** `/admin/v1/logging`: what is logged, and how much more of it for a while. Every change is in the audit trail. */
@Controller('admin/v1/logging')
@UseGuards(OperatorGuard)
@UseInterceptors(HttpErrorsInterceptor)
export class LoggingController {
  constructor(
    private readonly logging: Logging,
    private readonly audit: AuditLogger,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  status(): LoggingStatus {
    return statusOf(this.#logger());
  }

  /**
   * Sets the `level` of a `module`, until the server ends or for `forSeconds`; `null` for what the configuration says.
   * It holds for the process that answers.
   */
  @Put()
  async change(@Body() body: unknown, @CurrentPrincipal() principal: Principal): Promise<LoggingStatus> {
    const { module, level, forSeconds } = parsed(change, body);
    const logger = this.#logger();
    await this.audit.logOperation({
      principal,
      operation: level === null ? 'reset' : 'set',
      resourceType: 'logging',
      resourceId: [module, level, forSeconds && `${forSeconds} s`].filter((part) => part !== null && part).join(' '),
      success: true,
    });
    if (level === null) logger.levels.reset(module);
    else logger.levels.set(module, level, forSeconds === undefined ? undefined : forSeconds * 1000);
    return statusOf(logger);
  }

  /** @throws ConflictException where there is nothing to set */
  #logger(): RookeryLogger {
    const { logger } = this.logging;
    if (logger !== undefined) return logger;
    throw new ConflictException(
      'This server logs through a logger of its own, whose levels are set there. With RookeryLogger: app.get(Logging).use(logger).',
    );
  }
}

function statusOf({ format, levels }: RookeryLogger): LoggingStatus {
  return {
    format,
    levels: levels.all.map(({ until, ...level }) => ({
      ...level,
      ...(until !== undefined && { until: new Date(until).toISOString() }),
    })),
  };
}
