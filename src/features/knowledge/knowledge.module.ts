import { ConfigurableModuleBuilder, Module, type Provider } from '@nestjs/common';
import type { z } from 'zod';
import { KnowledgeBase } from './knowledge-base.js';
import { knowledgeOptions } from './knowledge.options.js';
import { KnowledgeTools } from './knowledge.tools.js';

/** `enabled` must be known before anything is injected, so it is no option of the providers. */
type ProvidedOptions = Omit<z.input<typeof knowledgeOptions>, 'enabled'>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ProvidedOptions>({
  moduleName: 'Knowledge',
})
  .setClassMethodName('forRoot')
  .setExtras({ enabled: true }, (definition, { enabled }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), ...(enabled ? served() : [])],
  }))
  .build();

function served(): Provider[] {
  const useFactory = (options: ProvidedOptions): KnowledgeBase => new KnowledgeBase(parse(options));
  return [{ provide: KnowledgeBase, useFactory, inject: [MODULE_OPTIONS_TOKEN] }, KnowledgeTools];
}

/** Serves `search_knowledge_base` over folders of documents, unless `enabled` is false. */
@Module({})
export class KnowledgeModule extends ConfigurableModuleClass {}

/** @throws Error listing every fault with its key. */
function parse(options: ProvidedOptions): ReturnType<typeof knowledgeOptions.parse> {
  const result = knowledgeOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${['knowledge', ...path].join('.')}: ${message}`);
  throw new Error(`KnowledgeModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}
