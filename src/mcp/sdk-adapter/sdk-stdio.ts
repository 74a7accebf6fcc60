import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ServerStatus } from '../../core/index.js';
import { McpOptions } from '../mcp.options.js';
import type { StdioStreams } from '../transports/stdio/stdio-transport.js';
import { Sdk } from './sdk.js';
import { SdkClients } from './sdk-clients.js';

/** Stdio by the SDK's transport. It ends at a line that is too long, and passes over one that is no message. */
@Injectable()
export class SdkStdio {
  constructor(
    private readonly sdk: Sdk,
    private readonly clients: SdkClients,
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
  ) {}

  /** Serves until the client closes its end, and what it asked for until then is answered. */
  async serve({ input, output, principal }: StdioStreams): Promise<void> {
    const client = this.clients.create(principal);
    const transport = new this.sdk.StdioTransport(input, output, { maxBufferSize: this.options.maxMessageSize });
    const finished = this.status.connected();
    client.onReady(() => client.listen());
    await new Promise<void>((resolve, reject) => {
      input.once('end', resolve);
      input.once('close', resolve);
      input.once('error', resolve);
      output.once('error', () => resolve());
      this.status.listens('stdio', 'stdin and stdout');
      client.connect(transport, resolve).catch(reject);
    });
    // What came last is begun in this turn, and what is answered is sent in the turn of its answer.
    await nextTurn();
    if (output.writable) await client.idle();
    await nextTurn();
    await client.close();
    finished();
  }
}
