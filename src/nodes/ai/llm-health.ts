import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthIndicators } from '../../core/index.js';
import { LlmProviders } from './llm-providers.js';

/** Shows each provider of language models in health as `llm:<name>`. Nothing else depends on it, so none is critical. */
@Injectable()
export class LlmHealth implements OnModuleInit {
  constructor(
    private readonly providers: LlmProviders,
    private readonly indicators: HealthIndicators,
  ) {}

  onModuleInit(): void {
    for (const name of this.providers.names) {
      const provider = this.providers.get(name);
      this.indicators.add({ name: `llm:${name}`, check: async (signal) => await provider.check(signal) });
    }
  }
}
