import type {
  Annotations,
  Call,
  CompiledSchema,
  Icon,
  Meta,
  Policy,
  SchemaSource,
  Target,
  ToolAnnotations,
} from '../core/index.js';

/** What every listed thing says of itself. */
export interface Described {
  /** Unique within its kind: 1–128 of `A–Z a–z 0–9 _ . -`. @default the method's name in snake_case */
  readonly name?: string | undefined;
  /** For people; the name when absent. */
  readonly title?: string | undefined;
  /** What it does and when to use it, written for a model. */
  readonly description: string;
  readonly icons?: Icon[] | undefined;
  readonly _meta?: Meta | undefined;
}

/** How a tool shows its result in an MCP App (SEP-1865). */
export interface ToolUi {
  /** The `ui://` resource that a host renders. It must be served. */
  readonly resourceUri: string;
  /** Who may call the tool: the model, the app, or both. @default both */
  readonly visibility?: readonly ('model' | 'app')[] | undefined;
}

/** What an MCP App may load and do (SEP-1865); everything else is denied to it by its host. */
export interface ResourceUi {
  readonly csp?:
    | {
        readonly connectDomains?: readonly string[] | undefined;
        readonly resourceDomains?: readonly string[] | undefined;
        readonly frameDomains?: readonly string[] | undefined;
        readonly baseUriDomains?: readonly string[] | undefined;
      }
    | undefined;
  /** `camera`, `microphone`, `geolocation`, `clipboardWrite`, each an empty object. */
  readonly permissions?: Readonly<Record<string, object>> | undefined;
  readonly domain?: string | undefined;
  readonly prefersBorder?: boolean | undefined;
}

/** What `@McpTool()` takes. */
export interface ToolOptions extends Described, Policy {
  /** Schema of the arguments. @default the DTO class of the first parameter, else no arguments */
  readonly inputSchema?: SchemaSource | undefined;
  /** Schema of the result: it is enforced, listed, and the result is sent as `structuredContent` too. */
  readonly outputSchema?: SchemaSource | undefined;
  readonly annotations?: ToolAnnotations | undefined;
  /** Shows the result in an MCP App; clients without apps get the content. */
  readonly ui?: ToolUi | undefined;
  /**
   * Whether calls become tasks that clients fetch the result of later (SEP-2663): for clients that understand tasks, or
   * for nobody else. @default never
   */
  readonly task?: 'optional' | 'required' | undefined;
}

/** Suggests values of an argument: those that may follow what was typed so far. The name of a method will do as well. */
export type Completer = (
  value: string,
  context: { readonly arguments: Readonly<Record<string, string>>; readonly call: Call },
) => readonly string[] | Promise<readonly string[]>;

/** What `@McpResource()` takes: a fixed `uri`, or a `uriTemplate` (RFC 6570: `{name}` and `{+path}`). */
export interface ResourceOptions extends Described, Policy {
  readonly uri?: string | undefined;
  readonly uriTemplate?: string | undefined;
  readonly mimeType?: string | undefined;
  /** Bytes, when known. */
  readonly size?: number | undefined;
  readonly annotations?: Annotations | undefined;
  /** What an MCP App may do; for `ui://` resources. */
  readonly ui?: ResourceUi | undefined;
  /** Suggestions for the variables of the template. */
  readonly complete?: Readonly<Record<string, Completer | string>> | undefined;
}

/** What `@McpPrompt()` takes. */
export interface PromptOptions extends Described, Policy {
  /** Schema of the arguments; their values are strings. @default no arguments */
  readonly argsSchema?: SchemaSource | undefined;
  /** Suggestions for the arguments. */
  readonly complete?: Readonly<Record<string, Completer | string>> | undefined;
}

/** The scheme of resources that are MCP Apps. */
export const APP_SCHEME = 'ui://';
/** The MIME type of an MCP App. */
export const APP_MIME_TYPE = 'text/html;profile=mcp-app';

/** Whether a resource is an MCP App. */
export function isApp({ uri, uriTemplate }: ResourceOptions): boolean {
  return (uri ?? uriTemplate)?.startsWith(APP_SCHEME) ?? false;
}

/** A tool that can be listed and called. */
export interface ToolTarget extends Target {
  readonly kind: 'tool';
  readonly options: ToolOptions;
}

/** A resource, or a template of resources, that can be listed and read. */
export interface ResourceTarget extends Target {
  readonly kind: 'resource';
  readonly options: ResourceOptions;
}

/** A prompt that can be listed and rendered. */
export interface PromptTarget extends Target {
  readonly kind: 'prompt';
  readonly options: PromptOptions;
}

/** What completes one argument of a prompt or one variable of a resource template. */
export interface CompletionTarget extends Target {
  readonly kind: 'completion';
}

/** What a subscription to a resource asks for; named like the resource. */
export interface SubscriptionTarget extends Target {
  readonly kind: 'subscription';
}

/** The listed properties of a schema of an object, in order, and which of them are required. */
export function propertiesOf(
  schema: CompiledSchema,
): readonly { name: string; required: boolean; description?: string }[] {
  const { properties, required } = schema.jsonSchema as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    required: required?.includes(name) ?? false,
    ...(property.description !== undefined && { description: property.description }),
  }));
}

const DESCRIBED = ['name', 'title', 'description', 'icons', '_meta'];
const OWN_KEYS: Readonly<Record<'tool' | 'resource' | 'prompt', ReadonlySet<string>>> = {
  tool: new Set([...DESCRIBED, 'inputSchema', 'outputSchema', 'annotations', 'task', 'ui']),
  resource: new Set([...DESCRIBED, 'uri', 'uriTemplate', 'mimeType', 'size', 'annotations', 'complete', 'ui']),
  prompt: new Set([...DESCRIBED, 'argsSchema', 'complete']),
};

/** What of a target's options is for the pipeline to enforce: everything that does not describe it. */
export function policyPart(kind: 'tool' | 'resource' | 'prompt', options: Described): Policy {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !OWN_KEYS[kind].has(key)));
}
