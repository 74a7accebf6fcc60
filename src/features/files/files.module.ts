import { ConfigurableModuleBuilder, Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { z } from 'zod';
import { FileRoots } from '../../index.js';
import { filesOptions, type FilesOptions } from './files.options.js';
import { FileLimits } from './file-limits.js';
import { FilesTools } from './files.tools.js';

/** `enabled` must be known before anything is injected, so it is no option of the providers. */
type ProvidedOptions = Omit<z.input<typeof filesOptions>, 'enabled'>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ProvidedOptions>({
  moduleName: 'Files',
})
  .setClassMethodName('forRoot')
  .setExtras({ enabled: true }, (definition, { enabled }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), ...(enabled ? served() : [])],
  }))
  .build();

function served(): Provider[] {
  return [
    {
      provide: FileLimits,
      useFactory: (options: ProvidedOptions) => new FileLimits(parse(options)),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    {
      provide: FileRoots,
      useFactory: (options: ProvidedOptions) => FileRoots.open(parse(options).roots),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    FilesTools,
  ];
}

/**
 * Serves `secure_file_operation` over the configured roots, unless there are none or `enabled` is false. It needs
 * PermissionsModule and AuditModule with a sink.
 */
@Module({})
export class FilesModule extends ConfigurableModuleClass {
  static override forRoot(options: Parameters<typeof ConfigurableModuleClass.forRoot>[0]): DynamicModule {
    const { enabled = true, roots = {} } = options;
    return super.forRoot({ ...options, enabled: enabled && Object.keys(roots).length > 0 });
  }
}

/** @throws Error listing every fault with its key. */
function parse(options: ProvidedOptions): FilesOptions {
  const result = filesOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${['files', ...path].join('.')}: ${message}`);
  throw new Error(`FilesModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
