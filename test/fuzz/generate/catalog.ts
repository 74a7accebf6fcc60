import type { RookeryServer } from '../../../src/index.js';

/** Something with arguments. */
export interface Callable {
  readonly name: string;
  readonly schema: unknown;
}

/** What a server offers, as far as inputs are made of it. */
export interface Catalog {
  readonly tools: readonly Callable[];
  readonly prompts: readonly Callable[];
  readonly uris: readonly string[];
  readonly templates: readonly string[];
}

/**
 * Tools that would hold up a run. The first three take a while, the fourth as long as it is told to; the last two must
 * not run twice at once, as both would register the same name.
 */
const LEFT_OUT = [
  'chatter',
  'test_tool_with_progress',
  'test_tool_with_logging',
  'slow_compute',
  'test_trigger_tool_change',
  'test_trigger_prompt_change',
];

/** What the server offers. */
export function catalogOf({ tools, prompts, resources }: RookeryServer): Catalog {
  const callable = ({ name, input }: (typeof tools | typeof prompts)[number]): Callable => ({
    name,
    schema: input.jsonSchema,
  });
  return {
    tools: tools.filter(({ name }) => !LEFT_OUT.includes(name)).map(callable),
    prompts: prompts.map(callable),
    uris: resources.flatMap(({ options }) => options.uri ?? []),
    templates: resources.flatMap(({ options }) => options.uriTemplate ?? []),
  };
}
