import { z } from 'zod';
import { principalKey } from '../../core/index.js';
import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { NodesSettings } from '../nodes.settings.js';
import { AgentCalls } from './agent-call.js';
import { runLimitsOf } from './budgets/run-budget.js';
import { LlmAgent } from './llm-agent.js';

const message = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() });

const parameters = z
  .strictObject({
    prompt: z.string().optional().describe('What is asked.'),
    messages: z.array(message).max(1_000).optional().describe('A conversation so far; `prompt` comes after it.'),
    system_prompt: z.string().optional().describe('Who the model is, and how it is to answer.'),
    model: z.string().min(1).max(200).optional().describe('`provider:name`; nodes.ai.defaultModel without it.'),
    temperature: z.number().min(0).max(2).optional().describe("How much chance is in it; the model's own without it."),
    max_tokens: z.int().min(1).max(1_000_000).optional().describe('Of the answer.'),
    output_schema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema that the answer is to fit.'),
    tools: z.array(z.string().min(1).max(128)).max(64).default([]).describe('Tools of this server that it may call.'),
  })
  .refine(
    ({ prompt, messages }) => prompt !== undefined || (messages?.length ?? 0) > 0,
    'needs `prompt` or `messages`',
  );

const output = z.strictObject({
  response: z.string(),
  structured: z.unknown().optional().describe('The answer as a value, where `output_schema` was given.'),
  usage: z.strictObject({
    input_tokens: z.number(),
    output_tokens: z.number(),
    estimated: z.literal(true).optional().describe('Present when some of it is a guess.'),
  }),
  cost: z.strictObject({ amount: z.number(), currency: z.string() }).optional(),
  model: z.string(),
  provider: z.string(),
  finish_reason: z.string(),
  rounds: z.int().describe('Requests that it took.'),
});

/** Asks a language model, which may call tools of this server with the rights of who asks. */
@WorkflowNode({
  category: 'ai',
  description: 'Asks a language model. Inputs are appended to the prompt as labelled JSON; `response` is the text.',
  parameters,
  output,
  openInputs: true,
  examples: [
    { title: 'a question', parameters: { prompt: 'What is MCP?', model: 'ollama:llama3.2:3b', max_tokens: 200 } },
  ],
})
export class LLMAgentNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(
    private readonly agent: LlmAgent,
    private readonly calls: AgentCalls,
    private readonly settings: NodesSettings,
  ) {
    super();
  }

  override async run(given: z.output<typeof parameters>, context: NodeContext): Promise<z.output<typeof output>> {
    const { call, signal, inputs } = context;
    const tools = this.calls.definitions(given.tools, call);
    let written = 0;
    return await this.agent.run(
      {
        prompt: given.prompt,
        messages: given.messages,
        systemPrompt: given.system_prompt,
        model: given.model,
        temperature: given.temperature,
        maxTokens: given.max_tokens,
        schema: given.output_schema,
        openInputs: inputs,
        ...(tools.length > 0 && { tools }),
      },
      {
        principal: principalKey(call.principal),
        signal,
        budget: this.calls.budgetOf(call, runLimitsOf(this.settings.options.ai)),
        ...(tools.length > 0 && { caller: this.calls.callerFor(call) }),
        onText: (delta) => context.progress((written += delta.length), undefined, delta),
      },
    );
  }
}
