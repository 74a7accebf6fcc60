import { Injectable } from '@nestjs/common';
import type { Method, MethodGroup } from '../method.js';
import { CompletionMethods } from './completion.js';
import { LifecycleMethods } from './lifecycle.js';
import { PromptMethods } from './prompts.js';
import { ResourceMethods } from './resources.js';
import { ToolMethods } from './tools.js';

/** Every method of the protocol that this server answers. */
@Injectable()
export class McpMethods {
  readonly all: readonly Method[];

  constructor(
    lifecycle: LifecycleMethods,
    tools: ToolMethods,
    resources: ResourceMethods,
    prompts: PromptMethods,
    completion: CompletionMethods,
  ) {
    const groups: readonly MethodGroup[] = [tools, resources, prompts, completion];
    lifecycle.announce(Object.assign({}, ...groups.map((group) => group.capabilities)) as Record<string, object>);
    this.all = [lifecycle, ...groups].flatMap((group) => group.methods);
  }
}
