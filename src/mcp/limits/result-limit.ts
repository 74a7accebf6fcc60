import { Injectable, Logger } from '@nestjs/common';
import { ActiveCall, ToolError, type Call } from '../../core/index.js';
import type { ResultParts } from '../eras/era.js';
import { McpOptions } from '../mcp.options.js';
import { OutcomeError, failedToolResult } from '../wire-map.js';
import { RefusedRequests } from './refused-requests.js';

/** The most bytes that a character of a JavaScript string becomes in UTF-8. */
const BYTES_OF_CHARACTER = 3;

/** How large a result may be: `server.maxResultSize`. A larger one is replaced by an error that says so. */
@Injectable()
export class ResultLimit {
  readonly #logger = new Logger('Mcp');

  constructor(
    private readonly options: McpOptions,
    private readonly refused: RefusedRequests,
    private readonly active: ActiveCall,
  ) {}

  /**
   * The result itself, or the failed result of a tool that a model can read and act on.
   *
   * @param call - whose result it is, for the log
   * @throws OutcomeError `tool_error`, where what was asked for is no tool
   */
  bounded(method: string, parts: ResultParts, call: Call | undefined): ResultParts {
    const { members, meta = '' } = parts;
    const { maxResultSize } = this.options;
    if ((members.length + meta.length) * BYTES_OF_CHARACTER <= maxResultSize) return parts;
    const bytes = Buffer.byteLength(members) + Buffer.byteLength(meta);
    return bytes <= maxResultSize ? parts : this.#refuse(method, `${bytes} bytes`, { bytes }, call);
  }

  /** The answer where a result never became a text. @throws OutcomeError where what was asked for is no tool */
  boundless(method: string, call: Call | undefined): ResultParts {
    return this.#refuse(method, 'more than half a GiB', {}, call);
  }

  #refuse(method: string, size: string, details: object, call: Call | undefined): ResultParts {
    const { maxResultSize } = this.options;
    this.refused.count('result_size');
    const msg = 'a result is larger than server.maxResultSize and was not sent';
    this.active.run({ call }, () => this.#logger.warn({ msg, method, size }));
    const error = new ToolError(
      `The result is ${size}; at most ${maxResultSize} are sent (server.maxResultSize). Ask for less of it: a filter, a range, a page.`,
      { ...details, maxResultSize },
    );
    if (method === 'tools/call') return failedToolResult(error);
    throw new OutcomeError(error);
  }
}

/** Whether an error says that a result is longer than a string can be: 512 MiB. */
export function isBoundless(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Invalid string length';
}
