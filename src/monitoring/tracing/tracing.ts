import { randomUUID } from 'node:crypto';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  TracerSource,
  type ActiveCall,
  type CallObservers,
  type HealthIndicators,
  type ServerIdentity,
  type Telemetry,
  type Tracer,
} from '../../core/index.js';
import type { OpenTracing } from './otel/open-tracing.js';
import { SpanCounts } from './span-counts.js';
import type { TracingSettings } from './tracing.settings.js';

/** What tracing meets in a server. */
export interface TracingSurroundings {
  readonly settings: TracingSettings;
  readonly identity: ServerIdentity;
  readonly active: ActiveCall;
  readonly observers: CallObservers;
  readonly telemetry: Telemetry;
  /** Where it shows how it is; nowhere without. */
  readonly indicators: HealthIndicators | undefined;
}

/** Traces of this server, if they are wanted; OpenTelemetry is loaded only then. */
export class Tracing extends TracerSource implements OnModuleInit, OnApplicationShutdown {
  private constructor(
    private readonly surroundings: TracingSurroundings,
    private readonly counts?: SpanCounts,
    private readonly open?: OpenTracing,
  ) {
    super();
  }

  static async of(surroundings: TracingSurroundings): Promise<Tracing> {
    const { settings, identity, active, telemetry } = surroundings;
    if (!settings.enabled) return new Tracing(surroundings);
    const counts = new SpanCounts(telemetry, new URL(settings.url).origin);
    const { openTracing } = await import('./otel/open-tracing.js');
    const parts = { settings, identity, active, counts, random: Math.random, instanceId: randomUUID() };
    return new Tracing(surroundings, counts, openTracing(parts));
  }

  override get tracer(): Tracer | undefined {
    return this.open?.tracer;
  }

  onModuleInit(): void {
    if (this.open === undefined || this.counts === undefined) return;
    this.surroundings.observers.add(this.open.tracer);
    this.surroundings.indicators?.add(this.counts);
    if (this.open.global) return;
    new Logger('Tracing').warn(
      'OpenTelemetry was set up by somebody else in this process: spans made through @opentelemetry/api go there, and are not part of the traces of calls.',
    );
  }

  /** Spans of the last calls are sent; the server does not wait longer for that than it is told to. */
  async onApplicationShutdown(): Promise<void> {
    await this.open?.close();
  }
}
