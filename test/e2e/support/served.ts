import { afterAll, beforeAll } from 'vitest';
import type { McpServerOptions } from '../../../src/index.js';
import { toolCall } from './envelope.js';
import { startHost, type Host, type HostName } from './hosts.js';
import { send } from './raw-http.js';

/** A fixture over HTTP for a group of tests: listening before them, closed after them. */
export class Served {
  #host: Host | undefined;

  constructor(name: HostName, options: McpServerOptions = {}) {
    beforeAll(async () => {
      this.#host = await startHost(name, options);
    });
    afterAll(() => this.#host?.close());
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error('The host is started in beforeAll.');
    return this.#host;
  }

  /** The endpoint. */
  get url(): string {
    const { endpoint } = this.host;
    if (endpoint.kind !== 'http') throw new Error('The host is not served over HTTP.');
    return endpoint.url;
  }

  /** Calls a tool as a client of 2026-07-28 does; resolves with the text that it answers. */
  async text(tool: string, args: object = {}): Promise<string> {
    const { json } = await send(this.url, toolCall(tool, args));
    const [block] = (json.result?.['content'] ?? []) as readonly { readonly text?: string }[];
    return block?.text ?? '';
  }
}
