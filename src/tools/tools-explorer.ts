import { Injectable } from '@nestjs/common';
import { MethodExplorer, type DiscoveredMethod } from '../core/index.js';
import { PROMPT_METADATA, RESOURCE_METADATA, TOOL_METADATA } from './decorators.js';
import type { PromptOptions, ResourceOptions, ToolOptions } from './options.js';
import { CompletionRegistry, PromptRegistry, ResourceRegistry, ToolRegistry } from './registries.js';
import { TargetFactory } from './target-factory.js';

/** Fills the registries with what decorators declare. All faults of all targets are reported at once. */
@Injectable()
export class ToolsExplorer {
  constructor(
    private readonly methods: MethodExplorer,
    private readonly factory: TargetFactory,
    private readonly tools: ToolRegistry,
    private readonly resources: ResourceRegistry,
    private readonly prompts: PromptRegistry,
    private readonly completions: CompletionRegistry,
  ) {}

  /** @throws Error listing every fault with its class and method. */
  async explore(): Promise<void> {
    const faults: string[] = [];
    const each = async <Options>(
      key: string,
      add: (found: DiscoveredMethod<Options>) => Promise<void>,
    ): Promise<void> => {
      for (const found of this.methods.methodsWith<Options>(key)) {
        await add(found).catch((error: unknown) => faults.push((error as Error).message));
      }
    };
    await each<ToolOptions>(TOOL_METADATA, async (found) => {
      this.tools.add(await this.factory.tool(found.metadata, sourceOf(found)));
    });
    await each<ResourceOptions>(RESOURCE_METADATA, async (found) => {
      const resource = await this.factory.resource(found.metadata, sourceOf(found));
      this.resources.add(resource);
      this.factory.completions(resource).forEach((completion) => this.completions.add(completion));
    });
    await each<PromptOptions>(PROMPT_METADATA, async (found) => {
      const prompt = await this.factory.prompt(found.metadata, sourceOf(found));
      this.prompts.add(prompt);
      this.factory.completions(prompt).forEach((completion) => this.completions.add(completion));
    });
    if (faults.length > 0) {
      throw new Error(`The server cannot start; ${faults.length} declaration(s) are wrong:\n- ${faults.join('\n- ')}`);
    }
  }
}

function sourceOf({ origin, method }: DiscoveredMethod<unknown>): { origin: typeof origin; body: typeof method } {
  return { origin, body: method };
}
