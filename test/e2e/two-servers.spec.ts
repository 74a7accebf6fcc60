import { Injectable, type CanActivate } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { McpTool, type CallObserver, CallObservers } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

@Injectable()
class Tools {
  #calls = 0;

  @McpTool({ description: 'Counts its calls.' })
  count(): number {
    return ++this.#calls;
  }
}

class Guard implements CanActivate {
  static allowed = new Map<string, boolean>();
  constructor(readonly server: string) {}
  canActivate(): boolean {
    return Guard.allowed.get(this.server) ?? true;
  }
}

const serverOf = (name: string): Promise<TestServer> =>
  createTestServer({ providers: [Tools], server: { name, guards: [new Guard(name)] } });

const countOf = async ({ client }: TestServer): Promise<unknown> =>
  (await client.callTool({ name: 'count' })).content.map((block) => block.type === 'text' && block.text).join();

describe('two servers in one process', () => {
  it('share neither state nor enhancers, metrics, tools or observers', async () => {
    const [one, two] = [await serverOf('one'), await serverOf('two')];
    const ended: string[] = [];
    const observer: CallObserver = { end: (call) => void ended.push(call.name) };
    one.app.get(CallObservers).add(observer);
    await one.server.registerTool({ name: 'extra', description: 'Is on one only.' }, () => 'extra');

    expect([await countOf(one), await countOf(one), await countOf(two)]).toEqual(['1', '2', '1']);
    expect([one, two].map(({ server }) => server.tools.map(({ name }) => name))).toEqual([
      ['count', 'extra'],
      ['count'],
    ]);
    await expect(two.client.callTool({ name: 'extra' })).rejects.toMatchObject({ code: -32602 });

    Guard.allowed.set('one', false);
    expect([await countOf(one), await countOf(two)]).toEqual(['Forbidden', '2']);

    const calls = ({ server }: TestServer): Readonly<Record<string, number>> =>
      Object.fromEntries(
        server
          .getMetrics()
          .filter(({ name }) => name === 'rookery_calls_total')
          .map(({ labels, value }) => [`${labels['target']} ${labels['outcome']}`, value]),
      );
    expect(ended).toEqual(['count', 'count', 'count']);
    expect(calls(one)).toEqual({ 'count ok': 2, 'count forbidden': 1 });
    expect(calls(two)).toEqual({ 'count ok': 2, '_unknown unknown': 1 });
    expect([one, two].map(({ server }) => server.name)).toEqual(['one', 'two']);

    await one.close();
    expect(await countOf(two)).toBe('3');
    await two.close();
  });
});
