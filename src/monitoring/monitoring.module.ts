import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';

/** Health as orchestrators ask for it. */
@Module({ controllers: [HealthController] })
export class MonitoringModule {}
