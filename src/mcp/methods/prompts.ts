import { Injectable } from '@nestjs/common';
import {
  isContentBlock,
  isObject,
  type ContentBlock,
  type MaybePromise,
  type PromptMessage,
} from '../../core/index.js';
import { PromptRegistry, propertiesOf, type PromptTarget } from '../../tools/index.js';
import { CallRunner, inputRequired } from '../call-runner.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import { ListPages, type Listing } from '../list-pages.js';
import type { Method, MethodGroup } from '../method.js';
import { members, toJson, valueOf } from '../wire-map.js';
import { optionalObject, requireString, type Params } from '../wire.js';

/** `prompts/list` and `prompts/get`. */
@Injectable()
export class PromptMethods implements MethodGroup {
  readonly capabilities = { prompts: { listChanged: true } };
  readonly methods: readonly Method[] = [
    {
      name: 'prompts/list',
      traced: true,
      handle: (params, exchange) => this.pages.page(this.#listing, params, exchange),
    },
    { name: 'prompts/get', targeted: true, handle: (params, exchange) => this.#get(params, exchange) },
  ];
  readonly #listing: Listing<PromptTarget>;

  constructor(
    private readonly runner: CallRunner,
    private readonly pages: ListPages,
    registry: PromptRegistry,
  ) {
    this.#listing = { member: 'prompts', registry, describe: describePrompt };
  }

  #get(params: Params, exchange: Exchange): MaybePromise<ResultParts> {
    const init = {
      kind: 'prompt',
      name: requireString(params, 'name'),
      input: optionalObject(params, 'arguments'),
    } as const;
    return this.runner.run(init, params, exchange, (call, outcome) => {
      if (outcome.code === 'input_required') return inputRequired(outcome.value);
      const value = valueOf(outcome);
      const result = { description: (call.target as PromptTarget).options.description, ...promptOf(value) };
      return { members: members(result) };
    });
  }
}

function describePrompt({ name, options, input }: PromptTarget): object {
  const { title, description, icons, _meta } = options;
  return { name, title, description, arguments: propertiesOf(input), icons, _meta };
}

/** What an author returned, as a prompt: text or content of the user, messages, or `{ messages, description }`. */
function promptOf(value: unknown): { readonly messages: readonly PromptMessage[]; readonly description?: string } {
  if (isObject(value) && Array.isArray(value['messages'])) {
    const { description } = value;
    const { messages } = promptOf(value['messages']);
    return typeof description === 'string' ? { messages, description } : { messages };
  }
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return { messages: entries.map(messageOf) };
}

function messageOf(entry: unknown): PromptMessage {
  if (isObject(entry) && (entry['role'] === 'user' || entry['role'] === 'assistant')) {
    return { role: entry['role'], content: contentOf(entry['content']) };
  }
  return { role: 'user', content: contentOf(entry) };
}

function contentOf(value: unknown): ContentBlock {
  if (isContentBlock(value)) return value;
  return { type: 'text', text: typeof value === 'string' ? value : toJson(value) };
}
