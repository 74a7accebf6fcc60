import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  NotFoundException,
  Optional,
  Param,
  Post,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { z } from 'zod';
import { AuditLogger } from '../audit/index.js';
import { CurrentPrincipal } from '../auth/index.js';
import type { Principal } from '../core/index.js';
import { Alerts, type AlertStatus } from '../monitoring/index.js';
import { HttpErrorsInterceptor } from './http-errors.interceptor.js';
import { OperatorGuard } from './operator.guard.js';
import { parsed } from './parsed.js';

/** Whoever wants less for longer changes the rule. */
const LONGEST_SECONDS = 30 * 86_400;

const silenceBody = z.strictObject({
  seconds: z.int().min(1).max(LONGEST_SECONDS),
  reason: z.string().min(1).max(500),
});
const nothing = z.strictObject({});

/** `/admin/v1/alerts`: where the alerts of this process stand, and silences. Every change is in the audit trail. */
@Controller('admin/v1/alerts')
@UseGuards(OperatorGuard)
@UseInterceptors(HttpErrorsInterceptor)
export class AlertsController {
  constructor(
    private readonly audit: AuditLogger,
    @Optional() private readonly alerts?: Alerts,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  list(): { readonly alerts: readonly AlertStatus[] } {
    return { alerts: this.alerts?.list() ?? [] };
  }

  /** Lets nothing be said of an alert for some seconds; what still holds then is said then. */
  @Post(':name/silence')
  @HttpCode(200)
  async silence(
    @Param('name') name: string,
    @Body() body: unknown,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ readonly alert: AlertStatus | undefined }> {
    const { seconds, reason } = parsed(silenceBody, body);
    this.#refuseUnknown(name);
    await this.#record(principal, 'silence', name);
    const until = Date.now() + seconds * 1_000;
    return { alert: this.alerts?.silence(name, { until, reason, by: principal.id }) };
  }

  /** Ends a silence. */
  @Post(':name/unsilence')
  @HttpCode(200)
  async unsilence(
    @Param('name') name: string,
    @Body() body: unknown,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ readonly alert: AlertStatus | undefined }> {
    parsed(nothing, body);
    this.#refuseUnknown(name);
    await this.#record(principal, 'unsilence', name);
    return { alert: this.alerts?.unsilence(name) };
  }

  #refuseUnknown(name: string): void {
    if (this.alerts?.list().some((alert) => alert.name === name) === true) return;
    throw new NotFoundException('There is no alert of this name; GET /admin/v1/alerts lists them.');
  }

  async #record(principal: Principal, operation: string, name: string): Promise<void> {
    await this.audit.logOperation({ principal, operation, resourceType: 'alert', resourceId: name, success: true });
  }
}
