import {
  BadRequestException,
  Catch,
  ForbiddenException,
  HttpException,
  Injectable,
  UseFilters,
  UseGuards,
  type CanActivate,
  type ExceptionFilter,
} from '@nestjs/common';
import { of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { McpPrompt, McpResource, McpTool, ToolError } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const guard = (canActivate: CanActivate['canActivate']): CanActivate => ({ canActivate });
const no = guard(() => false);
const reasoned = guard(() => {
  throw new ForbiddenException('Ask Ann first.');
});

@Catch(HttpException)
class Polite implements ExceptionFilter {
  catch({ message }: HttpException): string {
    return `politely: ${message}`;
  }
}

@Catch(HttpException)
class Renaming implements ExceptionFilter {
  catch(): never {
    throw new BadRequestException('renamed');
  }
}

@Catch(ToolError)
class Selective implements ExceptionFilter {
  catch(): string {
    return 'answered for a tool error';
  }
}

let runs = 0;
const run = (): string => `ran ${++runs}`;
const outputSchema = z.object({ total: z.number() });

@Injectable()
class Guarded {
  @UseGuards(no)
  @McpTool({ description: 'Refused.', inputSchema: z.object({ count: z.number() }) })
  plain(): string {
    return run();
  }

  @UseGuards(guard(() => Promise.resolve(false)))
  @McpTool({ description: 'Refused later.' })
  later(): string {
    return run();
  }

  @UseGuards(guard(() => of(false)))
  @McpTool({ description: 'Refused by an observable.' })
  observed(): string {
    return run();
  }

  @UseGuards(reasoned)
  @McpTool({ description: 'Refused with a reason.' })
  reasoned(): string {
    return run();
  }

  @UseGuards(guard(() => Promise.reject(new Error('ldap://secret is down'))))
  @McpTool({ description: 'Behind a broken guard.' })
  broken(): string {
    return run();
  }

  @UseGuards(guard(() => true), guard(() => of(true)), no, guard(() => expect.unreachable()))
  @McpTool({ description: 'Refused by the third.' })
  third(): string {
    return run();
  }

  @UseGuards(reasoned)
  @UseFilters(Polite)
  @McpTool({ description: 'Refused politely.' })
  polite(): string {
    return run();
  }

  @UseGuards(reasoned)
  @UseFilters(Polite)
  @McpTool({ description: 'Refused with what is no output.', outputSchema })
  misfit(): unknown {
    return run();
  }

  @UseGuards(reasoned)
  @UseFilters(Renaming)
  @McpTool({ description: 'Refused by another name.' })
  renamed(): string {
    return run();
  }

  @UseGuards(reasoned)
  @UseFilters(Selective)
  @McpTool({ description: 'Refused past a filter.' })
  past(): string {
    return run();
  }

  @UseFilters(Selective)
  @McpTool({ description: 'Fails in front of a filter.' })
  fail(): never {
    throw new ToolError('no such city');
  }

  @UseGuards(no)
  @McpResource({ description: 'Refused.', uri: 'guarded://one' })
  resource(): string {
    return run();
  }

  @UseGuards(no)
  @McpPrompt({ description: 'Refused.' })
  prompt(): string {
    return run();
  }
}

describe.each(['memory', 'http'] as const)('a guard of a team, over %s', (transport) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer({ providers: [Guarded], transport });
  });
  afterAll(() => server.close());

  /** What a tool answers, and how often anything behind a guard has run meanwhile. */
  async function answerOf(name: string, args: object = {}): Promise<object> {
    const before = runs;
    const { isError = false, content, _meta } = await server.client.callTool({ name, arguments: { ...args } });
    const [block] = content;
    const text = block?.type === 'text' ? block.text : undefined;
    return { isError, text, code: _meta?.['rookery/code'], runs: runs - before };
  }

  it.each(['plain', 'later', 'observed', 'third'])('[S10] that refuses makes a call forbidden: %s', async (name) => {
    expect(await answerOf(name)).toMatchObject({ isError: true, code: 'forbidden', runs: 0 });
  });

  it('[S10] decides before the arguments are judged', async () => {
    expect(await answerOf('plain', { count: 'many' })).toMatchObject({ code: 'forbidden', runs: 0 });
  });

  it('[S10] may say why', async () => {
    expect(await answerOf('reasoned')).toEqual({ isError: true, text: 'Ask Ann first.', code: 'forbidden', runs: 0 });
  });

  it('[S7, S10] that breaks lets nobody through and tells nothing', async () => {
    const answer = await answerOf('broken');
    expect(answer).toMatchObject({ isError: true, code: 'internal', runs: 0 });
    expect(JSON.stringify(answer)).not.toContain('ldap');
  });

  it('[S10] may be answered for by a filter', async () => {
    expect(await answerOf('polite')).toMatchObject({ isError: false, text: 'politely: Ask Ann first.', runs: 0 });
  });

  it('[S5] is not answered for by what breaks the output schema', async () => {
    expect(await answerOf('misfit')).toMatchObject({ isError: true, code: 'internal', runs: 0 });
  });

  it('[S10] is told by another name where a filter throws', async () => {
    expect(await answerOf('renamed')).toMatchObject({
      isError: true,
      text: 'renamed',
      code: 'invalid_arguments',
      runs: 0,
    });
  });

  it('[S10] is left alone by a filter of other exceptions', async () => {
    expect(await answerOf('past')).toMatchObject({ isError: true, code: 'forbidden', runs: 0 });
    expect(await answerOf('fail')).toMatchObject({ isError: false, text: 'answered for a tool error' });
  });

  it.each<[string, (server: TestServer) => Promise<unknown>]>([
    ['resource', ({ client }) => client.readResource({ uri: 'guarded://one' })],
    ['prompt', ({ client }) => client.getPrompt({ name: 'prompt' })],
  ])('[S10] refuses a %s with an error', async (_what, call) => {
    const before = runs;
    await expect(call(server)).rejects.toMatchObject({ code: 403, data: { code: 'forbidden' } });
    expect(runs).toBe(before);
  });
});
