import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChangeBus, type ServerChange, type TargetRegistry } from '../core/index.js';
import { PromptRegistry, ResourceRegistry, ToolRegistry } from '../tools/index.js';

/** Publishes that a list has changed, once for all changes that are made together. */
@Injectable()
export class ChangePublisher implements OnApplicationBootstrap {
  constructor(
    private readonly changes: ChangeBus,
    private readonly tools: ToolRegistry,
    private readonly resources: ResourceRegistry,
    private readonly prompts: PromptRegistry,
  ) {}

  onApplicationBootstrap(): void {
    this.#publish(this.tools, { kind: 'tools' });
    this.#publish(this.resources, { kind: 'resources' });
    this.#publish(this.prompts, { kind: 'prompts' });
  }

  #publish(registry: TargetRegistry<never> | TargetRegistry, change: ServerChange): void {
    let announced = false;
    registry.onChange(() => {
      if (announced) return;
      announced = true;
      setImmediate(() => {
        announced = false;
        this.changes.publish(change);
      });
    });
  }
}
