import { z } from 'zod';
import { principalKey } from '../../core/index.js';
import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { NodesSettings } from '../nodes.settings.js';
import { AgentCalls } from './agent-call.js';
import { runLimitsOf } from './budgets/run-budget.js';
import { LlmService } from './llm-service.js';

const parameters = z.strictObject({
  texts: z.array(z.string().min(1)).min(1).max(1_000).describe('The texts, together not more than a prompt.'),
  model: z.string().min(1).max(200).optional().describe('`provider:name` of a model for embeddings.'),
});

const output = z.strictObject({
  embeddings: z.array(z.array(z.number())).describe('One vector for each text, in their order.'),
  dimensions: z.int(),
  usage: z.strictObject({ input_tokens: z.number(), estimated: z.literal(true).optional() }),
  model: z.string(),
  provider: z.string(),
});

/** Makes vectors of texts. */
@WorkflowNode({
  category: 'ai',
  description: 'Makes vectors of texts with an embedding model.',
  parameters,
  output,
  readOnly: true,
  examples: [{ title: 'two texts', parameters: { texts: ['one', 'two'], model: 'ollama:nomic-embed-text' } }],
})
export class EmbeddingGeneratorNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(
    private readonly service: LlmService,
    private readonly calls: AgentCalls,
    private readonly settings: NodesSettings,
  ) {
    super();
  }

  override async run(
    { texts, model }: z.output<typeof parameters>,
    { call, signal }: NodeContext,
  ): Promise<z.output<typeof output>> {
    // Whoever asks in the course of an agent spends what that run may use up.
    const run = this.calls.budgetOf(call, runLimitsOf(this.settings.options.ai));
    const answer = await this.service.embed({ texts, model, signal }, { principal: principalKey(call.principal), run });
    const { inputTokens, estimated } = answer.usage;
    return {
      embeddings: answer.vectors.map((vector) => [...vector]),
      dimensions: answer.vectors[0]?.length ?? 0,
      usage: { input_tokens: inputTokens, ...(estimated === true && { estimated }) },
      model: answer.model,
      provider: answer.provider,
    };
  }
}
