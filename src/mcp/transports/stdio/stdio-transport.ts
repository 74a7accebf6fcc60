import type { Readable, Writable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ChangeBus, ServerStatus, type Principal } from '../../../core/index.js';
import { McpDispatcher } from '../../dispatcher.js';
import { Eras } from '../../eras/eras.js';
import { RefusedRequests } from '../../limits/refused-requests.js';
import { SlowClients } from '../../limits/slow-clients.js';
import { McpOptions } from '../../mcp.options.js';
import { ProtocolErrorCode, errorReply } from '../../wire.js';
import { textHasAtMostNodes } from '../../message-nodes.js';
import { Connection } from '../connection.js';
import { LineReader } from './line-reader.js';

/** The pipe to a client, from the server's side. */
export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
  /** Who the client is, by the credential in this process's environment; nobody by default. */
  readonly principal?: Principal | undefined;
}

/**
 * MCP over a pipe (S/basic/transports/stdio): one JSON message a line, in either era.
 *
 * A line that is too long or is no JSON is refused and the connection lives on. While the client does not read, no
 * more of its lines are read.
 */
@Injectable()
export class StdioTransport {
  constructor(
    private readonly dispatcher: McpDispatcher,
    private readonly eras: Eras,
    private readonly status: ServerStatus,
    private readonly changes: ChangeBus,
    private readonly options: McpOptions,
    private readonly slow: SlowClients,
    private readonly refused: RefusedRequests,
  ) {}

  /** Serves until the client closes its end, and what it asked for until then is answered and written. */
  async serve({ input, output, principal }: StdioStreams): Promise<void> {
    const send = (message: string, expendable = false): void => {
      if (expendable && this.slow.isBehind(output)) return this.slow.dropped();
      if (output.write(`${message}\n`) || input.isPaused()) return;
      input.pause();
      output.once('drain', () => input.resume());
    };
    const { dispatcher, eras, status, changes } = this;
    const connection = new Connection({ dispatcher, eras, status, changes, principal, send });
    const reader = new LineReader(this.options.maxMessageSize, {
      line: (text) => {
        if (textHasAtMostNodes(text, this.options.maxMessageNodes)) receive(connection, text, send);
        else send(this.#tooMany());
      },
      notUtf8: () => send(parseError('the line is not valid UTF-8')),
      tooLong: () => {
        this.refused.count('message_size');
        send(tooLong(this.options.maxMessageSize));
      },
    });
    this.status.listens('stdio', 'stdin and stdout');
    await new Promise<void>((resolve) => {
      input.on('data', (chunk: Buffer) => reader.push(chunk));
      input.once('end', resolve);
      input.once('close', resolve);
      input.once('error', resolve);
      output.once('error', () => resolve());
    });
    connection.ended();
    if (output.writable) await connection.idle();
    connection.close();
    await flushed(output);
  }

  #tooMany(): string {
    this.refused.count('message_nodes');
    const message = `The message has more than ${this.options.maxMessageNodes} values and names (server.maxMessageNodes) and was skipped.`;
    return errorReply(null, 413, ProtocolErrorCode.InvalidRequest, message).body;
  }
}

/** Resolves when everything has been taken, or nothing will be any more. */
function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (output.writable && output.writableLength > 0) output.write('', () => resolve());
    else resolve();
  });
}

function receive(connection: Connection, text: string, send: (message: string) => void): void {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return send(parseError('the line is not valid JSON'));
  }
  connection.receive(message);
}

function parseError(problem: string): string {
  return errorReply(null, 400, ProtocolErrorCode.ParseError, `Parse error: ${problem}`).body;
}

function tooLong(maxBytes: number): string {
  const message = `The message is larger than ${maxBytes} bytes (server.maxMessageSize) and was skipped.`;
  return errorReply(null, 413, ProtocolErrorCode.InvalidRequest, message).body;
}
