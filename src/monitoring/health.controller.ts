import { Controller, Get, HttpCode, HttpStatus, ServiceUnavailableException } from '@nestjs/common';
import { ServerStatus } from '../core/index.js';

/** What an orchestrator asks: may it live, may it get traffic. */
@Controller('health')
export class HealthController {
  constructor(private readonly status: ServerStatus) {}

  /** 200 while the process serves at all; a failing answer means restart it. */
  @Get('live')
  @HttpCode(HttpStatus.OK)
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 while new requests are welcome; 503 before everything is prepared and while draining. */
  @Get('ready')
  @HttpCode(HttpStatus.OK)
  ready(): { readonly status: 'ok' } {
    if (this.status.ready) return { status: 'ok' };
    throw new ServiceUnavailableException({ status: this.status.draining ? 'draining' : 'starting' });
  }
}
