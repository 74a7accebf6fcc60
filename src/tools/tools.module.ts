import { Module, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { TargetRegistries } from '../core/index.js';
import {
  CompletionRegistry,
  PromptRegistry,
  ResourceRegistry,
  SubscriptionRegistry,
  ToolRegistry,
} from './registries.js';
import { RookeryServer } from './rookery-server.js';
import { TargetFactory } from './target-factory.js';
import { ToolsExplorer } from './tools-explorer.js';

/** Tools, resources and prompts: discovered when the application is complete, registered and removed while it serves. */
@Module({
  providers: [
    ToolRegistry,
    ResourceRegistry,
    PromptRegistry,
    CompletionRegistry,
    TargetFactory,
    {
      provide: SubscriptionRegistry,
      useFactory: (resources: ResourceRegistry, factory: TargetFactory) =>
        new SubscriptionRegistry(resources, (resource) => factory.subscription(resource)),
      inject: [ResourceRegistry, TargetFactory],
    },
    ToolsExplorer,
    RookeryServer,
  ],
  exports: [ToolRegistry, ResourceRegistry, PromptRegistry, CompletionRegistry, TargetFactory, RookeryServer],
})
export class ToolsModule implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly registries: TargetRegistries,
    private readonly explorer: ToolsExplorer,
    private readonly tools: ToolRegistry,
    private readonly resources: ResourceRegistry,
    private readonly prompts: PromptRegistry,
    private readonly completions: CompletionRegistry,
    private readonly subscriptions: SubscriptionRegistry,
  ) {}

  onModuleInit(): void {
    const { tools, resources, prompts, completions, subscriptions } = this;
    for (const registry of [tools, resources, prompts, completions, subscriptions]) this.registries.add(registry);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.explorer.explore();
  }
}
