import 'reflect-metadata';
import { setTimeout as after } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, McpTransportAdapter, RookeryLogger, RookeryServer, createServer } from '../../../src/index.js';
import { AuthModule } from '../../../src/auth/index.js';
import { reserveStdout } from '../../../src/mcp/index.js';

/** What somebody else wrote: it knows nothing of calls. */
class Library {
  readonly #logger = new Logger('Library');

  async work(): Promise<void> {
    await after(5);
    this.#logger.log('deep inside');
  }
}

@Injectable()
class LoggingTools {
  readonly #logger = new Logger('Team');
  readonly #library = new Library();

  constructor(private readonly server: RookeryServer) {}

  @McpTool({ description: 'Logs before and after it waits.', inputSchema: z.object({ secret: z.string() }) })
  async chatter(): Promise<string> {
    this.#logger.log({ msg: 'begun', password: 'hunter2' });
    await this.#library.work();
    return 'hunter2-result';
  }

  @McpTool({ description: 'Fails inside.', inputSchema: z.object({ secret: z.string() }) })
  broken(): never {
    throw new Error('no database: postgres://app:hunter2@db/app');
  }

  @McpTool({ description: 'Logs what it should not.', inputSchema: z.object({ lines: z.int(), size: z.int() }) })
  flood({ lines, size }: { lines: number; size: number }): string {
    for (let line = 0; line < lines; line++) this.#logger.warn('x'.repeat(size));
    return 'flooded';
  }

  @McpTool({ description: 'Logs a text as it comes.', inputSchema: z.object({ text: z.string() }) })
  say({ text }: { text: string }): string {
    this.#logger.log(text);
    return 'said';
  }

  @McpTool({ description: 'Answers with a long text.', inputSchema: z.object({ size: z.int() }) })
  fill({ size }: { size: number }): string {
    return 'x'.repeat(size);
  }

  @McpTool({ description: 'Tells how many lines were written and lost, and how much memory is used.' })
  counts(): Record<string, number> {
    const lines = this.server
      .getMetrics()
      .filter(({ name }) => name.startsWith('rookery_log_'))
      .map(({ name, labels, value }) => [`${name} ${Object.values(labels).join()}`, value] as const);
    return { ...Object.fromEntries(lines), rss: process.memoryUsage().rss };
  }
}

/** A server that logs, over HTTP with keys, or over stdio where `TRANSPORT` says so; `FORMAT` is how lines look. */
const { TRANSPORT, FORMAT } = process.env;
const stdio = TRANSPORT === 'stdio';
const output = stdio ? reserveStdout() : undefined;
const secrets = Object.fromEntries(['ann', 'bob'].map((id) => [id, { secret: `rk_${id}_aHVudGVyMg_aHVudGVyMg` }]));
const { app, start } = await createServer({
  port: 0,
  logger: new RookeryLogger({ level: 'info', format: FORMAT === 'pretty' ? 'pretty' : 'json' }),
  imports: stdio ? [] : [AuthModule.forRoot({ apiKeys: secrets })],
  providers: [LoggingTools],
});
new Logger('Main').log('outside of calls');
if (output === undefined) console.log(`listening on ${await start()}`);
else {
  await app.get(McpTransportAdapter).serveStdio({ input: process.stdin, output });
  await app.close();
}
