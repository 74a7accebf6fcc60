import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ActiveCall } from './active-call.js';
import { CallNotes } from './call-notes.js';
import { CallObservers } from './call-observer.js';
import { ChangeBus, InMemoryChangeBus } from './change-bus.js';
import { HealthIndicators } from './health-indicators.js';
import { InMemoryTelemetry } from './in-memory-telemetry.js';
import { Logging } from './logging/logging.js';
import { MethodExplorer } from './method-explorer.js';
import { PolicyKeys } from './policy.js';
import { SelfTests } from './self-tests.js';
import { SharedPorts } from './shared-ports.js';
import { InMemorySingleUseMarks, SingleUseMarks } from './single-use-marks.js';
import { TargetRegistries } from './target-registry.js';
import { Telemetry } from './telemetry.js';
import { TickShape } from './tick-shape.js';
import { NoTracer, Tracer, TracerSource } from './tracer.js';

const SHARED = [
  ActiveCall,
  Logging,
  CallObservers,
  CallNotes,
  PolicyKeys,
  TargetRegistries,
  MethodExplorer,
  HealthIndicators,
  SelfTests,
];

/** The ports and registries through which the other modules meet; there is one of each in a server. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    ...SHARED,
    TickShape,
    { provide: Telemetry, useFactory: () => new InMemoryTelemetry() },
    {
      provide: Tracer,
      useFactory: (source?: TracerSource) => source?.tracer ?? new NoTracer(),
      inject: [{ token: TracerSource, optional: true }],
    },
    {
      provide: ChangeBus,
      useFactory: (shared?: SharedPorts) => shared?.changes ?? new InMemoryChangeBus(),
      inject: [{ token: SharedPorts, optional: true }],
    },
    {
      provide: SingleUseMarks,
      useFactory: (shared?: SharedPorts) => shared?.marks ?? new InMemorySingleUseMarks(),
      inject: [{ token: SharedPorts, optional: true }],
    },
  ],
  exports: [...SHARED, Telemetry, Tracer, ChangeBus, SingleUseMarks],
})
export class CoreModule {}
