import { CancelledError, RookeryError, closest, isObject, isToolResult } from '../../core/index.js';
import { AI_PATH } from './ai.options.js';
import type { RunBudget } from './budgets/run-budget.js';
import type { ChatMessage, ToolCall, ToolDefinition } from './chat.js';

/** How an agent's tools are called: with the rights of who runs the agent, or not at all. */
export interface AgentCaller {
  /** @returns what the tool gave: a text, a value, or a tool result with content blocks */
  callTool(name: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown>;
}

/** Calls that a model asks for in one round; more than these are told to come later. */
const MAX_CALLS_A_ROUND = 32;

/** Runs what a model asks for, one after the other, and writes down what came of it, failures included. */
export class AgentTools {
  readonly #names: ReadonlySet<string>;

  constructor(
    tools: readonly ToolDefinition[],
    private readonly caller: AgentCaller,
    private readonly maxResultBytes: number,
    private readonly budget: RunBudget,
  ) {
    this.#names = new Set(tools.map(({ name }) => name));
  }

  /** @throws CancelledError when the signal aborts */
  async answer(calls: readonly ToolCall[], signal: AbortSignal): Promise<readonly ChatMessage[]> {
    const results: ChatMessage[] = [];
    for (const [index, call] of calls.entries()) {
      if (signal.aborted) throw new CancelledError(undefined, { cause: signal.reason });
      const { text, failed } =
        index < MAX_CALLS_A_ROUND
          ? await this.#call(call, signal)
          : { text: `At most ${MAX_CALLS_A_ROUND} tools are called at once. Ask again for this one.`, failed: true };
      results.push({
        role: 'tool',
        content: this.#bounded(text),
        toolCallId: call.id,
        toolName: call.name,
        failed,
      });
    }
    return results;
  }

  async #call({ name, input, malformed }: ToolCall, signal: AbortSignal): Promise<{ text: string; failed: boolean }> {
    if (!this.#names.has(name)) {
      const near = closest(name, this.#names);
      const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
      return {
        text: `There is no tool "${name.slice(0, 64)}".${hint} Tools: ${[...this.#names].join(', ')}.`,
        failed: true,
      };
    }
    if (malformed !== undefined) return { text: `The tool was not called: ${malformed}.`, failed: true };
    if (!this.budget.takeToolCall()) {
      const text = `This run has called ${this.budget.limits.toolCalls} tools, which is all that it may (${AI_PATH}.maxToolCalls). Answer with what there is.`;
      return { text, failed: true };
    }
    try {
      return textOf(await this.caller.callTool(name, input, signal));
    } catch (error) {
      if (signal.aborted) throw new CancelledError(undefined, { cause: error });
      // An error of ours is written to be shown; what else was thrown is for the log of the call that threw it.
      return { text: error instanceof RookeryError ? error.message : 'The tool failed.', failed: true };
    }
  }

  #bounded(text: string): string {
    const bytes = Buffer.from(text);
    if (bytes.byteLength <= this.maxResultBytes) return text;
    const kept = bytes.subarray(0, this.maxResultBytes).toString('utf8');
    return `${kept}\n[cut: ${bytes.byteLength - this.maxResultBytes} bytes more are not shown]`;
  }
}

function textOf(result: unknown): { text: string; failed: boolean } {
  if (typeof result === 'string') return { text: result, failed: false };
  if (isObject(result) && isToolResult(result)) {
    const text = result.content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
    return { text, failed: result.isError === true };
  }
  return { text: JSON.stringify(result) ?? 'null', failed: false };
}
