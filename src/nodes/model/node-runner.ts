import { Injectable, Logger } from '@nestjs/common';
import { InvalidArgumentsError, Telemetry, Tracer, type Call, type Fault, type SpanOptions } from '../../core/index.js';
import { nodeLog } from './node-log.js';
import type { NodeContext } from './node.js';
import { NodeEgress } from './node-egress.js';
import { NodeFiles } from './node-files.js';
import { NodeSecrets } from './node-secrets.js';
import type { NodeType } from './node-type.js';

/** How a node is run. */
export interface NodeRunOptions {
  /** The call in whose course it runs. */
  readonly call: Call;
  /** @default the name of the call */
  readonly nodeId?: string | undefined;
  /** @default the id of the call and the node's */
  readonly idempotencyKey?: string | undefined;
  /** For nodes with open inputs. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the node's own schema has passed the parameters already. @default false */
  readonly checked?: boolean | undefined;
}

const NOTHING: Readonly<Record<string, unknown>> = {};
const SPAN: SpanOptions = { kind: 'internal' };

/** Runs nodes: parameters checked before, the output after, the time taken. */
@Injectable()
export class NodeRunner {
  readonly #logger = new Logger('Nodes');
  readonly #durations;
  readonly #series = new WeakMap<NodeType, { observe(value: number): void }>();

  constructor(
    private readonly secrets: NodeSecrets,
    telemetry: Telemetry,
    private readonly tracer: Tracer,
    private readonly files: NodeFiles,
    private readonly egress: NodeEgress,
  ) {
    this.#durations = telemetry.histogram({
      name: 'rookery_node_duration_seconds',
      help: 'How long runs of nodes took, by type, failed ones included.',
      labels: ['node'],
    });
  }

  /** @throws InvalidArgumentsError naming node and parameters, and whatever the node throws */
  async run(type: NodeType, parameters: unknown, options: NodeRunOptions): Promise<unknown> {
    const given = options.checked === true ? parameters : await this.#parse(type, parameters);
    const started = performance.now();
    try {
      return await this.tracer.span(`node ${type.type}`, SPAN, async (span) => {
        span.set({ 'rookery.node.type': type.type, 'rookery.node.id': options.nodeId ?? options.call.name });
        return checkedOutput(type, await type.node.run(given, this.#context(type, options)));
      });
    } finally {
      this.#observed(type).observe((performance.now() - started) / 1000);
    }
  }

  /** Checks parameters without running anything. @returns every fault; none when they are right */
  async faultsOf(type: NodeType, parameters: unknown): Promise<readonly Fault[]> {
    const parsed = await type.parameters.parse(parameters);
    return parsed.ok ? [] : parsed.faults;
  }

  async #parse(type: NodeType, parameters: unknown): Promise<unknown> {
    const parsed = await type.parameters.parse(parameters);
    if (parsed.ok) return parsed.value;
    throw new InvalidArgumentsError(parsed.faults, `parameters of ${type.type}`);
  }

  #context(
    { type }: NodeType,
    { call, nodeId = call.name, idempotencyKey, inputs = NOTHING }: NodeRunOptions,
  ): NodeContext {
    const quiet = isCached(call);
    const logger = this.#logger;
    return {
      nodeId,
      call,
      principal: call.principal,
      get signal() {
        return call.signal;
      },
      get idempotencyKey() {
        return idempotencyKey ?? `${call.id}/${nodeId}`;
      },
      inputs,
      files: this.files.roots,
      egress: this.egress,
      secret: (name) => this.secrets.get(name),
      get logger() {
        return nodeLog(logger, type, nodeId, call);
      },
      progress: (progress, total, message) => {
        if (!quiet) call.progress(progress, total, message);
      },
      log: (level, data) => {
        if (!quiet) call.log(level, data, nodeId);
      },
    };
  }

  #observed(type: NodeType): { observe(value: number): void } {
    let series = this.#series.get(type);
    if (series === undefined) this.#series.set(type, (series = this.#durations.bind({ node: type.type })));
    return series;
  }
}

/** What a call says on its way would be missing from a cached answer, so the cache keeps no call that says anything. */
function isCached({ targetIfFound }: Call): boolean {
  const { cacheTtl, cacheKey } = (targetIfFound?.policy ?? {}) as { cacheTtl?: unknown; cacheKey?: unknown };
  return cacheTtl !== 0 && (cacheTtl !== undefined || cacheKey !== undefined);
}

/** An output that breaks the node's schema is the node's fault, not the caller's; its value stays inside. */
async function checkedOutput({ type, output: schema }: NodeType, output: unknown): Promise<unknown> {
  if (schema === undefined) return output;
  const parsed = await schema.parse(output);
  if (parsed.ok) return parsed.value;
  const faults = parsed.faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new Error(`${type} returned what its output schema refuses: ${faults}`);
}
