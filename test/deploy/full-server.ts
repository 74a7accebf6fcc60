import { Injectable } from '@nestjs/common';
import { AdaptersModule, RedisLimitStore } from '../../src/adapters/index.js';
import {
  AuditModule,
  AuthModule,
  LLMAgentNode,
  McpPrompt,
  McpResource,
  McpTool,
  MonitoringModule,
  NodeTools,
  NodesModule,
  PermissionsModule,
  ResilienceModule,
  ToolCacheModule,
  ToolError,
  createServer,
  type StandaloneServer,
} from '../../src/index.js';

/** The key of who calls. */
export const KEY = 'rk_caller_c29tZWJvZHkgd2hvIGNhbGxz';

@Injectable()
class Parts {
  @McpTool({ description: 'Answers', cacheTtl: 60 })
  answer(): string {
    return 'yes';
  }

  @McpTool({ description: 'Cannot' })
  fail(): never {
    throw new ToolError('There is none.');
  }

  @McpTool({ description: 'Breaks', breaker: { failureThreshold: 1 } })
  broken(): never {
    throw new Error('broken inside');
  }

  @McpTool({ description: 'Is asked too often', rateLimit: 1, maxConcurrency: 1 })
  rare(): string {
    return 'once';
  }

  @McpPrompt({ description: 'Says' })
  say(): string {
    return 'Say.';
  }

  @McpResource({ uri: 'part://one', description: 'One' })
  one(): string {
    return '1';
  }
}

/** What a full server stands on. */
export interface FullServerParts {
  /** Where its files go. */
  readonly home: string;
  readonly redisUrl: string;
  /** Of Ollama. */
  readonly llmOrigin: string;
}

/** Makes a server with every part that has metrics; its tool `ask` is the node of agents. */
export async function makeFullServer({ home, redisUrl, llmOrigin }: FullServerParts): Promise<StandaloneServer> {
  const standalone = await createServer({
    port: 0,
    logger: false,
    imports: [
      AdaptersModule.forRoot({ redis: { url: redisUrl }, store: { url: `file:${home}/store.db` } }),
      AuthModule.forRoot({ apiKeys: { caller: { secret: KEY } } }),
      PermissionsModule.forRoot({ authRequired: true }),
      AuditModule.forRoot({ sinks: [{ type: 'file', path: `${home}/audit.jsonl` }] }),
      ResilienceModule.forRoot({
        rateLimit: { requestsPerMinute: 1_000 },
        limitStore: { useFactory: (store: RedisLimitStore) => store, inject: [RedisLimitStore] },
      }),
      ToolCacheModule.forRoot({}),
      MonitoringModule.forRoot({ metrics: { exportPort: 0 } }),
      NodesModule.forRoot({
        ai: {
          providers: { ollama: { type: 'ollama', baseUrl: llmOrigin } },
          prices: { 'ollama:*': { input: 1, output: 2 } },
        },
      }),
    ],
    providers: [Parts],
  });
  await standalone.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'ask');
  return standalone;
}
