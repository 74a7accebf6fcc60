import type { Call, EgressGuard, FileRoots, LogLevel, Principal } from '../../core/index.js';
import type { NodeLog } from './node-log.js';

/** What a running node is told and given. */
export interface NodeContext {
  /** The node's name in its workflow; of a tool, the tool's. For messages, logs and spans. */
  readonly nodeId: string;
  /** The call in whose course it runs: its deadline, its client, its rights. */
  readonly call: Call;
  /** Who is served; undefined with authentication off. */
  readonly principal: Principal | undefined;
  /** Aborts when the caller goes away or the deadline passes. Pass it to whatever waits. */
  readonly signal: AbortSignal;
  /**
   * The same in every attempt at this piece of work, and in no other: effects are at least once, and who receives them
   * can tell a repetition by this.
   */
  readonly idempotencyKey: string;
  /** What was handed to a node with open inputs beyond its parameters, by name; empty for others. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The folders whose files may be named: those of `nodes.roots`. */
  readonly files: FileRoots;
  /** The way out for requests: to where `nodes.api` allows them. */
  readonly egress: EgressGuard;
  /** The value of a secret that a parameter names. Never put it into an error, a log line or an output. @throws ToolError */
  secret(name: string): string;
  /** Tells the client how far the node has come, if it asked to hear; nothing where the tool's results are cached. */
  progress(progress: number, total?: number, message?: string): void;
  /** The operator's log, whose lines say which node and call they are of. */
  readonly logger: NodeLog;
  /** Sends the client a log message, if it asked for its level; nothing where the tool's results are cached. */
  log(level: LogLevel, data: unknown): void;
}

/**
 * One step of work: a provider with `@WorkflowNode()`. The same class is a step of workflows and, with `@McpNodeTool()`
 * or `NodeTools.registerNodeTool()`, a tool.
 *
 * `run` gets parameters that its schema has passed, defaults applied; what it returns is checked against its output schema.
 * It may run many times at once: it keeps no state of a run in the instance.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- who extends it says what `run` takes and returns
export abstract class Node<Parameters = unknown, Output = unknown> {
  /** Called when the node is put to use, as a tool or in a workflow: for what takes a while to get ready. Must not throw. */
  prepare(): void {}

  /** @throws ToolError with a message for who gave the parameters; anything else is an internal error */
  abstract run(parameters: Parameters, context: NodeContext): Output | Promise<Output>;
}
