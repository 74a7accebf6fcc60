import { Injectable, Logger } from '@nestjs/common';
import { isFailure, type Call, type JsonSchema, type MaybePromise, type Outcome } from '../../core/index.js';
import { ToolRegistry, type ToolTarget } from '../../tools/index.js';
import { CallRunner, inputRequired } from '../call-runner.js';
import type { Era, ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import { taskMembers, type TaskRecord } from '../extensions/tasks/task.js';
import { ListPages, type Listing } from '../list-pages.js';
import type { Method, MethodGroup } from '../method.js';
import { servedToolResult } from '../tool-result.js';
import { concernsRequest, failedToolResult, valueOf } from '../wire-map.js';
import { optionalObject, requireString, type Params } from '../wire.js';

/** `tools/list` and `tools/call`. */
@Injectable()
export class ToolMethods implements MethodGroup {
  readonly capabilities = { tools: { listChanged: true } };
  readonly methods: readonly Method[] = [
    {
      name: 'tools/list',
      traced: true,
      handle: (params, exchange) => this.pages.page(this.#listing, params, exchange),
    },
    { name: 'tools/call', targeted: true, handle: (params, exchange) => this.#call(params, exchange) },
  ];
  readonly #listing: Listing<ToolTarget>;
  readonly #logger = new Logger('Tools');

  constructor(
    private readonly runner: CallRunner,
    private readonly pages: ListPages,
    registry: ToolRegistry,
  ) {
    this.#listing = { member: 'tools', registry, describe: describeTool };
  }

  #call(params: Params, exchange: Exchange): MaybePromise<ResultParts> {
    const init = {
      kind: 'tool',
      name: requireString(params, 'name'),
      input: optionalObject(params, 'arguments'),
    } as const;
    return this.runner.run(init, params, exchange, (call, outcome) => this.#resultOf(outcome, call, exchange.era));
  }

  /** An unknown tool or a missing credential is an error of the request; other failures are for the model to read. */
  #resultOf(outcome: Outcome, call: Call, era: Era): ResultParts {
    if (outcome.code === 'input_required') return inputRequired(outcome.value);
    if (outcome.code === 'task') return { type: 'task', members: taskMembers(outcome.value as TaskRecord, false) };
    if (isFailure(outcome) && outcome.code !== 'unknown' && !concernsRequest(outcome.error)) {
      return failedToolResult(outcome.error);
    }
    return servedToolResult(valueOf(outcome), call, era, this.#logger);
  }
}

function describeTool({ name, options, input, output }: ToolTarget, { era }: Exchange): object {
  const { title, description, annotations, icons, ui } = options;
  const _meta = ui === undefined ? options._meta : { ...options._meta, ui };
  const outputSchema = output && (era.structuredContentIsObject ? wrapped(output.jsonSchema) : output.jsonSchema);
  return { name, title, description, icons, inputSchema: input.jsonSchema, outputSchema, annotations, _meta };
}

/** Before 2026 structured content is an object, so a result of another type is listed and sent as its `result`. */
function wrapped(schema: JsonSchema): JsonSchema {
  if (schema['type'] === 'object') return schema;
  return { type: 'object', properties: { result: schema }, required: ['result'] };
}
