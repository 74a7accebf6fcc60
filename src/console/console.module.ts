import { Module } from '@nestjs/common';
import { LandingController } from './landing.controller.js';
import { ServerSummary } from './server-summary.js';

/** What people see of the server. */
@Module({ controllers: [LandingController], providers: [ServerSummary], exports: [ServerSummary] })
export class ConsoleModule {}
