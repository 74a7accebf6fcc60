import { Injectable } from '@nestjs/common';
import { isObject } from '../../core/index.js';
import { CompletionRegistry, PromptRegistry, ResourceRegistry, completionName } from '../../tools/index.js';
import { CallRunner } from '../call-runner.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import type { Method, MethodGroup } from '../method.js';
import { valueOf } from '../wire-map.js';
import { invalidParams, optionalObject, requireString, type Params } from '../wire.js';

/** The most values that one answer may hold (S/server/utilities/completion). */
const MAX_VALUES = 100;
const NOTHING: ResultParts = { members: '"completion":{"values":[],"total":0,"hasMore":false}' };

/** `completion/complete`. */
@Injectable()
export class CompletionMethods implements MethodGroup {
  readonly capabilities = { completions: {} };
  readonly methods: readonly Method[] = [
    { name: 'completion/complete', handle: (params, exchange) => this.#complete(params, exchange) },
  ];

  constructor(
    private readonly runner: CallRunner,
    private readonly completions: CompletionRegistry,
    private readonly prompts: PromptRegistry,
    private readonly resources: ResourceRegistry,
  ) {}

  async #complete(params: Params, exchange: Exchange): Promise<ResultParts> {
    const { name: argument, value } = argumentOf(params);
    const name = this.#nameOf(optionalObject(params, 'ref'), argument);
    if (this.completions.get(name) === undefined) return NOTHING;
    const given = optionalObject(optionalObject(params, 'context'), 'arguments');
    const init = { kind: 'completion', name, input: { value, arguments: given } } as const;
    const { outcome } = await this.runner.run(init, params, exchange);
    const values = valueOf(outcome) as readonly string[];
    const shown = values.slice(0, MAX_VALUES);
    const completion = { values: shown, total: values.length, hasMore: values.length > shown.length };
    return { members: `"completion":${JSON.stringify(completion)}` };
  }

  /** The completer that a reference names. Something known without a completer has nothing to suggest. */
  #nameOf(ref: Params, argument: string): string {
    if (ref['type'] === 'ref/prompt') {
      const prompt = this.prompts.get(requireString(ref, 'name'));
      if (prompt !== undefined) return completionName('prompt', prompt.name, argument);
      throw invalidParams('"ref" names a prompt that does not exist');
    }
    if (ref['type'] === 'ref/resource') {
      const uri = requireString(ref, 'uri');
      const resource =
        this.resources.list().find(({ options }) => options.uriTemplate === uri) ?? this.resources.find(uri)?.target;
      if (resource !== undefined) return completionName('resource', resource.name, argument);
      throw invalidParams('"ref" names a resource that does not exist');
    }
    throw invalidParams('"ref.type" must be "ref/prompt" or "ref/resource"');
  }
}

function argumentOf(params: Params): { readonly name: string; readonly value: string } {
  const { argument } = params;
  if (!isObject(argument)) throw invalidParams('"argument" must be an object');
  return { name: requireString(argument, 'name'), value: requireString(argument, 'value') };
}
