import { Inject, Injectable, Optional } from '@nestjs/common';
import { McpAuthGuard } from '../auth/index.js';
import { ServerStatus } from '../core/index.js';
import { mcpUrl } from '../config/index.js';
import { McpOptions, McpTransportAdapter } from '../mcp/index.js';
import { PermissionManager } from '../permissions/index.js';
import { RookeryServer, type ToolTarget } from '../tools/index.js';

/** A tool as the page and the banner show it. */
export interface ToolSummary {
  readonly name: string;
  readonly description: string;
}

/** What runs here, for people. */
export interface Summary {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  /** The endpoint. */
  readonly url: string;
  /** One sentence on who may call. */
  readonly protection: string;
  readonly tools: readonly ToolSummary[];
  readonly resources: number;
  readonly prompts: number;
  /** A shell command that gets a real answer. */
  readonly curl: string;
}

/** The tool that the example calls, with arguments that it answers; else the list of tools. */
const EXAMPLE = { tool: 'analyze_data', arguments: { data: [1, 2, 3, 5, 8], analysis_type: 'statistical' } };

/** Describes the running server. */
@Injectable()
export class ServerSummary {
  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    private readonly server: RookeryServer,
    private readonly wire: McpTransportAdapter,
    @Optional() @Inject(McpAuthGuard) private readonly guard?: McpAuthGuard,
    @Optional() @Inject(PermissionManager) private readonly permissions?: PermissionManager,
  ) {}

  /** What whoever started the server should know. */
  describe(): Summary {
    return this.#describe(this.server.tools);
  }

  /** What anybody who reaches the server may know: nothing that is not public. */
  describeToAnybody(): Summary {
    const visibility = this.permissions?.visibleTo(undefined);
    const shown = this.server.tools.filter(
      (tool) => (visibility?.sees(tool) ?? true) && (!this.#authenticates || tool.policy.requiresAuth === false),
    );
    const summary = this.#describe(shown);
    return this.#authenticates ? { ...summary, resources: 0, prompts: 0 } : summary;
  }

  get #authenticates(): boolean {
    return this.guard?.required ?? false;
  }

  #describe(tools: readonly ToolTarget[]): Summary {
    const { name, version, description } = this.status.identity;
    const url = this.status.listening.get('http') ?? mcpUrl(this.options);
    return {
      name,
      version,
      description,
      url,
      protection: this.#authenticates
        ? 'Callers need an API key or an access token.'
        : 'Callers are not authenticated; only programs on this machine are served.',
      tools: tools.map(({ name: tool, options }) => ({ name: tool, description: firstSentence(options.description) })),
      resources: this.server.resources.length,
      prompts: this.server.prompts.length,
      curl: this.wire.stateless ? curlLine(url, tools, this.#authenticates) : `npx rookery tools --url ${url}`,
    };
  }
}

function curlLine(url: string, tools: readonly ToolTarget[], authenticates: boolean): string {
  const hasExample = tools.some(({ name }) => name === EXAMPLE.tool);
  const method = hasExample ? 'tools/call' : 'tools/list';
  const params = {
    ...(hasExample && { name: EXAMPLE.tool, arguments: EXAMPLE.arguments }),
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  const headers = [
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'mcp-protocol-version: 2026-07-28',
    `mcp-method: ${method}`,
    ...(hasExample ? [`mcp-name: ${EXAMPLE.tool}`] : []),
  ];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const credential = authenticates ? ['-H "authorization: Bearer $ROOKERY_API_KEY"'] : [];
  return ['curl -s', url, ...credential, ...headers.map((header) => `-H '${header}'`), `-d '${body}'`].join(' ');
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
