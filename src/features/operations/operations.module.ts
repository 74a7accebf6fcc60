import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { OperationsTools } from './operations.tools.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<object>({ moduleName: 'Operations' })
  .setClassMethodName('forRoot')
  .setExtras({ enabled: true }, (definition, { enabled }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), ...(enabled ? [OperationsTools] : [])],
  }))
  .build();

/** Serves `health_check`, unless `enabled` is false. */
@Module({})
export class OperationsModule extends ConfigurableModuleClass {}
