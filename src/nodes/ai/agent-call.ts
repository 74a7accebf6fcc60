import { Inject, Injectable, Optional } from '@nestjs/common';
import { Call, Caller, ToolError, closest, isFailure } from '../../core/index.js';
import { PermissionManager } from '../../permissions/index.js';
import { ToolRegistry } from '../../tools/index.js';
import { RunBudget, type RunLimits } from './budgets/run-budget.js';
import type { AgentCaller } from './agent-tools.js';
import type { ToolDefinition } from './chat.js';

/** Agents that call agents that call agents: nobody needs more, and each asks a model. */
const MAX_DEPTH = 5;

/** What agents may call: this server's tools, with the rights of who runs the agent. */
@Injectable()
export class AgentCalls {
  /** What runs of agents may call. */
  readonly #granted = new WeakMap<Call, ReadonlySet<string>>();
  /** What runs of agents use up, those in their course included. */
  readonly #budgets = new WeakMap<Call, RunBudget>();

  constructor(
    private readonly caller: Caller,
    private readonly tools: ToolRegistry,
    @Optional() @Inject(PermissionManager) private readonly permissions?: PermissionManager,
  ) {}

  /**
   * Tools as a model sees them.
   *
   * @throws ToolError naming what does not exist, or is not for this caller to know of: the same words for both
   */
  definitions(names: readonly string[], call: Call): readonly ToolDefinition[] {
    const visibility = this.permissions?.visibleTo(call.principal);
    const visible = this.tools.list().filter((tool) => visibility?.sees(tool) ?? true);
    const given = names.map((name) => {
      const tool = visible.find((candidate) => candidate.name === name && this.#isGranted(name, call));
      if (tool !== undefined) {
        return { name, description: tool.options.description, inputSchema: tool.input.jsonSchema };
      }
      const near = closest(
        name,
        visible.map((candidate) => candidate.name),
      );
      throw new ToolError(
        `There is no tool "${name.slice(0, 64)}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
      );
    });
    this.#granted.set(call, new Set(names));
    return given;
  }

  /** A model gives the agents that it calls no tool that its own run was not given. */
  #isGranted(name: string, call: Call): boolean {
    for (let outer = call.parent; outer !== undefined; outer = outer.parent) {
      if (this.#granted.get(outer)?.has(name) === false) return false;
    }
    return true;
  }

  /** What a run may use up: together with the run in whose course it is made, if there is one. */
  budgetOf(call: Call, limits: RunLimits): RunBudget {
    let budget: RunBudget | undefined;
    for (let outer: Call | undefined = call; outer !== undefined && budget === undefined; outer = outer.parent) {
      budget = this.#budgets.get(outer);
    }
    budget ??= new RunBudget(limits);
    this.#budgets.set(call, budget);
    return budget;
  }

  /** Calls that a model chooses in the course of `parent`: its principal, its deadline, its end, and every limit. */
  callerFor(parent: Call): AgentCaller {
    return {
      callTool: async (name, input) => {
        if (depthOf(parent) >= MAX_DEPTH) {
          throw new ToolError(`Calls may be made in the course of others ${MAX_DEPTH} deep; this would be one more.`);
        }
        const { principal, remoteAddress, deadline } = parent;
        const given = { kind: 'tool', name, input, principal, remoteAddress, deadline } as const;
        const call = new Call({ ...given, parent, chosenByModel: true });
        const unhear = parent.onEnded((reason) => call.abort(reason));
        try {
          const outcome = await this.caller.call(call);
          if (isFailure(outcome)) throw outcome.error;
          if (outcome.code !== 'ok') throw new ToolError(`The tool "${name}" asks its user, which an agent is not.`);
          return outcome.value;
        } finally {
          unhear();
        }
      },
    };
  }
}

function depthOf(call: Call): number {
  let depth = 1;
  for (let outer = call.parent; outer !== undefined; outer = outer.parent) depth++;
  return depth;
}
