import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { z } from 'zod';
import { AuditLogger, AuditTrail, type AuditTrailState } from '../audit/index.js';
import { CurrentPrincipal, McpAuthGuard, PrincipalMemory } from '../auth/index.js';
import { ToolCache, type CacheStatus } from '../cache/index.js';
import { ServerStatus, type Principal } from '../core/index.js';
import { ResilienceStatus, type BreakerStatus, type ConcurrencyStatus, type LimitStatus } from '../resilience/index.js';
import { Backends, type BackendsStatus } from './backends.js';
import { HttpErrorsInterceptor } from './http-errors.interceptor.js';
import { OperatorGuard } from './operator.guard.js';
import { parsed } from './parsed.js';

/** Whom the server lets in. */
export interface AuthStatus {
  /** Whether callers must say who they are. */
  readonly required: boolean;
  /** How many credentials are known without asking again. */
  readonly remembered: number;
}

/** How the server is doing, for who operates it. */
export interface AdminStatus extends BackendsStatus {
  readonly name: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly draining: boolean;
  readonly auth: AuthStatus;
  readonly audit: AuditTrailState;
  readonly cache: CacheStatus;
  readonly breakers: readonly BreakerStatus[];
  readonly concurrency: readonly ConcurrencyStatus[];
}

const text = z.string().min(1).max(1_000);
const limitsQuery = z.union([
  z.strictObject({ id: text, issuer: text.optional(), tenant: text.optional() }),
  z.strictObject({ address: text }),
]);
const nothing = z.strictObject({});
const clearBody = z.strictObject({
  tool: text.optional(),
  resource: text.optional(),
  prompt: text.optional(),
  tags: z.array(text).max(100).default([]),
});

/** `/admin/v1`: what operators look at and reset. Every change is in the audit trail. */
@Controller('admin/v1')
@UseGuards(OperatorGuard)
@UseInterceptors(HttpErrorsInterceptor)
export class AdminController {
  constructor(
    private readonly status: ServerStatus,
    private readonly resilience: ResilienceStatus,
    private readonly cache: ToolCache,
    private readonly trail: AuditTrail,
    private readonly audit: AuditLogger,
    private readonly door: McpAuthGuard,
    private readonly memory: PrincipalMemory,
    private readonly backends: Backends,
  ) {}

  @Get('status')
  @Header('cache-control', 'no-store')
  async overview(): Promise<AdminStatus> {
    const { identity, uptimeSeconds, connections, draining } = this.status;
    return {
      name: identity.name,
      version: identity.version,
      uptimeSeconds,
      connections,
      draining,
      auth: { required: this.door.required, remembered: this.memory.size },
      audit: this.trail.state,
      cache: this.cache.status(),
      breakers: this.resilience.breakers(),
      concurrency: this.resilience.concurrency(),
      ...(await this.backends.status()),
    };
  }

  @Get('breakers')
  breakers(): { readonly breakers: readonly BreakerStatus[] } {
    return { breakers: this.resilience.breakers() };
  }

  /** Closes a breaker by hand. */
  @Post('breakers/:name/reset')
  @HttpCode(200)
  async reset(
    @Param('name') name: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ readonly breaker: BreakerStatus | undefined }> {
    const known = this.resilience.breakers().some((breaker) => breaker.name === name);
    if (!known) throw new NotFoundException(`There is no breaker of this name; GET /admin/v1/breakers lists them.`);
    await this.#record(principal, 'reset', 'breaker', name);
    this.resilience.resetBreaker(name);
    return { breaker: this.resilience.breakers().find((breaker) => breaker.name === name) };
  }

  /** The limits of a principal (`id`, and `issuer` and `tenant` for tokens) or an `address`, and what is used up. */
  @Get('limits')
  async limits(@Query() query: unknown): Promise<{ readonly limits: readonly LimitStatus[] }> {
    const asked = parsed(limitsQuery, query);
    const limits = await this.resilience.limitsOf('address' in asked ? { remoteAddress: asked.address } : asked);
    return { limits };
  }

  @Get('cache')
  cacheStatus(): CacheStatus {
    return this.cache.status();
  }

  /** Removes results of a tool, resource or prompt, or with some tags; everything when nothing is named. */
  @Post('cache/clear')
  @HttpCode(200)
  async clear(@Body() body: unknown, @CurrentPrincipal() principal: Principal): Promise<CacheStatus> {
    const asked = parsed(clearBody, body);
    const named = [asked.tool, asked.resource, asked.prompt, ...asked.tags].filter((name) => name !== undefined);
    await this.#record(principal, 'clear', 'cache', named.length === 0 ? undefined : named.join(' '));
    if (named.length === 0) await this.cache.clear();
    else await this.cache.invalidate(asked);
    return this.cache.status();
  }

  /**
   * Forgets who remembered credentials stand for: each is looked at again when it next comes. For one that was ended
   * where this server hears nothing of it, as at the authorization server of an opaque token.
   */
  @Post('principals/forget')
  @HttpCode(200)
  async forget(
    @Body() body: unknown,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ readonly forgotten: number }> {
    parsed(nothing, body);
    await this.#record(principal, 'forget', 'principals', undefined);
    const forgotten = this.memory.size;
    this.memory.forget();
    return { forgotten };
  }

  async #record(
    principal: Principal,
    operation: string,
    resourceType: string,
    resourceId: string | undefined,
  ): Promise<void> {
    await this.audit.logOperation({ principal, operation, resourceType, resourceId, success: true });
  }
}
