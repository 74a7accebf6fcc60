import { Injectable, type Type } from '@nestjs/common';
import {
  MethodExplorer,
  SchemaCompiler,
  ToolError,
  closest,
  isObject,
  type DiscoveredClass,
} from '../../core/index.js';
import { Node } from './node.js';
import type { NodeType } from './node-type.js';
import { explainingSecrets } from './parameters.js';
import { WORKFLOW_NODE, type WorkflowNodeOptions } from './workflow-node.decorator.js';

const TYPE = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Every kind of node of this server: the providers with `@WorkflowNode()`. */
@Injectable()
export class NodeCatalogue {
  readonly #types = new Map<string, NodeType>();
  readonly #schemas = new SchemaCompiler();
  #found: Promise<void> | undefined;

  constructor(private readonly explorer: MethodExplorer) {}

  /** Finds the nodes, once. @throws Error listing every node that is declared wrongly */
  load(): Promise<void> {
    return (this.#found ??= this.#load());
  }

  /** In the order of their names. */
  list(): readonly NodeType[] {
    return [...this.#types.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1));
  }

  /** @throws ToolError naming the type, and one that it may have been meant for. */
  get(type: string): NodeType {
    const found = this.#types.get(type);
    if (found !== undefined) return found;
    const near = closest(type, this.#types.keys());
    const hint = near === undefined ? 'See `rookery nodes list`.' : `Did you mean ${near}?`;
    throw new ToolError(`There is no node of the type "${type.slice(0, 64)}". ${hint}`);
  }

  /** @throws Error when the class is no node of this server, with how to make it one. */
  of(nodeClass: Type<Node>): NodeType {
    for (const type of this.#types.values()) if (type.nodeClass === nodeClass) return type;
    throw new Error(
      `${nodeClass.name} is no node of this server: it needs @WorkflowNode(), and to be among the providers of a module.`,
    );
  }

  async #load(): Promise<void> {
    const faults: string[] = [];
    for (const found of this.explorer.classesWith<WorkflowNodeOptions>(WORKFLOW_NODE)) {
      await this.#add(found).catch((error: unknown) => faults.push(`${found.type.name}: ${(error as Error).message}`));
    }
    if (faults.length > 0) {
      throw new Error(`The server cannot start; ${faults.length} node(s) are wrong:\n- ${faults.join('\n- ')}`);
    }
  }

  async #add({ metadata, type: nodeClass, instance, shared }: DiscoveredClass<WorkflowNodeOptions>): Promise<void> {
    const { type = nodeClass.name, category, description, openInputs = false, readOnly = false } = metadata;
    if (!(instance instanceof Node)) throw new Error('a class with @WorkflowNode() must extend Node');
    if (!shared) throw new Error('a node is shared by all runs; it cannot be request-scoped');
    if (!TYPE.test(type)) throw new Error(`the type "${type}" is not 1–64 letters, digits and _, a letter first`);
    const known = this.#types.get(type);
    if (known !== undefined) throw new Error(`the type "${type}" is taken by ${known.nodeClass.name}`);
    const parameters = explainingSecrets(await this.#schemas.compile(metadata.parameters, 'input'));
    const output = metadata.output && (await this.#schemas.compile(metadata.output, 'output'));
    const examples = metadata.examples ?? [];
    for (const { title, parameters: given } of examples) {
      const parsed = await parameters.parse(given);
      if (!isObject(given) || !parsed.ok) throw new Error(`the parameters of the example "${title}" break its schema`);
    }
    this.#types.set(type, {
      type,
      category,
      description,
      parameters,
      output,
      openInputs,
      readOnly,
      examples,
      nodeClass: nodeClass as Type<Node>,
      node: instance,
    });
  }
}
