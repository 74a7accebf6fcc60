import type { Annotations, ContentBlock, Icon, Meta } from './content.js';
import { RookeryError } from './errors.js';
import type { Outcome } from './outcome.js';
import type { JsonSchema } from './schema/compiled-schema.js';
import type { StandardSchema } from './schema/standard-schema.js';

/** What a client can be asked for in the course of a call. */
export type AskKind = 'elicitation' | 'sampling' | 'roots';

/** One question to the client. */
export interface AskRequest {
  readonly kind: AskKind;
  /** The parameters as the protocol has them. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** What every question may say besides its content. */
export interface AskOptions {
  /** Names the question within the call; must be the same whenever the call is replayed. @default its kind and number */
  readonly key?: string | undefined;
}

/** A form for the user. */
export interface ElicitOptions<Content> extends AskOptions {
  readonly message: string;
  /** A flat object of primitives and enums (S/client/elicitation, restricted schema). Never ask for secrets by form. */
  readonly schema: StandardSchema<unknown, Content> | JsonSchema;
}

/** A page for the user to visit: the way for secrets and consent. */
export interface ElicitUrlOptions extends AskOptions {
  readonly message: string;
  readonly url: string;
}

/** What the user did with a form. */
export type ElicitAnswer<Content> =
  { readonly action: 'accept'; readonly content: Content } | { readonly action: 'decline' | 'cancel' };

/** What the user did with a page; that it was opened, not what happened there. */
export interface ElicitUrlAnswer {
  readonly action: 'accept' | 'decline' | 'cancel';
}

/** A message of a conversation with the client's model. */
export interface SamplingMessage {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock | readonly ContentBlock[];
}

/** A question to the client's model. */
export interface SamplingOptions extends AskOptions {
  readonly messages: readonly SamplingMessage[];
  readonly maxTokens: number;
  readonly systemPrompt?: string | undefined;
  readonly temperature?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly modelPreferences?: Readonly<Record<string, unknown>> | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What the client's model answered. */
export interface SamplingAnswer {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock | readonly ContentBlock[];
  readonly model: string;
  readonly stopReason?: string | undefined;
}

/** A folder or file that the client offers. */
export interface Root {
  readonly uri: string;
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  readonly icons?: readonly Icon[] | undefined;
  readonly annotations?: Annotations | undefined;
  readonly _meta?: Meta | undefined;
}

/** The client did not declare what this call needs of it (S/basic/index, −32021). */
export class MissingClientCapabilityError extends RookeryError {
  /** @param requiredCapabilities - a `ClientCapabilities` object, as the client would have to declare it */
  constructor(readonly requiredCapabilities: Readonly<Record<string, object>>) {
    const names = Object.keys(requiredCapabilities).join(', ');
    super('tool_error', `This call needs a client that declares: ${names}.`, { requiredCapabilities });
  }
}

/** How a request ends whose call goes on: with a question to the client, or as a task. Not an error of anybody's. */
export class Suspension {
  /** @param continued - told how the rest of the call ends, where its handler goes on running */
  constructor(
    readonly code: 'input_required' | 'task',
    readonly value: unknown,
    readonly continued?: (rest: Promise<Outcome>) => void,
  ) {}
}
