import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthIndicators, MethodExplorer, describeOrigin, type DiscoveredMethod } from '../../core/index.js';
import { healthAnswer } from './health-answer.js';
import { HEALTH_INDICATOR, type HealthIndicatorMetadata } from './health-indicator.decorator.js';

/** Finds the methods with `@HealthIndicator()`. */
@Injectable()
export class HealthExplorer implements OnModuleInit {
  constructor(
    private readonly explorer: MethodExplorer,
    private readonly indicators: HealthIndicators,
  ) {}

  /** @throws Error naming class and method, when one cannot be a check */
  onModuleInit(): void {
    for (const found of this.explorer.methodsWith<HealthIndicatorMetadata>(HEALTH_INDICATOR)) this.#add(found);
  }

  #add({ metadata, origin, method }: DiscoveredMethod<HealthIndicatorMetadata>): void {
    const { name, timeoutMs, critical } = metadata;
    const where = describeOrigin(origin);
    if (!method.wrapper.isDependencyTreeStatic()) {
      throw new Error(`${where}: a check belongs to no request; put it on a provider that is not request-scoped.`);
    }
    const check = origin.handler as (this: object, signal: AbortSignal) => unknown;
    const run = async (signal: AbortSignal): Promise<object | undefined> =>
      healthAnswer(await check.call(method.instance, signal));
    try {
      this.indicators.add({ name, timeoutMs, critical, check: run as HealthCheckRun });
    } catch (cause) {
      throw new Error(`${where}: ${(cause as Error).message}`, { cause });
    }
  }
}

type HealthCheckRun = Parameters<HealthIndicators['add']>[0]['check'];
