import { Injectable } from '@nestjs/common';
import { SkillMethods } from '../extensions/skills/skill-methods.js';
import { TaskMethods } from '../extensions/tasks/task-methods.js';
import type { Method, MethodGroup } from '../method.js';
import { CompletionMethods } from './completion.js';
import { LifecycleMethods } from './lifecycle.js';
import { LoggingMethods } from './logging.js';
import { PromptMethods } from './prompts.js';
import { ResourceMethods } from './resources.js';
import { SubscriptionMethods } from './subscriptions.js';
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
    logging: LoggingMethods,
    subscriptions: SubscriptionMethods,
    tasks: TaskMethods,
    skills: SkillMethods,
  ) {
    const groups: readonly MethodGroup[] = [
      tools,
      resources,
      prompts,
      completion,
      logging,
      subscriptions,
      tasks,
      skills,
    ];
    const capabilities = Object.assign({}, ...groups.map((group) => group.capabilities)) as Record<string, object>;
    lifecycle.announce(
      capabilities,
      () => Object.assign({}, ...groups.map((group) => group.extensions)) as Record<string, object>,
    );
    this.all = [lifecycle, ...groups].flatMap((group) => group.methods);
  }
}
