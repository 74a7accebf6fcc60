import { ToolError, describeFault, type JsonSchema } from '../../core/index.js';
import { AI_PATH, type AiOptions } from './ai.options.js';
import { AgentTools, type AgentCaller } from './agent-tools.js';
import { RunBudget, runLimitsOf } from './budgets/run-budget.js';
import type { ChatAnswer, ChatMessage, FinishReason, ToolDefinition } from './chat.js';
import type { LlmService, Metered } from './llm-service.js';
import { withOpenInputs } from './open-inputs.js';
import type { Cost } from './prices.js';
import { StructuredOutput } from './structured-output.js';

/** What an agent is asked. A prompt, messages, or both: the prompt then comes last. */
export interface AgentInput {
  readonly prompt?: string | undefined;
  /** A conversation so far. */
  readonly messages?:
    readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[] | undefined;
  readonly systemPrompt?: string | undefined;
  /** `provider:name`. @default `nodes.ai.defaultModel` */
  readonly model?: string | undefined;
  readonly temperature?: number | undefined;
  /** Of each answer. @default `nodes.ai.maxTokens` */
  readonly maxTokens?: number | undefined;
  /** The answer is to be one JSON value of this schema. */
  readonly schema?: JsonSchema | undefined;
  /** What the model may ask for; needs a caller. */
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** What is connected to the node beyond its parameters: appended to the prompt. */
  readonly openInputs?: Readonly<Record<string, unknown>> | undefined;
}

/** For whom an agent runs. */
export interface AgentContext {
  /** `principalKey(call.principal)`. */
  readonly principal: string;
  readonly signal: AbortSignal;
  /** What the run that this one is part of may use up. @default what the configuration says of a run, anew */
  readonly budget?: RunBudget | undefined;
  /** Calls tools with the rights of who runs the agent. */
  readonly caller?: AgentCaller | undefined;
  /** Hears what the model writes, in every round. */
  readonly onText?: ((delta: string) => void) | undefined;
}

/** What came of it, in the words of the node's output. */
export interface AgentResult {
  readonly response: string;
  /** The value of the answer, where a schema was asked for. */
  readonly structured?: unknown;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    /** Present when some of it is our guess. */
    readonly estimated?: true;
  };
  /** Where prices are configured. */
  readonly cost?: Cost;
  readonly model: string;
  readonly provider: string;
  readonly finish_reason: FinishReason;
  /** Requests that it took. */
  readonly rounds: number;
}

type AgentOptions = Pick<AiOptions, 'maxRounds' | 'maxToolCalls' | 'maxPromptBytes' | 'maxToolResultBytes' | 'budgets'>;

/**
 * Asks a model, calls the tools that it asks for, and holds its answer against a schema.
 *
 * It asks for tools in so many rounds; after them it has to answer with what it has. An answer that does not fit the
 * schema is given back once with its faults.
 */
export class LlmAgent {
  constructor(
    private readonly service: LlmService,
    private readonly options: AgentOptions,
  ) {}

  /**
   * @throws ToolError when there is nothing to ask, when the model keeps asking for tools, or when its answer does not
   *   fit the schema after it was told
   * @throws whatever {@link LlmService.chat} throws
   */
  async run(input: AgentInput, context: AgentContext): Promise<AgentResult> {
    const output = input.schema === undefined ? undefined : await StructuredOutput.of(input.schema);
    return new Run(this.service, this.options, input, context, output).answer();
  }
}

class Run {
  readonly #messages: ChatMessage[];
  readonly #tools: readonly ToolDefinition[];
  readonly #budget: RunBudget;
  readonly #totals = new Totals();
  #toolRounds: number;
  #repaired = false;

  constructor(
    private readonly service: LlmService,
    private readonly options: AgentOptions,
    private readonly input: AgentInput,
    private readonly context: AgentContext,
    private readonly output: StructuredOutput | undefined,
  ) {
    this.#tools = input.tools ?? [];
    if (this.#tools.length > 0 && context.caller === undefined) {
      throw new ToolError('Tools are given, and nobody who may call them.');
    }
    this.#messages = messagesOf(input, output, options.maxPromptBytes);
    this.#budget = context.budget ?? new RunBudget(runLimitsOf(options));
    this.#toolRounds = this.#tools.length > 0 ? options.maxRounds : 0;
  }

  async answer(): Promise<AgentResult> {
    for (;;) {
      const mayUseTools = this.#toolRounds > 0;
      const answer = await this.#ask(mayUseTools);
      this.#totals.add(answer);
      if (answer.toolCalls.length > 0) {
        if (!mayUseTools) {
          throw new ToolError(
            `The model asks for tools and does not come to an answer within ${this.options.maxRounds} rounds (${AI_PATH}.maxRounds).`,
          );
        }
        await this.#useTools(answer);
        continue;
      }
      if (this.output === undefined) return this.#result(answer);
      const read = await this.output.read(answer.text);
      if (read.ok) return { ...this.#result(answer), structured: read.value };
      if (answer.finishReason === 'refusal') throw new ToolError('The model refuses to answer.');
      if (this.#repaired) {
        const cut = answer.finishReason === 'length' ? ' It was cut at max_tokens.' : '';
        const faults = read.faults.map(describeFault).join('; ');
        throw new ToolError(`The model's answer does not fit the schema, also after it was told: ${faults}.${cut}`, {
          faults: read.faults,
        });
      }
      this.#repaired = true;
      this.#toolRounds = 0;
      this.#messages.push(turnOf(answer), { role: 'user', content: this.output.repair(read.faults) });
    }
  }

  #ask(mayUseTools: boolean): Promise<Metered<ChatAnswer>> {
    const { model, temperature, maxTokens } = this.input;
    const { principal, signal, onText } = this.context;
    return this.service.chat(
      {
        model,
        messages: this.#messages,
        temperature,
        maxTokens,
        tools: this.#tools,
        toolChoice: mayUseTools ? 'auto' : 'none',
        // A model that is held to a schema cannot ask for tools.
        schema: mayUseTools ? undefined : this.output?.schema,
        signal,
        onText,
      },
      { principal, run: this.#budget },
    );
  }

  async #useTools(answer: ChatAnswer): Promise<void> {
    const { caller, signal } = this.context;
    this.#toolRounds--;
    this.#messages.push(turnOf(answer));
    if (caller === undefined) return;
    const tools = new AgentTools(this.#tools, caller, this.options.maxToolResultBytes, this.#budget);
    this.#messages.push(...(await tools.answer(answer.toolCalls, signal)));
  }

  #result({ text, model, provider, finishReason }: ChatAnswer): AgentResult {
    return { response: text, ...this.#totals.of(), model, provider, finish_reason: finishReason };
  }
}

/** What all rounds used up together. */
class Totals {
  #rounds = 0;
  #input = 0;
  #output = 0;
  #estimated = false;
  #cost: Cost | undefined;

  add({ usage, cost }: Metered<ChatAnswer>): void {
    this.#rounds++;
    this.#input += usage.inputTokens;
    this.#output += usage.outputTokens;
    this.#estimated ||= usage.estimated === true;
    if (cost !== undefined) this.#cost = { ...cost, amount: cost.amount + (this.#cost?.amount ?? 0) };
  }

  of(): Pick<AgentResult, 'usage' | 'cost' | 'rounds'> {
    const usage = { input_tokens: this.#input, output_tokens: this.#output };
    return {
      usage: this.#estimated ? { ...usage, estimated: true } : usage,
      ...(this.#cost && { cost: this.#cost }),
      rounds: this.#rounds,
    };
  }
}

function messagesOf(input: AgentInput, output: StructuredOutput | undefined, maxBytes: number): ChatMessage[] {
  const { prompt = '', messages = [], systemPrompt, openInputs } = input;
  const asked = withOpenInputs(prompt, openInputs, maxBytes);
  if (asked === '' && !messages.some(({ role, content }) => role === 'user' && content !== '')) {
    throw new ToolError('There is nothing to ask the model: give a prompt, or messages with one of the user.');
  }
  const system = [systemPrompt, output?.instructions].filter((text) => text !== undefined && text !== '').join('\n\n');
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
    ...messages.map(({ role, content }) => ({ role, content })),
    ...(asked === '' ? [] : [{ role: 'user' as const, content: asked }]),
  ];
}

function turnOf({ text, toolCalls, native }: ChatAnswer): ChatMessage {
  return { role: 'assistant', content: text, ...(toolCalls.length > 0 && { toolCalls }), native };
}
