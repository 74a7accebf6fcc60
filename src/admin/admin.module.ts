import { Module } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { AlertsController } from './alerts.controller.js';
import { Backends } from './backends.js';
import { LoggingController } from './logging.controller.js';
import { OperatorGuard } from './operator.guard.js';

/** What operators look at and reset over HTTP. Needs the modules of identity, permissions, audit, resilience and cache. */
@Module({ controllers: [AdminController, LoggingController, AlertsController], providers: [OperatorGuard, Backends] })
export class AdminModule {}
