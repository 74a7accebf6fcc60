import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { AnalyticsTools } from './analytics.tools.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<object>({ moduleName: 'Analytics' })
  .setClassMethodName('forRoot')
  .setExtras({ enabled: true }, (definition, { enabled }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), ...(enabled ? [AnalyticsTools] : [])],
  }))
  .build();

/** Serves `analyze_data`, unless `enabled` is false. */
@Module({})
export class AnalyticsModule extends ConfigurableModuleClass {}
