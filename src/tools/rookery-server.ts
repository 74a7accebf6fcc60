import { Injectable } from '@nestjs/common';
import {
  ChangeBus,
  HealthIndicators,
  ServerStatus,
  Telemetry,
  type Call,
  type HealthProbe,
  type Sample,
  type StandardSchema,
  type TargetOrigin,
} from '../core/index.js';
import type {
  PromptOptions,
  PromptTarget,
  ResourceOptions,
  ResourceTarget,
  ToolOptions,
  ToolTarget,
} from './options.js';
import { CompletionRegistry, PromptRegistry, ResourceRegistry, ToolRegistry } from './registries.js';
import { TargetFactory, type TargetSource } from './target-factory.js';

/** What a Standard Schema makes of a value; `unknown` for other kinds of schema. */
export type OutputOf<Schema> = Schema extends StandardSchema<infer _Input, infer Output> ? Output : unknown;

/** A function behind a tool, resource or prompt. */
export type Handler<Input = unknown> = (input: Input, call: Call) => unknown;

/** Options of something registered by hand, which has no method to be named after. */
export type Named<Options> = Options & { readonly name: string };

/** What a health check that is registered by hand may differ in. */
export type HealthCheckOptions = Pick<HealthProbe, 'critical' | 'timeoutMs'>;

/**
 * The server, seen from inside: what it is called, what it serves, how it is doing; and the way to add, replace and
 * remove tools, resources and prompts while it serves. Such targets take the same guards, policies and observers as
 * decorated ones.
 */
@Injectable()
export class RookeryServer {
  constructor(
    private readonly status: ServerStatus,
    private readonly telemetry: Telemetry,
    private readonly factory: TargetFactory,
    private readonly toolRegistry: ToolRegistry,
    private readonly resourceRegistry: ResourceRegistry,
    private readonly promptRegistry: PromptRegistry,
    private readonly completions: CompletionRegistry,
    private readonly changes: ChangeBus,
    private readonly health: HealthIndicators,
  ) {}

  get name(): string {
    return this.status.identity.name;
  }

  get version(): string {
    return this.status.identity.version;
  }

  get startTime(): Date {
    return this.status.startedAt;
  }

  /** Seconds since the server was made. */
  get uptime(): number {
    return this.status.uptimeSeconds;
  }

  /** Clients being served right now. */
  get connectionCount(): number {
    return this.status.connections;
  }

  /** The tools, by name. */
  get tools(): readonly ToolTarget[] {
    return this.toolRegistry.list();
  }

  /** The resources and resource templates, by name. */
  get resources(): readonly ResourceTarget[] {
    return this.resourceRegistry.list();
  }

  /** The prompts, by name. */
  get prompts(): readonly PromptTarget[] {
    return this.promptRegistry.list();
  }

  /** Every metric series as it stands now. */
  getMetrics(): readonly Sample[] {
    return this.telemetry.samples();
  }

  /**
   * Adds a health check, as `@HealthIndicator()` does for a method; the returned function removes it.
   *
   * All is well when it returns, with details as an object if it likes; what it throws is why it is not.
   *
   * @throws Error when there is one of that name
   */
  registerHealthCheck(name: string, check: HealthProbe['check'], options: HealthCheckOptions = {}): () => void {
    return this.health.add({ ...options, name, check });
  }

  /** Tells clients that subscribed to a resource that it has changed. */
  notifyResourceUpdated(uri: string): void {
    this.changes.publish({ kind: 'resource', uri });
  }

  /** @throws Error when the name is taken or an option is wrong. */
  async registerTool<const Options extends Named<ToolOptions>>(
    options: Options,
    handler: Handler<OutputOf<Options['inputSchema']>>,
  ): Promise<void> {
    this.toolRegistry.add(await this.factory.tool(options, sourceOf(options.name, handler)));
  }

  /** @throws Error when there is no such tool or an option is wrong. */
  async replaceTool<const Options extends Named<ToolOptions>>(
    options: Options,
    handler: Handler<OutputOf<Options['inputSchema']>>,
  ): Promise<void> {
    this.toolRegistry.replace(await this.factory.tool(options, sourceOf(options.name, handler)));
  }

  /** Whether there was one. Calls under way finish. */
  removeTool(name: string): boolean {
    return this.toolRegistry.remove(name);
  }

  /** @throws Error when the name or URI is taken or an option is wrong. */
  async registerResource(
    options: Named<ResourceOptions>,
    handler: Handler<Readonly<Record<string, string>>>,
  ): Promise<void> {
    const resource = await this.factory.resource(options, sourceOf(options.name, handler));
    const completions = this.factory.completions(resource);
    this.resourceRegistry.add(resource);
    completions.forEach((completion) => this.completions.add(completion));
  }

  /** Whether there was one. */
  removeResource(name: string): boolean {
    return this.#removeCompletions(this.resourceRegistry.get(name)) && this.resourceRegistry.remove(name);
  }

  /** @throws Error when the name is taken or an option is wrong. */
  async registerPrompt<const Options extends Named<PromptOptions>>(
    options: Options,
    handler: Handler<OutputOf<Options['argsSchema']>>,
  ): Promise<void> {
    const prompt = await this.factory.prompt(options, sourceOf(options.name, handler));
    const completions = this.factory.completions(prompt);
    this.promptRegistry.add(prompt);
    completions.forEach((completion) => this.completions.add(completion));
  }

  /** Whether there was one. */
  removePrompt(name: string): boolean {
    return this.#removeCompletions(this.promptRegistry.get(name)) && this.promptRegistry.remove(name);
  }

  #removeCompletions(owner: PromptTarget | ResourceTarget | undefined): boolean {
    if (owner === undefined) return false;
    this.factory.completions(owner).forEach(({ name }) => this.completions.remove(name));
    return true;
  }
}

function sourceOf<Input>(name: string, handler: Handler<Input>): TargetSource {
  const origin: TargetOrigin = { type: RookeryServer, methodName: name, handler };
  return { origin, body: (input, call) => handler(input as Input, call) };
}
