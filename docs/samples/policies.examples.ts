import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, ToolCache, type Call } from '../../src/index.js';

/** Stands in for a team's own client of a slow upstream. */
@Injectable()
export class Quotes {
  price(_symbol: string, _signal: AbortSignal): Promise<number> {
    return Promise.resolve(42);
  }
}

//#region policies
@Injectable()
export class QuoteTools {
  constructor(private readonly quotes: Quotes) {}

  @McpTool({
    description: 'Says what a share costs',
    inputSchema: z.object({ symbol: z.string().max(12) }),
    cacheTtl: 30, // seconds
    cacheScope: 'shared', // the price is the same for everybody
    cacheTags: ['prices'],
    rateLimit: { requestsPerMinute: 60, burstSize: 10 }, // for each caller
    breaker: { name: 'exchange', failureThreshold: 3 }, // shared by all tools that ask the exchange
    timeoutMs: 2_000,
    maxConcurrency: 20,
  })
  async price({ symbol }: { symbol: string }, call: Call): Promise<object> {
    return { symbol, price: await this.quotes.price(symbol, call.signal) };
  }
}
//#endregion

//#region invalidate
@Injectable()
export class PriceFeed {
  constructor(private readonly cache: ToolCache) {}

  async pricesChanged(): Promise<void> {
    await this.cache.invalidate({ tags: ['prices'] });
  }
}
//#endregion
