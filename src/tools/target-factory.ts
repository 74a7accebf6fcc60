import { Injectable, type Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA } from '@nestjs/common/internal';
import {
  NO_ARGUMENTS,
  PolicyKeys,
  SchemaCompiler,
  describeOrigin,
  policyOf,
  type Call,
  type CompiledSchema,
  type Policy,
  type Run,
  type SchemaSource,
  type Target,
  type TargetMethod,
  type TargetOrigin,
} from '../core/index.js';
import {
  APP_SCHEME,
  isApp,
  policyPart,
  type Completer,
  type CompletionTarget,
  type Described,
  type PromptOptions,
  type PromptTarget,
  type ResourceOptions,
  type ResourceTarget,
  type SubscriptionTarget,
  type ToolOptions,
  type ToolTarget,
} from './options.js';
import { completionName } from './registries.js';
import { compileUriTemplate } from './uri-template.js';

/** Where a target comes from: a decorated method, or a function registered while serving. */
export interface TargetSource {
  readonly origin: TargetOrigin;
  readonly body: TargetMethod | Run;
  readonly finish?: Target['finish'];
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Makes targets of what decorators and registrations say: names, policies and schemas checked, each fault with its place. */
@Injectable()
export class TargetFactory {
  readonly #schemas = new SchemaCompiler();

  constructor(private readonly policyKeys: PolicyKeys) {}

  /** @throws Error naming the class and method, and what to repair. */
  tool(options: ToolOptions, source: TargetSource): Promise<ToolTarget> {
    return this.#at(source, async () => {
      const { name, policy } = this.#common('tool', options, source);
      if (options.ui !== undefined && !options.ui.resourceUri.startsWith(APP_SCHEME)) {
        throw new Error(`"ui.resourceUri" must be a ${APP_SCHEME} URI, not "${options.ui.resourceUri}"`);
      }
      const input = await this.#schemas.compile(options.inputSchema ?? dtoOf(source) ?? NO_ARGUMENTS, 'input');
      const output = options.outputSchema && (await this.#schemas.compile(options.outputSchema, 'output'));
      return this.#checked({ kind: 'tool', name, policy, options, input, output, task: taskOf(options), ...source });
    });
  }

  /** @throws Error naming the class and method, and what to repair. */
  resource(options: ResourceOptions, source: TargetSource): Promise<ResourceTarget> {
    return this.#at(source, async () => {
      const { name, policy } = this.#common('resource', options, source);
      if ((options.uri === undefined) === (options.uriTemplate === undefined)) {
        throw new Error('a resource has either a "uri" or a "uriTemplate"');
      }
      if (options.ui !== undefined && !isApp(options)) throw new Error(`"ui" is for ${APP_SCHEME} resources`);
      const variables = options.uriTemplate === undefined ? [] : compileUriTemplate(options.uriTemplate).variables;
      checkCompleters(options.complete, variables);
      if (options.uri !== undefined && !URL.canParse(options.uri)) throw new Error(`"${options.uri}" is not a URI`);
      const input = await this.#schemas.compile(stringsSchema(variables), 'input');
      return this.#checked({ kind: 'resource', name, policy, options, input, ...source });
    });
  }

  /** @throws Error naming the class and method, and what to repair. */
  prompt(options: PromptOptions, source: TargetSource): Promise<PromptTarget> {
    return this.#at(source, async () => {
      const { name, policy } = this.#common('prompt', options, source);
      const input = await this.#schemas.compile(options.argsSchema ?? dtoOf(source) ?? NO_ARGUMENTS, 'input');
      const known = Object.keys((input.jsonSchema['properties'] as object | undefined) ?? {});
      checkCompleters(options.complete, known);
      return this.#checked({ kind: 'prompt', name, policy, options, input, ...source });
    });
  }

  /** The completers of a prompt or a resource template: targets of their own under their owner's policy. */
  completions(owner: PromptTarget | ResourceTarget): readonly CompletionTarget[] {
    return Object.entries(owner.options.complete ?? {}).map(([argument, completer]) => ({
      kind: 'completion',
      name: completionName(owner.kind, owner.name, argument),
      policy: owner.policy,
      input: ANY_INPUT,
      ...completionSource(owner, argument, completer),
    }));
  }

  /** What a client asks for that wants to hear of a resource's changes: behind the guards of its reader, which is not run. */
  subscription(owner: ResourceTarget): SubscriptionTarget {
    const { name, policy, input } = owner;
    return { kind: 'subscription', name, policy, input, ...guardedLike(owner, 'subscribe', () => undefined) };
  }

  #common(
    kind: 'tool' | 'resource' | 'prompt',
    options: Described,
    { origin, body }: TargetSource,
  ): { name: string; policy: Policy } {
    const name = options.name ?? snakeCase(origin.methodName);
    const faults: string[] = [];
    if (!NAME.test(name)) faults.push(`the name "${name}" is not 1-128 of A-Z a-z 0-9 _ . -`);
    if (typeof options.description !== 'string' || options.description.trim() === '') {
      faults.push('a "description" is needed: it is what a model chooses by');
    }
    const decorated = typeof body === 'function' ? {} : policyOf(origin.type, origin.handler);
    const policy: Policy = { ...decorated, ...policyPart(kind, options) };
    faults.push(...this.policyKeys.faultsOf(policy));
    if (faults.length > 0) throw new Error(faults.join('; '));
    return { name, policy };
  }

  /** Faults that only the whole target shows. */
  #checked<T extends Target>(target: T): T {
    const faults = this.policyKeys.contradictionsOf(target);
    if (faults.length > 0) throw new Error(faults.join('; '));
    return target;
  }

  async #at<T>({ origin }: TargetSource, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      throw new Error(`${describeOrigin(origin)}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function taskOf({ task }: ToolOptions): ToolOptions['task'] {
  if (task === undefined || task === 'optional' || task === 'required') return task;
  throw new Error(`"task" must be "optional" or "required"`);
}

/** `searchKnowledgeBase` → `search_knowledge_base`, `getHTTPStatus` → `get_http_status`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

const ANY_INPUT: CompiledSchema = { jsonSchema: {}, parse: (value) => ({ ok: true, value }) };

function stringsSchema(names: readonly string[]): SchemaSource {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: [...names],
  };
}

/** The class of a method's first parameter, when it is one of the team's own: a DTO. */
function dtoOf({ origin, body }: TargetSource): Type<object> | undefined {
  if (typeof body === 'function') return undefined;
  const types = Reflect.getMetadata('design:paramtypes', origin.type.prototype as object, origin.methodName) as
    readonly (Type<object> | undefined)[] | undefined;
  const first = types?.[0];
  return first === undefined || NOT_DTOS.has(first) ? undefined : first;
}

/** What TypeScript emits for parameters that have no class of their own. */
const NOT_DTOS: ReadonlySet<unknown> = new Set([
  Object,
  String,
  Number,
  Boolean,
  Array,
  Function,
  Promise,
  Map,
  Set,
  Date,
]);

function checkCompleters(complete: Readonly<Record<string, unknown>> | undefined, known: readonly string[]): void {
  for (const argument of Object.keys(complete ?? {})) {
    if (!known.includes(argument)) {
      throw new Error(`"complete" names "${argument}", which is not among: ${known.join(', ') || '(no arguments)'}`);
    }
  }
}

/** What a completer is asked. */
export interface CompletionInput {
  readonly value: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** Enhancers of a method that are about what it takes and returns; its guards serve what stands in its place too. */
const OF_THE_METHOD: ReadonlySet<unknown> = new Set([
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  EXCEPTION_FILTERS_METADATA,
]);

/** A completer of a decorated method runs on the same provider, behind the same guards. */
function completionSource(
  owner: PromptTarget | ResourceTarget,
  argument: string,
  completer: Completer | string,
): TargetSource {
  const { origin, body } = owner;
  const instance: object = typeof body === 'function' ? {} : body.instance;
  if (typeof completer === 'string' && typeof Reflect.get(instance, completer) !== 'function') {
    throw new Error(`${describeOrigin(origin)}: "complete" names the method "${completer}", which does not exist`);
  }
  function complete(this: object | undefined, { value, arguments: given }: CompletionInput, call: Call): unknown {
    const method = typeof completer === 'function' ? completer : (Reflect.get(this ?? {}, completer) as Completer);
    return Reflect.apply(method, this, [value, { arguments: given, call }]);
  }
  return guardedLike(owner, argument, complete);
}

/** What runs in another method's place, on the same provider and behind the same guards. */
function guardedLike(
  { origin, body }: PromptTarget | ResourceTarget,
  role: string,
  handler: (this: object | undefined, input: never, call: Call) => unknown,
): TargetSource {
  if (typeof body === 'function')
    return { origin, body: (input, call) => handler.call(undefined, input as never, call) };
  for (const key of Reflect.getMetadataKeys(origin.handler)) {
    if (!OF_THE_METHOD.has(key)) Reflect.defineMetadata(key, Reflect.getMetadata(key, origin.handler), handler);
  }
  return { origin: { ...origin, methodName: `${origin.methodName}#${role}`, handler }, body };
}
