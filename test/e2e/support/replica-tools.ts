import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, RookeryServer, ToolError, type Call } from '../../../src/index.js';

/** What this process is called. */
export abstract class ReplicaLabel {
  abstract readonly label: string;
}

const COLOR = z.object({ color: z.string() });

/** What one of several processes serves; every answer says which process gave it. */
@Injectable()
export class ReplicaTools {
  readonly #aborted: string[] = [];

  constructor(
    private readonly replica: ReplicaLabel,
    private readonly server: RookeryServer,
  ) {}

  @McpTool({ description: 'Which process this is.' })
  where(): string {
    return this.replica.label;
  }

  @McpTool({ description: 'May be called 20 times a minute.', rateLimit: 20 })
  limited(): string {
    return this.replica.label;
  }

  @McpTool({ description: 'Asks twice, and has an effect before each question.' })
  async paint(_input: object, call: Call): Promise<object> {
    const primed = await call.once('prime', () => this.replica.label);
    const wall = await call.elicit({ key: 'wall', message: 'Which color has the wall?', schema: COLOR });
    const mixed = await call.once('mix', () => this.replica.label);
    const door = await call.elicit({ key: 'door', message: 'Which color has the door?', schema: COLOR });
    if (wall.action !== 'accept' || door.action !== 'accept') throw new ToolError('Nothing was painted.');
    return { primed, mixed, painted: this.replica.label, wall: wall.content.color, door: door.content.color };
  }

  @McpTool({ description: 'Sends the user to a page.' })
  async consent(_input: object, call: Call): Promise<string> {
    const { action } = await call.elicitUrl({
      key: 'page',
      message: 'Please agree.',
      url: 'https://example.com/agree',
    });
    return action;
  }

  @McpTool({ description: 'Asks two things as a task.', task: 'required', timeoutMs: 0 })
  async survey(_input: object, call: Call): Promise<object> {
    call.progress(1, 2, `asked by ${this.replica.label}`);
    const answers = await Promise.all([
      call.elicit({ key: 'first', message: 'The first color?', schema: COLOR }),
      call.elicit({ key: 'second', message: 'The second color?', schema: COLOR }),
    ]);
    const colors = answers.map((answer) => (answer.action === 'accept' ? answer.content.color : 'none'));
    return { colors, by: this.replica.label };
  }

  @McpTool({
    description: 'Runs until it is cancelled.',
    inputSchema: z.object({ key: z.string() }),
    task: 'required',
    timeoutMs: 0,
  })
  async endless({ key }: { readonly key: string }, call: Call): Promise<never> {
    call.progress(1, 2, this.replica.label);
    if (!call.signal.aborted) await once(call.signal, 'abort');
    this.#aborted.push(key);
    throw call.signal.reason;
  }

  @McpTool({
    description: 'Takes so many milliseconds.',
    inputSchema: z.object({ ms: z.int() }),
    task: 'required',
    timeoutMs: 0,
  })
  async nap({ ms }: { readonly ms: number }, { signal }: Call): Promise<string> {
    await delay(ms, undefined, { signal });
    return this.replica.label;
  }

  @McpTool({ description: 'The tasks of this process whose handlers were told to stop.' })
  aborted(): readonly string[] {
    return this.#aborted;
  }

  @McpTool({ description: 'Registers a tool in this process.', inputSchema: z.object({ name: z.string() }) })
  async learn({ name }: { readonly name: string }): Promise<string> {
    await this.server.registerTool({ name, description: 'Learned.' }, () => this.replica.label);
    return this.replica.label;
  }
}
