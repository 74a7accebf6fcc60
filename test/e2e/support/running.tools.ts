import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, type Call, type LogLevel } from '../../../src/index.js';
import { Gates, type Moment } from './gates.js';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const key = z.object({ key: z.string() });

/** Tools that take their time: they report, they wait, they are given up. */
@Injectable()
export class RunningTools {
  #runs = 0;

  constructor(private readonly gates: Gates) {}

  @McpTool({
    description: 'Reports progress up to a number, then waits to be released.',
    inputSchema: key.extend({ to: z.int() }),
  })
  async count(input: { readonly key: string; readonly to: number }, call: Call): Promise<string> {
    const { to } = input;
    for (let step = 1; step <= to; step++) {
      call.progress(step, to, `step ${step}`);
      // Going back is against the protocol, so it must not reach the client.
      call.progress(step - 1, to, 'again');
      await nextTurn();
    }
    // Both clients drop a report that arrives in one piece with the answer: the answer waits for them.
    await this.gates.reached(input.key, 'released');
    return `counted to ${to}`;
  }

  @McpTool({ description: 'Logs once at every level.' })
  logEverything(_input: object, call: Call): string {
    for (const level of LEVELS) call.log(level, { text: `at ${level}` }, 'fixture');
    return 'logged';
  }

  @McpTool({ description: 'Waits until it is released or given up.', inputSchema: key })
  async hold(input: z.output<typeof key>, call: Call): Promise<string> {
    const { signal } = call;
    signal.addEventListener('abort', () => this.gates.reach(input.key, 'aborted'), { once: true });
    this.gates.reach(input.key, 'begun');
    await Promise.race([this.gates.reached(input.key, 'released'), this.gates.reached(input.key, 'aborted')]);
    this.gates.reach(input.key, 'ended');
    return signal.aborted ? 'given up' : 'released';
  }

  @McpTool({ description: 'Lets a held call end.', inputSchema: key })
  release(input: z.output<typeof key>): void {
    this.gates.reach(input.key, 'released');
  }

  @McpTool({
    description: 'Answers when a held call has come so far.',
    inputSchema: key.extend({ moment: z.enum(['begun', 'aborted', 'released', 'ended']) }),
  })
  async awaitMoment(input: { readonly key: string; readonly moment: Moment }): Promise<string> {
    await this.gates.reached(input.key, input.moment);
    return input.moment;
  }

  @McpTool({ description: 'Whether a held call was given up.', inputSchema: key })
  wasAborted(input: z.output<typeof key>): boolean {
    return this.gates.has(input.key, 'aborted');
  }

  @McpTool({
    description: 'Counts how often it ran.',
    inputSchema: {
      type: 'object',
      properties: {
        city: { type: 'string', enum: ['Bern', 'Oslo'] },
        days: { type: 'integer', minimum: 1, maximum: 7, default: 3 },
        tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
      },
      required: ['city'],
    },
  })
  strict(input: object): object {
    this.#runs++;
    return input;
  }

  @McpTool({
    description: 'Answers whatever it is given.',
    inputSchema: { type: 'object', additionalProperties: true },
  })
  anything(input: object): object {
    return input;
  }

  @McpTool({ description: 'How often `strict` ran.' })
  strictRuns(): number {
    return this.#runs;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
