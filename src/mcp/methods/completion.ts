import { Injectable } from '@nestjs/common';
import { UnauthenticatedError, isObject, type Principal } from '../../core/index.js';
import {
  CompletionRegistry,
  PromptRegistry,
  ResourceRegistry,
  completionName,
  type PromptTarget,
  type ResourceTarget,
} from '../../tools/index.js';
import { Access } from '../access/access.js';
import { CallRunner } from '../call-runner.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import type { Method, MethodGroup } from '../method.js';
import { OutcomeError, valueOf } from '../wire-map.js';
import { invalidParams, optionalObject, requireString, type Params } from '../wire.js';

/** The most values that one answer may hold (S/server/utilities/completion). */
const MAX_VALUES = 100;
const UNKNOWN = { code: 'unknown' };
const NOTHING: ResultParts = { members: '"completion":{"values":[],"total":0,"hasMore":false}' };

/** `completion/complete`. */
@Injectable()
export class CompletionMethods implements MethodGroup {
  readonly capabilities = { completions: {} };
  readonly methods: readonly Method[] = [
    { name: 'completion/complete', targeted: true, handle: (params, exchange) => this.#complete(params, exchange) },
  ];

  constructor(
    private readonly runner: CallRunner,
    private readonly completions: CompletionRegistry,
    private readonly prompts: PromptRegistry,
    private readonly resources: ResourceRegistry,
    private readonly access: Access,
  ) {}

  async #complete(params: Params, exchange: Exchange): Promise<ResultParts> {
    const { name: argument, value } = argumentOf(params);
    const owner = this.#ownerOf(optionalObject(params, 'ref'), exchange.principal);
    const name = completionName(owner.kind, owner.name, argument);
    if (this.completions.get(name) === undefined) return this.#nothing(owner, exchange.principal);
    const given = optionalObject(optionalObject(params, 'context'), 'arguments');
    const init = { kind: 'completion', name, input: { value, arguments: given } } as const;
    const values = await this.runner.run(
      init,
      params,
      exchange,
      (_call, outcome) => valueOf(outcome) as readonly string[],
    );
    const shown = values.slice(0, MAX_VALUES);
    const completion = { values: shown, total: values.length, hasMore: values.length > shown.length };
    return { members: `"completion":${JSON.stringify(completion)}` };
  }

  /** What has no completer has nothing to suggest, to those who may know that it is there. */
  #nothing({ policy }: PromptTarget | ResourceTarget, principal: Principal | undefined): ResultParts {
    if (this.access.admits(principal) || policy.requiresAuth === false) return NOTHING;
    throw new OutcomeError(new UnauthenticatedError());
  }

  /** What a reference names. What the caller does not see is no more there than what does not exist. */
  #ownerOf(ref: Params, principal: Principal | undefined): PromptTarget | ResourceTarget {
    if (ref['type'] === 'ref/prompt') {
      const prompt = this.prompts.get(requireString(ref, 'name'));
      if (prompt !== undefined && this.access.sees(principal, prompt)) return prompt;
      throw invalidParams('"ref" names a prompt that does not exist', UNKNOWN);
    }
    if (ref['type'] === 'ref/resource') {
      const uri = requireString(ref, 'uri');
      const resource =
        this.resources.list().find(({ options }) => options.uriTemplate === uri) ?? this.resources.find(uri)?.target;
      if (resource !== undefined && this.access.sees(principal, resource)) return resource;
      throw invalidParams('"ref" names a resource that does not exist', UNKNOWN);
    }
    throw invalidParams('"ref.type" must be "ref/prompt" or "ref/resource"');
  }
}

function argumentOf(params: Params): { readonly name: string; readonly value: string } {
  const { argument } = params;
  if (!isObject(argument)) throw invalidParams('"argument" must be an object');
  return { name: requireString(argument, 'name'), value: requireString(argument, 'value') };
}
