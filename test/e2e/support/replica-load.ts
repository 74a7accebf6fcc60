import { Agent, request } from 'node:http';

/** What became of the calls of a load, each known by its number. */
export interface LoadReport {
  /** Answered with their result. */
  readonly answered: ReadonlySet<number>;
  /** Told to go elsewhere. */
  readonly refused: ReadonlySet<number>;
  /** Whose connection ended without an answer, or never began. */
  readonly unanswered: ReadonlySet<number>;
  /** Answers that are none of these. */
  readonly strange: readonly string[];
}

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Calls `analyze_data` on so many connections, each one call after another, until it is stopped or cannot go on. */
export class CallLoad {
  readonly #answered = new Set<number>();
  readonly #refused = new Set<number>();
  readonly #unanswered = new Set<number>();
  readonly #strange: string[] = [];
  readonly #workers: Promise<void>[];
  #next = 0;

  constructor(
    private readonly url: string,
    private readonly key: string,
    connections: number,
  ) {
    this.#workers = Array.from({ length: connections }, () => this.#work());
  }

  /** Calls answered so far. */
  get answers(): number {
    return this.#answered.size;
  }

  /** Resolves when every connection has ended: the server is gone. */
  async ended(): Promise<LoadReport> {
    await Promise.all(this.#workers);
    return {
      answered: this.#answered,
      refused: this.#refused,
      unanswered: this.#unanswered,
      strange: this.#strange,
    };
  }

  async #work(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      const number = this.#next++;
      const answer = await this.#call(number, agent).catch(() => undefined);
      if (answer === undefined) {
        this.#unanswered.add(number);
        break;
      }
      if (answer.status === 503 || answer.text.includes('"rookery/code":"overloaded"')) this.#refused.add(number);
      else if (answer.status === 200 && answer.text.includes('"structuredContent"')) this.#answered.add(number);
      else this.#strange.push(`${answer.status} ${answer.text}`);
    }
    agent.destroy();
  }

  #call(number: number, agent: Agent): Promise<Answer> {
    // Some take a while, so that the end meets them at work.
    const size = number % 10 === 0 ? 3_000 : 8;
    const data = [number, ...Array.from({ length: size }, (_, index) => (index * 7) % 10)];
    const params = { name: 'analyze_data', arguments: { data, analysis_type: 'correlation' }, _meta: ENVELOPE };
    const body = JSON.stringify({ jsonrpc: '2.0', id: number, method: 'tools/call', params });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${this.key}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'analyze_data',
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(this.url, { method: 'POST', headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
