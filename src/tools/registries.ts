import { TargetRegistry, type Found } from '../core/index.js';
import type { CompletionTarget, PromptTarget, ResourceTarget, SubscriptionTarget, ToolTarget } from './options.js';
import { compileUriTemplate, type UriTemplate } from './uri-template.js';

/** The tools of this server. */
export class ToolRegistry extends TargetRegistry<ToolTarget> {
  override readonly kind = 'tool';
}

/** The prompts of this server. */
export class PromptRegistry extends TargetRegistry<PromptTarget> {
  override readonly kind = 'prompt';
}

/** What completes arguments; named by {@link completionName}. */
export class CompletionRegistry extends TargetRegistry<CompletionTarget> {
  override readonly kind = 'completion';
}

/** The name under which the completer of one argument is registered. */
export function completionName(of: 'prompt' | 'resource', owner: string, argument: string): string {
  return `${of}:${owner}#${argument}`;
}

/** The resources of this server: found by their URI, fixed ones first, then templates in the order of their names. */
export class ResourceRegistry extends TargetRegistry<ResourceTarget> {
  override readonly kind = 'resource';
  #version = -1;
  #byUri = new Map<string, ResourceTarget>();
  #templates: readonly { readonly target: ResourceTarget; readonly template: UriTemplate }[] = [];

  override find(uri: string): Found<ResourceTarget> | undefined {
    this.#refresh();
    const fixed = this.#byUri.get(uri);
    if (fixed !== undefined) return { target: fixed, input: {} };
    for (const { target, template } of this.#templates) {
      const input = template.match(uri);
      if (input !== undefined) return { target, input };
    }
    return undefined;
  }

  override add(target: ResourceTarget): void {
    const { uri } = target.options;
    const taken = uri === undefined ? undefined : this.list().find(({ options }) => options.uri === uri);
    if (taken !== undefined)
      throw new Error(`The resources "${taken.name}" and "${target.name}" have the same URI ${uri}.`);
    super.add(target);
  }

  #refresh(): void {
    if (this.#version === this.version) return;
    this.#version = this.version;
    this.#byUri = new Map();
    const templates: { target: ResourceTarget; template: UriTemplate }[] = [];
    for (const target of this.list()) {
      const { uri, uriTemplate } = target.options;
      if (uri !== undefined) this.#byUri.set(uri, target);
      if (uriTemplate !== undefined) templates.push({ target, template: compileUriTemplate(uriTemplate) });
    }
    this.#templates = templates;
  }
}

/** Subscriptions: whatever resource can be read can be subscribed to, found by the same URI under the same policy. */
export class SubscriptionRegistry extends TargetRegistry<SubscriptionTarget> {
  override readonly kind = 'subscription';
  readonly #made = new WeakMap<ResourceTarget, SubscriptionTarget>();

  constructor(
    private readonly resources: ResourceRegistry,
    private readonly make: (resource: ResourceTarget) => SubscriptionTarget,
  ) {
    super();
  }

  override find(uri: string): Found<SubscriptionTarget> | undefined {
    const found = this.resources.find(uri);
    if (found === undefined) return undefined;
    let target = this.#made.get(found.target);
    if (target === undefined) this.#made.set(found.target, (target = this.make(found.target)));
    return { target, input: found.input };
  }
}
