import { ConfigurableModuleBuilder, Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { z } from 'zod';
import { DataAccessValidator } from './data-access.validator.js';
import { DatasetRegistry } from './dataset-registry.js';
import { DatasetSettings, DatasetStores } from './dataset-stores.js';
import { DatasetLoader } from './dataset.loader.js';
import { datasetsOptions, type DatasetsOptions } from './datasets.options.js';
import { DatasetsTools } from './datasets.tools.js';
import { ModelDeployValidator } from './model-deploy.validator.js';

/** `enabled` must be known before anything is injected, so it is no option of the providers. */
type ProvidedOptions = Omit<z.input<typeof datasetsOptions>, 'enabled'>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ProvidedOptions>({
  moduleName: 'Datasets',
})
  .setClassMethodName('forRoot')
  .setExtras({ enabled: true }, (definition, { enabled }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), ...judged(), ...(enabled ? served() : [])],
  }))
  .build();

/** What the section `permissions` may name, whether or not the tool is served. */
function judged(): Provider[] {
  return [
    {
      provide: DatasetRegistry,
      useFactory: (options: ProvidedOptions) => new DatasetRegistry(parse(options).datasets),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    DatasetLoader,
    DataAccessValidator,
    ModelDeployValidator,
  ];
}

function served(): Provider[] {
  const useFactory = (options: ProvidedOptions): DatasetSettings => {
    const parsed = parse(options);
    return new DatasetSettings(parsed.connection, parsed);
  };
  return [{ provide: DatasetSettings, useFactory, inject: [MODULE_OPTIONS_TOKEN] }, DatasetStores, DatasetsTools];
}

/**
 * Serves `sensitive_data_operation` over the configured datasets, unless there are none or `enabled` is false; and gives
 * PermissionsModule the loader `datasets` and the guide's validators `data_access` and `model_deploy`. It needs
 * PermissionsModule, AuditModule with a sink, and `SqlConnections`.
 */
@Module({})
export class DatasetsModule extends ConfigurableModuleClass {
  static override forRoot(options: Parameters<typeof ConfigurableModuleClass.forRoot>[0]): DynamicModule {
    const { enabled = true, datasets = {} } = options;
    return super.forRoot({ ...options, enabled: enabled && Object.keys(datasets).length > 0 });
  }
}

/** @throws Error listing every fault with its key. */
function parse(options: ProvidedOptions): DatasetsOptions {
  const result = datasetsOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${['datasets', ...path].join('.')}: ${message}`);
  throw new Error(`DatasetsModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
