import { describe, expect, it } from 'vitest';
import { InMemoryChangeBus, type ServerChange } from './change-bus.js';

describe('InMemoryChangeBus', () => {
  it('carries a change to everybody who listens, until they stop', () => {
    const bus = new InMemoryChangeBus();
    const heard: (readonly [string, ServerChange])[] = [];
    const stop = bus.subscribe((change) => void heard.push(['one', change]));
    bus.subscribe((change) => void heard.push(['two', change]));
    bus.publish({ kind: 'tools' });
    stop();
    bus.publish({ kind: 'resource', uri: 'note://1' });
    expect(heard).toEqual([
      ['one', { kind: 'tools' }],
      ['two', { kind: 'tools' }],
      ['two', { kind: 'resource', uri: 'note://1' }],
    ]);
  });
});
