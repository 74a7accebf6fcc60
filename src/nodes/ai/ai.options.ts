import { z } from 'zod';

/** Where the section stands in the configuration, for messages that say which key to set. */
export const AI_PATH = 'nodes.ai';

/** The characters of a provider's name: it stands before the first colon of a model, in metrics and in health. */
const NAME = /^[a-z][\w-]{0,31}$/i;

const apiKey = z
  .string()
  .min(1)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces: no header carries it otherwise')
  .meta({ secret: true })
  .optional()
  .describe('The key that the provider wants.');
const apiKeyFile = z.string().min(1).optional().describe('The file that holds the key.');

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => isBare(url), 'must have no user, password, query or fragment: the key has `apiKey`');

const requests = {
  timeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .optional()
    .describe('For one request of this provider, where it differs from `nodes.ai.timeoutMs`.'),
  retries: z
    .int()
    .min(0)
    .max(5)
    .default(1)
    .describe('How often a request is tried again when the provider is busy (429, 503), after the time it names.'),
};

const ollama = z.strictObject({
  type: z.literal('ollama').describe('Ollama, by its own API.'),
  baseUrl: baseUrl.default('http://127.0.0.1:11434').describe('Where it listens.'),
  apiKey,
  apiKeyFile,
  ...requests,
});

const openai = z.strictObject({
  type: z.literal('openai').describe("OpenAI, or a server that speaks its API: vLLM, llama.cpp's server, LM Studio."),
  baseUrl: baseUrl.default('https://api.openai.com/v1').describe('The address up to `/v1`.'),
  apiKey,
  apiKeyFile,
  maxTokensField: z
    .enum(['max_tokens', 'max_completion_tokens'])
    .optional()
    .describe('How the length of an answer is limited: OpenAI itself wants the second, most other servers the first.'),
  structuredOutput: z
    .enum(['json_schema', 'json_object', 'none'])
    .default('json_schema')
    .describe('How the server is told that an answer is to be JSON; `none` leaves it to the prompt.'),
  ...requests,
});

const anthropic = z.strictObject({
  type: z.literal('anthropic').describe('Claude, by the Messages API.'),
  baseUrl: baseUrl.default('https://api.anthropic.com').describe('The address before `/v1`.'),
  apiKey,
  apiKeyFile,
  apiVersion: z
    .enum(['2026-10-21', '2023-06-01'])
    .default('2026-10-21')
    .describe('The version of the API. The later one takes no temperature.'),
  ...requests,
});

const providerOptions = z.discriminatedUnion('type', [ollama, openai, anthropic]).superRefine((entry, context) => {
  if (entry.apiKey !== undefined && entry.apiKeyFile !== undefined) {
    context.addIssue({ code: 'custom', message: 'has apiKey and apiKeyFile: keep one of them' });
  }
});

const price = z.strictObject({
  input: z.number().min(0).describe('For a million tokens of prompts.'),
  output: z.number().min(0).describe('For a million tokens of answers.'),
});

const tokens = z.int().min(1).optional();
const cost = z.number().positive().optional();

/** The section `ai` of `nodes`: who runs language models, and what they may cost. */
export const aiOptions = z
  .strictObject({
    providers: z
      .record(z.string().regex(NAME, 'must be letters, digits, _ and -, beginning with a letter'), providerOptions)
      .default({})
      .describe('Providers of language models by the name that stands before the first colon of a model.'),
    defaultModel: z.string().min(1).max(256).optional().describe('The model of who names none: `ollama:llama3.2:3b`.'),
    maxTokens: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(4096)
      .describe('Tokens of an answer where the caller says nothing.'),
    timeoutMs: z.int().min(1).max(3_600_000).default(120_000).describe('For one request to a provider.'),
    maxRounds: z.int().min(1).max(100).default(8).describe('How often a model may ask for tools in one run.'),
    maxToolCalls: z
      .int()
      .min(1)
      .max(100_000)
      .default(100)
      .describe('How many tools one run calls, those of agents that it calls included; the model is told.'),
    maxToolResultBytes: z
      .int()
      .min(256)
      .max(10_485_760)
      .default(65_536)
      .describe('Of one tool result; the model is told that the rest is missing.'),
    maxPromptBytes: z
      .int()
      .min(1)
      .max(104_857_600)
      .default(1_048_576)
      .describe('Of all messages of a request, with what is connected to the prompt. More is refused.'),
    maxResponseBytes: z.int().min(1024).max(1_073_741_824).default(33_554_432).describe('Of one answer on the wire.'),
    maxLineBytes: z.int().min(1024).max(104_857_600).default(4_194_304).describe('Of one line of a streamed answer.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three letters, as USD')
      .default('USD')
      .describe('Of the prices and of the budgets.'),
    prices: z
      .record(z.string().min(1), price)
      .default({})
      .describe('What models cost, by `provider:model`; `provider:*` for all others of a provider.'),
    budgets: z
      .strictObject({
        perPrincipal: z
          .strictObject({
            tokensPerDay: tokens.describe('Tokens that one principal may use in any 24 hours.'),
            costPerDay: cost.describe(
              'What one principal may cost in any 24 hours; models without a price are refused.',
            ),
          })
          .prefault({})
          .describe('For each principal; callers without one share a budget.'),
        perRun: z
          .strictObject({
            tokens: tokens.describe('Tokens that one run of an agent may use, all its rounds together.'),
            cost: cost.describe('What one run may cost; models without a price are refused.'),
          })
          .prefault({})
          .describe('For each run of an agent.'),
      })
      .prefault({})
      .describe('What may be used up. No limit where nothing is said.'),
  })
  .superRefine(({ providers, prices, defaultModel }, context) => {
    for (const [key, models] of [
      ['prices', Object.keys(prices)],
      ['defaultModel', defaultModel === undefined ? [] : [defaultModel]],
    ] as const) {
      for (const model of models) {
        const name = model.slice(0, Math.max(0, model.indexOf(':')));
        if (name in providers) continue;
        const path = key === 'prices' ? [key, model] : [key];
        context.addIssue({ code: 'custom', path, message: 'must be <provider>:<model>, of a provider in `providers`' });
      }
    }
  });

/** One provider of the configuration, complete. */
export type ProviderOptions = z.output<typeof providerOptions>;

/** The section, complete. */
export type AiOptions = z.output<typeof aiOptions>;

function isBare(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === '';
}
