import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { McpTool, type Call } from '../../../src/index.js';
import { DEADLINES, EXACT_LIMIT, HANGING_AT_ONCE } from './bounds.js';

const requiredPermissions = ['chaos:call'] as const;
/** Notifications between two turns of the event loop: a tool that floods need not block. */
const BURST = 500;
/** What a call of `leak` holds a copy of, a megabyte and a half: to copy it takes no time that others could use. */
const LEAKED: readonly number[] = Array.from({ length: 200_000 }, () => 0.5);

/** Tools that misbehave in the ways that tools do, and some that do not. */
@Injectable()
export class ChaosTools {
  #executions = 0;

  @McpTool({
    description: 'Answers at once.',
    inputSchema: z.object({ text: z.string() }),
    timeoutMs: DEADLINES.echo,
    requiredPermissions,
  })
  echo({ text }: { text: string }): string {
    return text;
  }

  @McpTool({
    description: 'Answers after a while.',
    inputSchema: z.object({ ms: z.number() }),
    timeoutMs: DEADLINES.slow,
    requiredPermissions,
  })
  async slow({ ms }: { ms: number }): Promise<string> {
    await sleep(ms);
    return 'slow';
  }

  @McpTool({
    description: 'Says how often it ran, from the cache if it can.',
    inputSchema: z.object({ key: z.string() }),
    timeoutMs: DEADLINES.cached,
    cacheTtl: 60,
    requiredPermissions,
  })
  async cached(_input: { key: string }, { id }: Call): Promise<string> {
    await sleep(1);
    return `${++this.#executions} ${id}`;
  }

  @McpTool({
    description: 'May be called so often and no more.',
    timeoutMs: DEADLINES.limited,
    rateLimit: EXACT_LIMIT,
    requiredPermissions,
  })
  limited(): string {
    return 'allowed';
  }

  @McpTool({
    description: 'Never answers, and does not listen to its signal.',
    timeoutMs: DEADLINES.hang,
    maxConcurrency: HANGING_AT_ONCE,
    breaker: { failureThreshold: 20, timeoutSeconds: 1, halfOpenMaxCalls: 1 },
    requiredPermissions,
  })
  hang(): Promise<string> {
    return new Promise(() => undefined);
  }

  @McpTool({
    description: 'Never answers, and has all the time in the world.',
    timeoutMs: DEADLINES.stuck,
    requiredPermissions,
  })
  stuck(): Promise<string> {
    return new Promise(() => undefined);
  }

  @McpTool({
    description: 'Breaks until it is told not to.',
    inputSchema: z.object({ broken: z.boolean() }),
    timeoutMs: DEADLINES.broken,
    breaker: { failureThreshold: 5, timeoutSeconds: 1, halfOpenMaxCalls: 1 },
    requiredPermissions,
  })
  broken({ broken }: { broken: boolean }): string {
    if (broken) throw new Error('secret detail of a driver');
    return 'whole';
  }

  @McpTool({
    description: 'Takes memory and never comes back.',
    timeoutMs: DEADLINES.leak,
    maxConcurrency: HANGING_AT_ONCE,
    breaker: false,
    requiredPermissions,
  })
  async leak(): Promise<number> {
    const held = LEAKED.slice();
    await new Promise(() => undefined);
    return held.length;
  }

  @McpTool({
    description: 'Answers with so many bytes.',
    inputSchema: z.object({ bytes: z.number() }),
    timeoutMs: DEADLINES.large,
    requiredPermissions,
  })
  large({ bytes }: { bytes: number }): string {
    return 'x'.repeat(bytes);
  }

  @McpTool({
    description: 'Tells its client more than it wants to know.',
    inputSchema: z.object({ messages: z.number(), as: z.enum(['progress', 'log']) }),
    timeoutMs: DEADLINES.flood,
    requiredPermissions,
  })
  async flood({ messages, as }: { messages: number; as: 'progress' | 'log' }, call: Call): Promise<string> {
    for (let sent = 1; sent <= messages; sent++) {
      if (as === 'progress') call.progress(sent, messages, 'further than before');
      else call.log('info', { sent, of: messages });
      if (sent % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return `sent ${messages}`;
  }

  @McpTool({
    description: 'Lets nobody else run.',
    inputSchema: z.object({ ms: z.number() }),
    timeoutMs: DEADLINES.block,
    requiredPermissions,
  })
  block({ ms }: { ms: number }): string {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return 'blocked';
  }
}
