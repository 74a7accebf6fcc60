import { Injectable, type Type } from '@nestjs/common';
import { isObject, type Call } from '../../core/index.js';
import { TargetFactory, ToolRegistry, snakeCase, type ToolOptions, type TargetSource } from '../../tools/index.js';
import { NodeCatalogue } from '../model/node-catalogue.js';
import { NodeRunner } from '../model/node-runner.js';
import type { NodeType } from '../model/node-type.js';
import type { Node } from '../model/node.js';
import type { McpNodeToolOptions, NodeToolOptions } from './node-tool.options.js';

/** Makes tools of nodes. Such tools take the same guards, policies and observers as decorated methods. */
@Injectable()
export class NodeTools {
  constructor(
    private readonly catalogue: NodeCatalogue,
    private readonly runner: NodeRunner,
    private readonly factory: TargetFactory,
    private readonly tools: ToolRegistry,
  ) {}

  /**
   * Serves a node as a tool whose arguments are the node's parameters.
   *
   * @param name - 1–128 of `A–Z a–z 0–9 _ . -`
   * @throws Error when the name is taken, an option is wrong, or the class is no node of this server
   */
  async registerNodeTool(nodeClass: Type<Node>, name: string, options: NodeToolOptions = {}): Promise<void> {
    await this.catalogue.load();
    const type = this.catalogue.of(nodeClass);
    const run = (parameters: unknown, call: Call): Promise<unknown> =>
      this.runner.run(type, parameters, { call, checked: true });
    const source: TargetSource = { origin: { type: nodeClass, methodName: 'run', handler: run }, body: run };
    const inputSchema = { ...type.parameters.jsonSchema };
    const target = await this.factory.tool({ ...toolOptions(type, options), name, inputSchema }, source);
    // The node's own schema decides; its JSON Schema is what is listed.
    this.tools.add({ ...target, input: type.parameters });
    type.node.prepare();
  }

  /** Serves a node as a tool that a method configures. For the explorer. @throws Error as {@link registerNodeTool} */
  async add(options: McpNodeToolOptions, source: TargetSource): Promise<void> {
    const { node, toolName, inputSchema, ...rest } = options;
    const type = this.catalogue.of(node);
    const name = toolName ?? snakeCase(source.origin.methodName);
    const finish = (configured: unknown, call: Call): Promise<unknown> => this.#runConfigured(type, configured, call);
    this.tools.add(await this.factory.tool({ ...toolOptions(type, rest), name, inputSchema }, { ...source, finish }));
    type.node.prepare();
  }

  #runConfigured(type: NodeType, configured: unknown, call: Call): Promise<unknown> {
    if (!isObject(configured) || !isObject(configured['node_config'])) {
      throw new Error(
        `A method with @McpNodeTool() must return { node_config: { … } }, the parameters of ${type.type}.`,
      );
    }
    const { node_config: parameters, inputs } = configured;
    return this.runner.run(type, parameters, { call, inputs: isObject(inputs) ? inputs : undefined });
  }
}

function toolOptions(type: NodeType, { annotations, ...options }: NodeToolOptions): ToolOptions {
  return {
    ...options,
    description: options.description ?? type.description,
    ...(type.output !== undefined && { outputSchema: { ...type.output.jsonSchema } }),
    annotations: { readOnlyHint: type.readOnly, ...annotations },
  };
}
